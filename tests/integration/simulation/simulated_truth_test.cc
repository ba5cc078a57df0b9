// SPDX-License-Identifier: Apache-2.0
// Verdicts against a truth that is known, over 20 seeds: the simulated hospital's events through
// the fold, its verdicts against what its units really do.
//
// False alarms: of the 1,000 looks at careful units (5 units x 20 seeds x 10 looks), and of their
// 100 final verdicts, none may be EFFECTIVELY_AUTOMATED; the policy allows 1 % of units, ever. Also
// none of the 120 final verdicts on units that are not careful, or cannot be seen, may be
// CONCRETE_AND_SIGNIFICANT. Power: all of the 80 units without real examination must end
// EFFECTIVELY_AUTOMATED, and all of the 60 careful ones with audited truth
// CONCRETE_AND_SIGNIFICANT. Sizes are chosen for that: 900 decisions, of which 315 are audited with
// some 57 to 69 wrong suggestions (at least 40 in every seed, which the test checks).
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "decision/verdict.h"
#include "engine/fold.h"
#include "gtest/gtest.h"
#include "policy/policy.h"
#include "simulator/hospital.h"
#include "store/digest.h"

namespace vigie::simulator {
namespace {

namespace sv = vigie::store::v1;

constexpr int kSeeds = 20;
constexpr int64_t kUnitSize = 900;
constexpr int64_t kLeastAuditedWrong = 40;
constexpr int kLooks = 10;

const std::vector<UnitPlan>& Plans() {
  static const std::vector<UnitPlan> plans = {
      {"careful-a", Habit::kCareful, Feed::kFull, true, kUnitSize},
      {"careful-b", Habit::kCareful, Feed::kFull, true, kUnitSize},
      {"careful-c", Habit::kCareful, Feed::kFull, true, kUnitSize},
      {"untold", Habit::kCareful, Feed::kFull, false, kUnitSize},
      {"poor-feed", Habit::kCareful, Feed::kPoor, true, kUnitSize},
      {"stamping", Habit::kRubberStamping, Feed::kFull, true, kUnitSize},
      {"untold-stamping", Habit::kRubberStamping, Feed::kFull, false, kUnitSize},
      {"bulk", Habit::kBulk, Feed::kFull, true, kUnitSize},
      {"auto-applied", Habit::kAutoApplied, Feed::kFull, true, kUnitSize},
  };
  return plans;
}

// A fold without a disk, fed as a daemon feeds its own.
class Daemonless {
 public:
  explicit Daemonless(const policy::LoadedPolicy& policy)
      : policy_(policy.policy), fold_(&views_, engine::Fold::Options{}) {
    EXPECT_TRUE(fold_.Load().ok());
    // One moment for everything: only watermarks close decisions here.
    EXPECT_TRUE(fold_.BeginBlock(kNowMs).ok());
    sv::Record created;
    created.mutable_store_created()->set_store_id("simulated-truth!");
    created.mutable_store_created()->set_time_zone("Europe/Paris");
    Apply(created);
    sv::Record activated;
    *activated.mutable_policy_activated()->mutable_policy() = policy.policy;
    activated.mutable_policy_activated()->set_sha256(policy.sha256);
    Apply(activated);
  }

  void Declare(const Hospital& hospital) {
    for (const v1::System& system : hospital.Systems()) {
      sv::Record record;
      *record.mutable_system() = system;
      Apply(record);
    }
    for (const v1::Source& source : hospital.Sources()) {
      sv::Record record;
      *record.mutable_source() = source;
      Apply(record);
    }
  }

  void Take(const Delivery& delivery) {
    if (delivery.event.has_value()) {
      const v1::Event& event = *delivery.event;
      const std::string bytes = event.SerializeAsString();
      auto facts = engine::ReadFacts(bytes);
      ASSERT_TRUE(facts.has_value());
      const auto offer = fold_.OfferEvent({.event = &*facts,
                                           .source_id = delivery.source_id,
                                           .event_hash = store::StableHash(event.event_id()),
                                           .content_hash = store::StableHash(bytes),
                                           .sent_at_ms = 0,
                                           .position = next_position_});
      ASSERT_TRUE(offer.ok());
      ASSERT_NE(offer->fate, v1::EVENT_FATE_REFUSED)
          << offer->refusal->violation.ShortDebugString();
      if (offer->fate == v1::EVENT_FATE_RECORDED) ++next_position_;
    }
    if (delivery.watermark_ms.has_value()) {
      sv::Record record;
      record.mutable_watermark()->set_source_id(delivery.source_id);
      record.mutable_watermark()->set_watermark_ms(*delivery.watermark_ms);
      Apply(record);
    }
  }

  // The verdict on a unit at this moment.
  [[nodiscard]] decision::VerdictFinding VerdictOf(const std::string& organisation,
                                                   const std::string& unit) {
    const decision::ScopeKey scope = {.organisation = fold_.names().Find(organisation),
                                      .unit = fold_.names().Find(unit)};
    const decision::Tally* tally = fold_.FindTally({.epoch = 1, .scope = scope, .period = {}});
    return decision::Conclude(tally != nullptr ? *tally : decision::Tally{}, policy_);
  }

 private:
  static constexpr int64_t kNowMs = 1'788'220'800'000;

  void Apply(const sv::Record& record) {
    ASSERT_TRUE(fold_.ApplyRecord(record, next_position_++).ok());
  }

  vigie::config::v1::Policy policy_;
  engine::NoViews views_;
  engine::Fold fold_;
  int64_t next_position_ = 1;
};

// How often each verdict was the last one, and how often a unit was ever called automated.
struct Outcome {
  std::map<v1::Verdict, int> last;
  int ever_automated = 0;
};

void Simulate(uint64_t seed, const policy::LoadedPolicy& policy,
              std::map<std::string, Outcome>& outcomes) {
  HospitalOptions options;
  options.seed = seed;
  Hospital hospital(options, Plans());
  const std::vector<UnitTruth> units = hospital.Units();
  std::vector<Delivery> deliveries;
  for (Delivery delivery; hospital.Next(&delivery);) deliveries.push_back(delivery);
  Daemonless daemon(policy);
  daemon.Declare(hospital);
  std::map<std::string, bool> ever_automated;
  const size_t stride = deliveries.size() / kLooks;
  for (size_t i = 0; i < deliveries.size(); ++i) {
    daemon.Take(deliveries[i]);
    if ((i + 1) % stride != 0) continue;
    for (const UnitTruth& unit : units) {
      ever_automated[unit.unit_id] |=
          daemon.VerdictOf(options.organisation_id, unit.unit_id).verdict ==
          v1::VERDICT_EFFECTIVELY_AUTOMATED;
    }
  }
  for (const UnitTruth& unit : units) {
    const auto found = daemon.VerdictOf(options.organisation_id, unit.unit_id);
    EXPECT_EQ(found.verdict, unit.expected)
        << "seed " << seed << ", unit " << unit.unit_id << ": got "
        << v1::Verdict_Name(found.verdict) << ", deserves " << v1::Verdict_Name(unit.expected);
    for (const decision::IndicatorFinding& indicator : found.indicators) {
      if (unit.expected == v1::VERDICT_CONCRETE_AND_SIGNIFICANT &&
          indicator.origin.origin == v1::TRUTH_ORIGIN_ASSERTED_AUDIT) {
        EXPECT_GE(indicator.counts.trials, kLeastAuditedWrong) << unit.unit_id;
      }
    }
    Outcome& outcome = outcomes[unit.unit_id];
    ++outcome.last[found.verdict];
    if (ever_automated[unit.unit_id]) ++outcome.ever_automated;
  }
}

TEST(SimulatedTruth, IsFoundInEveryUnitOverTwentySeeds) {
  const auto policy = policy::LoadPolicyFile(VIGIE_CONFIG_DIR "/policies/baseline.yaml");
  ASSERT_TRUE(policy.ok()) << policy.status();
  const Hospital hospital(HospitalOptions(), Plans());
  for (const UnitTruth& unit : hospital.Units()) {
    ASSERT_NE(unit.expected, v1::VERDICT_UNSPECIFIED) << unit.unit_id << " proves nothing";
  }
  std::map<std::string, Outcome> outcomes;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    Simulate(static_cast<uint64_t>(seed), *policy, outcomes);
  }
  int false_alarms = 0;
  int careful = 0;
  int found = 0;
  int deserving = 0;
  for (const UnitTruth& unit : hospital.Units()) {
    Outcome& outcome = outcomes[unit.unit_id];
    if (unit.habit == Habit::kCareful) {
      careful += kSeeds;
      false_alarms += outcome.ever_automated;
    }
    if (unit.expected != v1::VERDICT_UNDETERMINED) {
      deserving += kSeeds;
      found += outcome.last[unit.expected];
    }
    if (unit.expected != v1::VERDICT_CONCRETE_AND_SIGNIFICANT) {
      EXPECT_EQ(outcome.last[v1::VERDICT_CONCRETE_AND_SIGNIFICANT], 0) << unit.unit_id;
    }
    std::printf("%-16s %3d significant %3d automated %3d undetermined\n", unit.unit_id.c_str(),
                outcome.last[v1::VERDICT_CONCRETE_AND_SIGNIFICANT],
                outcome.last[v1::VERDICT_EFFECTIVELY_AUTOMATED],
                outcome.last[v1::VERDICT_UNDETERMINED]);
  }
  std::printf("false alarms: %d of %d careful units ever called automated; power: %d of %d\n",
              false_alarms, careful, found, deserving);
  EXPECT_EQ(false_alarms, 0);
  EXPECT_EQ(found, deserving);
}

}  // namespace
}  // namespace vigie::simulator
