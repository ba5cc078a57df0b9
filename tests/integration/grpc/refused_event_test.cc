// SPDX-License-Identifier: Apache-2.0
// Events that break the contract, through both doors of a real daemon.
#include <functional>
#include <limits>
#include <set>

#include "grpc/scene.h"

namespace vigie::testing {
namespace {

constexpr int kInvalidArgument = 3;
constexpr int kAlreadyExists = 6;
constexpr int kResourceExhausted = 8;
constexpr int kFailedPrecondition = 9;
constexpr int64_t kLongAfterMs = 32'503'680'000'000;  // The year 3000.

// One way to be wrong, and what the refusal must say of it.
struct Fault {
  const char* name;
  std::function<void(v1::Event&)> commit;
  v1::RefusalReason reason;
  const char* field;
  const char* got;
  const char* want;
};

std::vector<Fault> EnvelopeFaults() {
  return {
      {"no event_id", [](v1::Event& e) { e.clear_event_id(); }, v1::REFUSAL_REASON_FIELD_MISSING,
       "event_id", "nothing", "1-64 characters"},
      {"no organisation", [](v1::Event& e) { e.clear_organisation_id(); },
       v1::REFUSAL_REASON_FIELD_MISSING, "organisation_id", "nothing", "1-64 characters"},
      {"no decision_id", [](v1::Event& e) { e.clear_decision_id(); },
       v1::REFUSAL_REASON_FIELD_MISSING, "decision_id", "nothing", "1-64 characters"},
      {"no system_id", [](v1::Event& e) { e.clear_system_id(); }, v1::REFUSAL_REASON_FIELD_MISSING,
       "system_id", "nothing", "1-64 characters"},
      {"no payload", [](v1::Event& e) { e.clear_payload(); }, v1::REFUSAL_REASON_FIELD_MISSING,
       "payload", "nothing", "one payload"},
      {"65 characters", [](v1::Event& e) { e.set_unit_id(std::string(65, 'u')); },
       v1::REFUSAL_REASON_FIELD_TOO_LONG, "unit_id", "65 characters", "1-64"},
      {"a space", [](v1::Event& e) { e.set_unit_id("icu 2"); }, v1::REFUSAL_REASON_FIELD_MALFORMED,
       "unit_id", "another character", "A-Za-z0-9"},
      {"before 1970", [](v1::Event& e) { e.set_occurred_at_ms(-1); },
       v1::REFUSAL_REASON_TIME_ABSURD, "occurred_at_ms", "-1", "receipt + 24 h"},
      {"the year 3000", [](v1::Event& e) { e.set_occurred_at_ms(kLongAfterMs); },
       v1::REFUSAL_REASON_TIME_ABSURD, "occurred_at_ms", "32503680000000", "receipt + 24 h"},
      {"the end of time",
       [](v1::Event& e) { e.set_occurred_at_ms(std::numeric_limits<int64_t>::max()); },
       v1::REFUSAL_REASON_TIME_ABSURD, "occurred_at_ms", "9223372036854775807", "receipt + 24 h"},
      {"sent before 1970", [](v1::Event& e) { e.set_sent_at_ms(-5); },
       v1::REFUSAL_REASON_OUT_OF_RANGE, "sent_at_ms", "-5", "0 to"},
      {"5,000 bytes", [](v1::Event& e) { e.set_unit_id(std::string(5000, 'u')); },
       v1::REFUSAL_REASON_EVENT_TOO_LARGE, "event", "bytes", "4096"},
      {"a pseudonym from outside",
       [](v1::Event& e) { e.mutable_actor()->set_pseudonym("0123456789abcdef"); },
       v1::REFUSAL_REASON_FIELD_MALFORMED, "actor.pseudonym", "a value", "output only"},
      {"a number that is none",
       [](v1::Event& e) {
         e.add_attributes()->set_name("x");
         e.mutable_attributes(0)->set_value(std::numeric_limits<double>::quiet_NaN());
       },
       v1::REFUSAL_REASON_OUT_OF_RANGE, "attributes.value", "not finite", "a finite number"},
  };
}

std::vector<Fault> PayloadFaults() {
  return {
      {"no outcome", [](v1::Event& e) { e.mutable_decided()->clear_outcome(); },
       v1::REFUSAL_REASON_FIELD_MISSING, "decided.outcome", "nothing", "a DecisionOutcome"},
      {"an outcome of the future",
       [](v1::Event& e) { e.mutable_decided()->set_outcome(static_cast<v1::DecisionOutcome>(99)); },
       v1::REFUSAL_REASON_ENUM_UNKNOWN, "decided.outcome", "99", "known to this version"},
      {"nine codes",
       [](v1::Event& e) {
         while (e.decided().final_codes_size() < 9)
           e.mutable_decided()->add_final_codes()->set_code("c");
       },
       v1::REFUSAL_REASON_FIELD_TOO_LONG, "decided.final_codes", "9 codes", "at most 8"},
      {"no suggestion", [](v1::Event& e) { e.mutable_issued(); }, v1::REFUSAL_REASON_FIELD_MISSING,
       "issued.suggestions", "nothing", "1-8 codes"},
      {"a confidence over 1",
       [](v1::Event& e) {
         e.mutable_issued()->add_suggestions()->set_code("c");
         e.mutable_issued()->set_confidence_ratio(1.5);
       },
       v1::REFUSAL_REASON_OUT_OF_RANGE, "issued.confidence_ratio", "1.5", "0 to 1"},
      {"truth without origin",
       [](v1::Event& e) { e.mutable_truth_established()->add_codes()->set_code("c"); },
       v1::REFUSAL_REASON_FIELD_MISSING, "truth_established.origin", "nothing", "a TruthOrigin"},
      {"an edit of 1,001 permille",
       [](v1::Event& e) {
         e.mutable_edited()->set_manner(v1::EDIT_MANNER_REFINING);
         e.mutable_edited()->set_changed_permille(1001);
       },
       v1::REFUSAL_REASON_OUT_OF_RANGE, "edited.changed_permille", "1001", "0 to 1000"},
      {"a gap of nothing", [](v1::Event& e) { e.mutable_telemetry_gap(); },
       v1::REFUSAL_REASON_FIELD_MISSING, "telemetry_gap.missing", "nothing", "a PayloadKind"},
  };
}

std::vector<Fault> AllFaults() {
  std::vector<Fault> all = EnvelopeFaults();
  for (Fault& fault : PayloadFaults()) all.push_back(std::move(fault));
  return all;
}

void ExpectRefusal(const v1::EventResult& result, const Fault& fault) {
  EXPECT_EQ(result.fate(), v1::EVENT_FATE_REFUSED) << fault.name;
  EXPECT_EQ(result.status_code(), kInvalidArgument) << fault.name;
  EXPECT_EQ(result.violation().reason(), fault.reason)
      << fault.name << ": " << result.violation().ShortDebugString();
  EXPECT_EQ(result.violation().field(), fault.field) << fault.name;
  EXPECT_NE(result.violation().got().find(fault.got), std::string::npos)
      << fault.name << ": got " << result.violation().got();
  EXPECT_NE(result.violation().want().find(fault.want), std::string::npos)
      << fault.name << ": want " << result.violation().want();
}

// A sound event before each wrong one, and one at the end.
std::vector<v1::Event> SoundAndWrong(const std::vector<Fault>& faults) {
  std::vector<v1::Event> events;
  for (size_t i = 0; i < faults.size(); ++i) {
    const int number = static_cast<int>(i);
    events.push_back(Decided(number));
    v1::Event wrong = Decided(1000 + number);
    faults[i].commit(wrong);
    events.push_back(wrong);
  }
  events.push_back(Decided(static_cast<int>(faults.size())));
  return events;
}

using RefusedEvent = DaemonTest;

TEST_F(RefusedEvent, IsNamedByFieldGotAndWantOnAStreamThatGoesOn) {
  const std::vector<Fault> faults = AllFaults();
  const std::vector<v1::Event> events = SoundAndWrong(faults);
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.Send(1, events);
  const auto acknowledged = stream.Acknowledged();
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->durable_sequence(), static_cast<int64_t>(events.size()));
  ASSERT_EQ(acknowledged->results_size(), static_cast<int>(faults.size()));
  for (size_t i = 0; i < faults.size(); ++i) {
    const v1::EventResult& result = acknowledged->results(static_cast<int>(i));
    EXPECT_EQ(result.sequence(), static_cast<int64_t>(2 * i + 2));
    ExpectRefusal(result, faults[i]);
    EXPECT_TRUE(Find("decision-" + std::to_string(i)).has_value());
    EXPECT_FALSE(Find("decision-" + std::to_string(1000 + i)).has_value());
  }
  EXPECT_TRUE(stream.Finish().status.ok());
}

TEST_F(RefusedEvent, IsNamedByFieldGotAndWantInAUnaryCall) {
  const std::vector<Fault> faults = AllFaults();
  const v1::RecordEventsResponse response = Record(SoundAndWrong(faults));
  ASSERT_EQ(response.results_size(), static_cast<int>(2 * faults.size() + 1));
  for (size_t i = 0; i < faults.size(); ++i) {
    const int at = static_cast<int>(2 * i);
    EXPECT_EQ(response.results(at).fate(), v1::EVENT_FATE_RECORDED) << faults[i].name;
    EXPECT_EQ(response.results(at + 1).sequence(), at + 1);
    ExpectRefusal(response.results(at + 1), faults[i]);
  }
}

TEST_F(RefusedEvent, IsKeptInQuarantineWithItsViolation) {
  const std::vector<Fault> faults = AllFaults();
  static_cast<void>(Record(SoundAndWrong(faults)));
  const v1::ListQuarantineResponse kept = Quarantine();
  EXPECT_EQ(kept.kept_count(), static_cast<int64_t>(faults.size()));
  EXPECT_EQ(kept.dropped_count(), 0);
  ASSERT_EQ(kept.events_size(), static_cast<int>(faults.size()));
  for (size_t i = 0; i < faults.size(); ++i) {
    const v1::QuarantinedEvent& event = kept.events(static_cast<int>(i));
    EXPECT_EQ(event.violation().field(), faults[i].field);
    EXPECT_EQ(event.source_id(), "unary-source");
    EXPECT_EQ(event.event().actor().id(), "") << faults[i].name;
  }
}

TEST_F(RefusedEvent, HasAnActiveSegmentThatStartsAbsurdlyFarAway) {
  v1::Event event = Decided(1);
  event.mutable_active_segment()->set_start_ms(std::numeric_limits<int64_t>::max());
  event.mutable_active_segment()->set_length_ms(1000);
  const v1::RecordEventsResponse response = Record({event});
  EXPECT_EQ(response.results(0).fate(), v1::EVENT_FATE_REFUSED)
      << "start + length leaves the range of 64 bits";
  EXPECT_EQ(response.results(0).violation().field(), "active_segment.start_ms");
}

TEST_F(RefusedEvent, WithTheSameIdAndOtherContentAlreadyExists) {
  v1::Event changed = Decided(1);
  changed.mutable_decided()->set_outcome(v1::DECISION_OUTCOME_OVERRIDDEN);
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.Send(1, {Decided(1), Decided(1), changed, Decided(2)});
  const auto acknowledged = stream.Acknowledged();
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->durable_sequence(), 4);
  ASSERT_EQ(acknowledged->results_size(), 2);
  EXPECT_EQ(acknowledged->results(0).sequence(), 2);
  EXPECT_EQ(acknowledged->results(0).fate(), v1::EVENT_FATE_DUPLICATE);
  EXPECT_EQ(acknowledged->results(1).sequence(), 3);
  EXPECT_EQ(acknowledged->results(1).status_code(), kAlreadyExists);
  EXPECT_EQ(acknowledged->results(1).violation().reason(), v1::REFUSAL_REASON_CONTENT_CHANGED);
  EXPECT_EQ(acknowledged->results(1).violation().field(), "event_id");
  EXPECT_TRUE(stream.Finish().status.ok());
  // By the other door too.
  EXPECT_EQ(Record({changed}).results(0).status_code(), kAlreadyExists);
  EXPECT_EQ(Record({Decided(1)}).results(0).fate(), v1::EVENT_FATE_DUPLICATE);
}

TEST_F(RefusedEvent, DisagreesWithItsDecisionOnSystemOrKind) {
  v1::Event other_system = Decided(1);
  other_system.set_event_id("decision-1/other-system");
  other_system.set_system_id("sepsis-4");
  v1::Event other_kind = Decided(1);
  other_kind.set_event_id("decision-1/other-kind");
  other_kind.set_decision_kind("triage");
  const v1::RecordEventsResponse response =
      Record({Issued(1), other_system, other_kind, Decided(1)});
  ASSERT_EQ(response.results_size(), 4);
  for (const auto& [index, field] : {std::pair(1, "system_id"), std::pair(2, "decision_kind")}) {
    EXPECT_EQ(response.results(index).fate(), v1::EVENT_FATE_REFUSED);
    EXPECT_EQ(response.results(index).status_code(), kFailedPrecondition);
    EXPECT_EQ(response.results(index).violation().reason(), v1::REFUSAL_REASON_DECISION_DISAGREES);
    EXPECT_EQ(response.results(index).violation().field(), field);
    EXPECT_NE(response.results(index).violation().want(), "");
  }
  EXPECT_EQ(response.results(3).fate(), v1::EVENT_FATE_RECORDED);
  EXPECT_EQ(Quarantine().kept_count(), 2);
}

TEST_F(RefusedEvent, IsTheFiveHundredAndThirteenthOfItsDecision) {
  std::vector<v1::Event> events;
  for (int i = 0; i < 513; ++i) {
    events.push_back(Decided(1));
    events.back().set_event_id("e" + std::to_string(i));
  }
  const v1::RecordEventsResponse response = Record(events);
  ASSERT_EQ(response.results_size(), 513);
  EXPECT_EQ(response.results(511).fate(), v1::EVENT_FATE_RECORDED);
  EXPECT_EQ(response.results(512).status_code(), kResourceExhausted);
  EXPECT_EQ(response.results(512).violation().reason(), v1::REFUSAL_REASON_DECISION_FULL);
}

TEST_F(RefusedEvent, LooksLikeAPatientNumberAndLeavesNoTraceOfIt) {
  Restart("privacy:\n  patient_number_patterns: [\"^[12][0-9]{12}$\"]\n");
  v1::Event event = Decided(1);
  event.set_decision_id("1234567890123");
  const v1::RecordEventsResponse response = Record({event});
  EXPECT_EQ(response.results(0).violation().reason(), v1::REFUSAL_REASON_LOOKS_PERSONAL);
  EXPECT_EQ(response.results(0).violation().field(), "decision_id");
  EXPECT_EQ(response.ShortDebugString().find("1234567890123"), std::string::npos);
  EXPECT_EQ(Quarantine().ShortDebugString().find("1234567890123"), std::string::npos);
}

using ValidateOnly = DaemonTest;

TEST_F(ValidateOnly, SaysWhatAUnaryCallWouldRefuseAndRecordsNothing) {
  static_cast<void>(Record({Decided(1)}));
  const int64_t before = LogPosition();
  v1::Event changed = Decided(1);
  changed.mutable_decided()->set_outcome(v1::DECISION_OUTCOME_OVERRIDDEN);
  v1::Event wrong = Decided(3);
  wrong.clear_system_id();
  const v1::RecordEventsResponse response =
      Record({Decided(1), changed, Decided(2), wrong}, /*validate_only=*/true);
  ASSERT_EQ(response.results_size(), 4);
  EXPECT_EQ(response.results(0).fate(), v1::EVENT_FATE_DUPLICATE);
  EXPECT_EQ(response.results(1).status_code(), kAlreadyExists);
  EXPECT_EQ(response.results(2).fate(), v1::EVENT_FATE_VALID);
  EXPECT_EQ(response.results(3).violation().field(), "system_id");
  EXPECT_EQ(LogPosition(), before);
  EXPECT_EQ(Quarantine().kept_count(), 0);
  EXPECT_FALSE(Find("decision-2").has_value());
}

TEST_F(ValidateOnly, SaysWhatAStreamWouldRefuseAndRecordsNothing) {
  const int64_t before = LogPosition();
  v1::Event wrong = Decided(3);
  wrong.mutable_decided()->clear_outcome();
  Stream stream(ingest(), "ehr-1", kRun, /*validate_only=*/true);
  ASSERT_TRUE(stream.Started().has_value());
  stream.Send(1, {Decided(2), wrong});
  const auto acknowledged = stream.Acknowledged();
  ASSERT_TRUE(acknowledged.has_value());
  ASSERT_EQ(acknowledged->results_size(), 2);
  EXPECT_EQ(acknowledged->results(0).fate(), v1::EVENT_FATE_VALID);
  EXPECT_EQ(acknowledged->results(1).violation().field(), "decided.outcome");
  EXPECT_EQ(acknowledged->durable_sequence(), 0);
  stream.SendWatermark(3, 1'800'000'000'000);
  EXPECT_TRUE(stream.Finish().status.ok());
  EXPECT_EQ(LogPosition(), before);
  EXPECT_EQ(Quarantine().kept_count(), 0);
  EXPECT_FALSE(Find("decision-2").has_value());
  v1::StreamStarted started;
  ASSERT_NE(OpenWhenFree(ingest(), "ehr-1", kRun, &started), nullptr);
  EXPECT_EQ(started.durable_sequence(), 0);
}

TEST_F(ValidateOnly, RecordsNoDeclaredGap) {
  const int64_t before = LogPosition();
  Stream stream(ingest(), "ehr-1", kRun, /*validate_only=*/true);
  ASSERT_TRUE(stream.Started().has_value());
  stream.DeclareGap(1, 9);
  static_cast<void>(stream.Finish());
  EXPECT_EQ(LogPosition(), before);
}

}  // namespace
}  // namespace vigie::testing
