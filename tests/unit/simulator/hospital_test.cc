// SPDX-License-Identifier: Apache-2.0
#include "simulator/hospital.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "simulator/observed.h"

namespace vigie::simulator {
namespace {

namespace v1 = vigie::v1;

std::string Bytes(const std::vector<Delivery>& deliveries) {
  std::string bytes;
  for (const Delivery& delivery : deliveries) {
    bytes += delivery.source_id;
    if (delivery.event.has_value()) bytes += delivery.event->SerializeAsString();
    if (delivery.watermark_ms.has_value()) bytes += std::to_string(*delivery.watermark_ms);
  }
  return bytes;
}

bool IsIdentifier(std::string_view text, bool required) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-";
  return text.size() <= 64 && (!required || !text.empty()) &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

template <typename Codes>
bool AreCodes(const Codes& codes, int least) {
  return codes.size() >= least && codes.size() <= 8 &&
         std::all_of(codes.begin(), codes.end(), [](const v1::Code& code) {
           return IsIdentifier(code.system(), false) && IsIdentifier(code.code(), true);
         });
}

// The table at the head of event.proto, for the payloads that the simulator sends. "" = obeyed.
std::string PayloadFault(const v1::Event& event) {
  switch (event.payload_case()) {
    case v1::Event::kIssued: {
      const v1::Issued& issued = event.issued();
      if (!AreCodes(issued.suggestions(), 1)) return "issued.suggestions";
      if (issued.confidence_ratio() < 0 || issued.confidence_ratio() > 1) return "confidence";
      if (!IsIdentifier(issued.patient_id(), false)) return "issued.patient_id";
      return IsIdentifier(issued.patient_group(), false) ? "" : "issued.patient_group";
    }
    case v1::Event::kSuppressedBeforeDisplay:
      return AreCodes(event.suppressed_before_display().reasons(), 0) ? "" : "reasons";
    case v1::Event::kShown:
      return IsIdentifier(event.shown().screen_version(), false) ? "" : "screen_version";
    case v1::Event::kActiveSegment:
      return event.active_segment().start_ms() > 0 && event.active_segment().length_ms() >= 0
                 ? ""
                 : "active_segment";
    case v1::Event::kEvidenceOpened:
      return event.evidence_opened().kind() != 0 && event.evidence_opened().origin() != 0
                 ? ""
                 : "evidence_opened";
    case v1::Event::kInitialJudgement:
      if (event.initial_judgement().timing() == 0) return "initial_judgement.timing";
      return AreCodes(event.initial_judgement().codes(), 1) ? "" : "initial_judgement.codes";
    case v1::Event::kEdited:
      if (event.edited().changed_permille() < 0) return "changed_permille";
      if (event.edited().changed_permille() > 1000) return "changed_permille";
      return event.edited().manner() != 0 ? "" : "edited.manner";
    case v1::Event::kDecided:
      if (event.decided().outcome() == 0) return "decided.outcome";
      if (!AreCodes(event.decided().reasons(), 0)) return "decided.reasons";
      return AreCodes(event.decided().final_codes(), 0) ? "" : "decided.final_codes";
    case v1::Event::kApplied:
      if (!AreCodes(event.applied().codes(), 0)) return "applied.codes";
      return event.applied().applied_by() != 0 ? "" : "applied.applied_by";
    case v1::Event::kTelemetryGap:
      return event.telemetry_gap().missing() != 0 ? "" : "telemetry_gap.missing";
    case v1::Event::kVoided:
      return IsIdentifier(event.voided().voided_event_id(), true) ? "" : "voided_event_id";
    case v1::Event::kTruthEstablished:
      if (event.truth_established().origin() == 0) return "truth_established.origin";
      if (event.truth_established().inclusion_ratio() > 1) return "inclusion_ratio";
      return AreCodes(event.truth_established().codes(), 1) ? "" : "truth_established.codes";
    case v1::Event::kConfigurationChanged:
      return event.configuration_changed().change() != 0 ? "" : "configuration_changed.change";
    case v1::Event::kOpened:
    case v1::Event::kPatientInformed:
      return "";
    default:
      return "payload";
  }
}

std::string Fault(const v1::Event& event) {
  const bool of_a_decision = !event.has_configuration_changed();
  if (!IsIdentifier(event.event_id(), true)) return "event_id";
  if (!IsIdentifier(event.decision_id(), of_a_decision)) return "decision_id";
  if (!of_a_decision && !event.decision_id().empty()) return "decision_id";
  if (!IsIdentifier(event.organisation_id(), false)) return "organisation_id";
  if (!IsIdentifier(event.system_id(), true)) return "system_id";
  if (!IsIdentifier(event.system_version(), false)) return "system_version";
  if (!IsIdentifier(event.unit_id(), false)) return "unit_id";
  if (!IsIdentifier(event.decision_kind(), false)) return "decision_kind";
  if (!IsIdentifier(event.actor().role(), false)) return "actor.role";
  if (!IsIdentifier(event.actor().id(), false)) return "actor.id";
  if (!event.actor().pseudonym().empty()) return "actor.pseudonym";
  if (event.occurred_at_ms() <= 0) return "occurred_at_ms";
  if (event.ByteSizeLong() > 4096) return "size";
  return PayloadFault(event);
}

TEST(Hospital, TheSameSeedGivesTheSameBytes) {
  EXPECT_EQ(Bytes(Deliveries(Hospital(HospitalOptions()))),
            Bytes(Deliveries(Hospital(HospitalOptions()))));
}

TEST(Hospital, AnotherSeedGivesOtherEvents) {
  HospitalOptions options;
  options.seed = 2;
  const auto one = Observe(Deliveries(Hospital(HospitalOptions())));
  for (const auto& [id, decision] : Observe(Deliveries(Hospital(options)))) {
    ASSERT_FALSE(one.contains(id));
  }
}

TEST(Hospital, OneUnitDoesNotChangeWhatHappensInAnother) {
  const auto events_of_first = [](Habit second) {
    const std::vector<UnitPlan> plans = {{"first", Habit::kCareful, Feed::kFull, true, 100},
                                         {"second", second, Feed::kFull, true, 100}};
    std::set<std::string> events;
    for (const Delivery& delivery : Deliveries(Hospital(HospitalOptions(), plans))) {
      if (delivery.event.has_value() && delivery.event->unit_id() == "first") {
        events.insert(delivery.event->SerializeAsString());
      }
    }
    return events;
  };
  EXPECT_EQ(events_of_first(Habit::kBulk), events_of_first(Habit::kFading));
}

TEST(Hospital, EveryEventObeysTheContract) {
  HospitalOptions options;
  options.decision_count = 8'000;
  options.missing_ratio = 0.1;
  for (const Delivery& delivery : Deliveries(Hospital(options))) {
    if (!delivery.event.has_value()) continue;
    ASSERT_EQ(Fault(*delivery.event), "") << delivery.event->ShortDebugString();
  }
}

TEST(Hospital, EveryUnitMakesItsNumberOfDecisions) {
  Hospital hospital{HospitalOptions()};
  const std::vector<UnitTruth> units = hospital.Units();
  std::map<std::string, int64_t> counts;
  for (const auto& [id, decision] : Observe(Deliveries(std::move(hospital)))) {
    ++counts[decision.unit_id];
  }
  ASSERT_EQ(units.size(), 8U);
  int64_t sum = 0;
  for (const UnitTruth& unit : units) {
    EXPECT_EQ(counts[unit.unit_id], unit.decision_count) << unit.unit_id;
    sum += unit.decision_count;
  }
  EXPECT_EQ(sum, 2'000);
}

TEST(Hospital, SourcesDeclareExactlyWhatTheySend) {
  HospitalOptions options;
  options.decision_count = 20'000;
  Hospital hospital(options, {{"a", Habit::kCareful, Feed::kFull, true, 5'000},
                              {"b", Habit::kCareful, Feed::kFull, true, 5'000},
                              {"c", Habit::kFading, Feed::kFull, true, 1'000},
                              {"d", Habit::kCareful, Feed::kPoor, true, 1'000}});
  std::map<std::string, std::set<int>> declared;
  for (const v1::Source& source : hospital.Sources()) {
    for (const int payload : source.payloads()) declared[source.source_id()].insert(payload);
  }
  std::map<std::string, std::set<int>> sent;
  for (const Delivery& delivery : Deliveries(std::move(hospital))) {
    if (!delivery.event.has_value()) continue;
    // Payload fields are numbered 20, 21 ... in the order of PayloadKind.
    const int kind = static_cast<int>(delivery.event->payload_case()) - v1::Event::kIssued + 1;
    sent[delivery.source_id].insert(kind);
  }
  EXPECT_EQ(sent, declared);
}

TEST(Hospital, DeclaresEverySystemAndKnowsItsErrorRatio) {
  Hospital hospital{HospitalOptions()};
  std::map<std::string, std::pair<int64_t, int64_t>> wrong_and_all;
  std::set<std::string> declared;
  for (const v1::System& system : hospital.Systems()) declared.insert(system.system_id());
  EXPECT_GE(declared.size(), 2U);
  EXPECT_FALSE(hospital.ErrorRatio("unheard-of").has_value());

  HospitalOptions options;
  options.audit_ratio = 1;
  options.probe_ratio = 0;
  options.decision_count = 9'000;
  for (const auto& [id, decision] : Observe(Deliveries(Hospital(options)))) {
    const std::string& system_id = decision.events.front().system_id();
    ASSERT_TRUE(declared.contains(system_id));
    if (!decision.Audited()) continue;
    ++wrong_and_all[system_id].second;
    if (decision.Wrong()) ++wrong_and_all[system_id].first;
  }
  EXPECT_EQ(wrong_and_all.size(), declared.size());
  for (const auto& [system_id, counts] : wrong_and_all) {
    EXPECT_TRUE(WithinBinomial(counts.first, counts.second, *hospital.ErrorRatio(system_id)));
  }
}

TEST(Hospital, NothingHappensLongAfterTheLastDayOfWork) {
  HospitalOptions options;
  options.decision_count = 50'000;
  Hospital hospital(options);
  Delivery delivery;
  while (hospital.Next(&delivery)) {
    if (!delivery.event.has_value()) continue;
    ASSERT_GE(delivery.event->occurred_at_ms(), options.start_ms);
    ASSERT_LE(delivery.event->occurred_at_ms(), options.start_ms + int64_t{32} * 86'400'000);
  }
}

TEST(Hospital, AnEmptyHospitalDeliversNothing) {
  HospitalOptions options;
  options.unit_count = 0;
  Hospital hospital(options);
  Delivery delivery;
  EXPECT_FALSE(hospital.Next(&delivery));
  EXPECT_FALSE(hospital.Next(&delivery));
}

}  // namespace
}  // namespace vigie::simulator
