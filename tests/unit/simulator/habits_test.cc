// SPDX-License-Identifier: Apache-2.0
// That units behave as their habits say. Ratios are checked with WithinBinomial.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "simulator/hospital.h"
#include "simulator/observed.h"

namespace vigie::simulator {
namespace {

namespace v1 = vigie::v1;

constexpr int64_t kDecisions = 4'000;

HospitalOptions AllAudited() {
  HospitalOptions options;
  options.audit_ratio = 1;
  options.missing_ratio = 0;
  return options;
}

struct Share {
  int64_t successes = 0;
  int64_t trials = 0;
  void Count(bool success) {
    ++trials;
    if (success) ++successes;
  }
};

Share CatchShare(const std::vector<ObservedDecision>& decisions) {
  Share share;
  for (const ObservedDecision& decision : decisions) {
    if (decision.Wrong() && decision.has_final_act) share.Count(decision.Caught());
  }
  return share;
}

TEST(Habits, CarefulPeopleExamineNearlyEverythingAndCatchNineInTen) {
  const auto decisions = DecisionsOf(Habit::kCareful, Feed::kFull, true, kDecisions, AllAudited());
  Share examined;
  for (const ObservedDecision& decision : decisions) {
    if (!decision.has_final_act || decision.independent) continue;
    examined.Count(decision.Examined());
  }
  EXPECT_TRUE(WithinBinomial(examined.successes, examined.trials, 0.975));
  const Share caught = CatchShare(decisions);
  EXPECT_TRUE(WithinBinomial(caught.successes, caught.trials, 0.975 * 0.95 + 0.025 * 0.02));
}

TEST(Habits, AgreeingPeopleExamineAsMuchAndCatchLittleMoreThanHalf) {
  const auto decisions =
      DecisionsOf(Habit::kCarefulButAgreeing, Feed::kFull, true, kDecisions, AllAudited());
  Share examined;
  for (const ObservedDecision& decision : decisions) {
    if (!decision.has_final_act || decision.independent) continue;
    examined.Count(decision.Examined());
  }
  EXPECT_TRUE(WithinBinomial(examined.successes, examined.trials, 0.975));
  const Share caught = CatchShare(decisions);
  EXPECT_TRUE(WithinBinomial(caught.successes, caught.trials, 0.975 * 0.57 + 0.025 * 0.02));
}

TEST(Habits, RubberStampersNeverOpenAndClickWithinASecond) {
  const auto decisions =
      DecisionsOf(Habit::kRubberStamping, Feed::kFull, true, kDecisions, AllAudited());
  Share clicked;
  for (const ObservedDecision& decision : decisions) {
    EXPECT_FALSE(decision.opened);
    EXPECT_FALSE(decision.Examined());
    EXPECT_LT(decision.decided_at_ms - decision.shown_at_ms, 1'000);
    clicked.Count(decision.one_click);
  }
  EXPECT_GT(clicked.successes, clicked.trials * 97 / 100);
  const Share caught = CatchShare(decisions);
  EXPECT_TRUE(WithinBinomial(caught.successes, caught.trials, 0.02));
}

TEST(Habits, BulkSignersSignTwentyToFortyAtOnceWithoutEvidence) {
  std::map<std::string, int64_t> batches;
  for (const ObservedDecision& decision :
       DecisionsOf(Habit::kBulk, Feed::kFull, true, kDecisions, AllAudited())) {
    EXPECT_FALSE(decision.opened || decision.independent_evidence);
    EXPECT_EQ(decision.chosen, decision.suggested);
    for (const v1::Event& event : decision.events) {
      if (!event.has_decided()) continue;
      EXPECT_GE(event.decided().batch_item_count(), 20);
      EXPECT_LE(event.decided().batch_item_count(), 40);
      if (batches[event.decided().batch_id()]-- == 0) {
        batches[event.decided().batch_id()] = event.decided().batch_item_count() - 1;
      }
    }
  }
  for (const auto& [batch_id, missing] : batches) EXPECT_EQ(missing, 0) << batch_id;
}

TEST(Habits, AutoAppliedSuggestionsTakeEffectWithoutAPerson) {
  std::map<v1::EffectCause, int64_t> causes;
  for (const ObservedDecision& decision :
       DecisionsOf(Habit::kAutoApplied, Feed::kFull, true, kDecisions, AllAudited())) {
    EXPECT_TRUE(decision.applied);
    EXPECT_FALSE(decision.has_final_act);
    EXPECT_EQ(decision.chosen, decision.suggested);
    for (const v1::Event& event : decision.events) {
      if (event.has_applied()) ++causes[event.applied().applied_by()];
    }
  }
  EXPECT_TRUE(WithinBinomial(causes[v1::EFFECT_CAUSE_TIMEOUT], kDecisions, 0.10));
  EXPECT_TRUE(WithinBinomial(causes[v1::EFFECT_CAUSE_BYPASS_WINDOW], kDecisions, 0.05));
  EXPECT_TRUE(WithinBinomial(causes[v1::EFFECT_CAUSE_SYSTEM], kDecisions, 0.85));
}

TEST(Habits, FadingPeopleAreCarefulEarlyAndStampLate) {
  constexpr int64_t kHourMs = 3'600'000;
  Share early;
  Share late;
  for (const ObservedDecision& decision :
       DecisionsOf(Habit::kFading, Feed::kFull, true, kDecisions, AllAudited())) {
    if (!decision.has_final_act || decision.independent) continue;
    const int64_t of_day_ms = decision.shown_at_ms % (24 * kHourMs);
    const int64_t into_shift_ms = (of_day_ms - 6 * kHourMs) % (8 * kHourMs);
    // Half an hour of margin on both sides for how long a decision takes to begin.
    if (into_shift_ms > kHourMs / 2 && into_shift_ms < 2 * kHourMs) {
      early.Count(decision.Examined());
    } else if (into_shift_ms > 6 * kHourMs && into_shift_ms < 8 * kHourMs - kHourMs / 2) {
      late.Count(decision.Examined());
    }
  }
  EXPECT_GT(early.trials, 400);
  EXPECT_GT(early.successes * 100, early.trials * 94);
  EXPECT_GT(late.trials, 400);
  EXPECT_LT(late.successes * 100, late.trials * 3);
}

TEST(Habits, PoorFeedsSendActsOnly) {
  for (const Habit habit : {Habit::kCareful, Habit::kRubberStamping, Habit::kBulk}) {
    for (const ObservedDecision& decision :
         DecisionsOf(habit, Feed::kPoor, true, 500, AllAudited())) {
      for (const v1::Event& event : decision.events) {
        ASSERT_TRUE(event.has_decided() || event.has_applied());
        ASSERT_FALSE(event.decided().one_click());
        ASSERT_TRUE(event.decided().batch_id().empty());
      }
    }
  }
}

TEST(Habits, AuditsAreDrawnWhateverTheOutcome) {
  HospitalOptions options;
  options.probe_ratio = 0;
  Share of_overridden;
  Share of_accepted;
  for (const ObservedDecision& decision :
       DecisionsOf(Habit::kCareful, Feed::kFull, true, kDecisions, options)) {
    if (!decision.has_final_act || decision.independent) continue;
    (decision.chosen == decision.suggested ? of_accepted : of_overridden).Count(decision.Audited());
  }
  EXPECT_TRUE(WithinBinomial(of_overridden.successes, of_overridden.trials, 0.35));
  EXPECT_TRUE(WithinBinomial(of_accepted.successes, of_accepted.trials, 0.35));
}

TEST(Habits, ProbesAreWrongNamedAndNeverReachEffect) {
  HospitalOptions options;
  Share probes;
  for (const ObservedDecision& decision :
       DecisionsOf(Habit::kCareful, Feed::kFull, true, kDecisions, options)) {
    probes.Count(decision.Probe());
    if (!decision.Probe()) continue;
    EXPECT_TRUE(decision.Wrong());
    EXPECT_TRUE(decision.has_final_act);
    EXPECT_FALSE(decision.applied);
    for (const v1::Event& event : decision.events) {
      if (!event.has_truth_established()) continue;
      EXPECT_EQ(event.truth_established().origin_id(), "simulated-plan");
    }
  }
  EXPECT_TRUE(WithinBinomial(probes.successes, probes.trials, options.probe_ratio));
}

TEST(Habits, WithoutAnAuditOnlyOpportunisticTruthComesBack) {
  int64_t opportunistic = 0;
  for (const ObservedDecision& decision :
       DecisionsOf(Habit::kCareful, Feed::kFull, false, kDecisions, HospitalOptions())) {
    if (decision.truth.empty()) continue;
    EXPECT_EQ(decision.truth_origin, v1::TRUTH_ORIGIN_OPPORTUNISTIC);
    EXPECT_NE(decision.chosen, decision.suggested);
    ++opportunistic;
  }
  EXPECT_GT(opportunistic, 0);
}

TEST(Habits, CarefulUnitsShowTheRareThingsToo) {
  std::set<v1::Event::PayloadCase> payloads;
  std::set<v1::DecisionOutcome> outcomes;
  for (const ObservedDecision& decision :
       DecisionsOf(Habit::kCareful, Feed::kFull, true, kDecisions, HospitalOptions())) {
    for (const v1::Event& event : decision.events) {
      payloads.insert(event.payload_case());
      if (event.has_decided()) outcomes.insert(event.decided().outcome());
    }
  }
  for (const auto payload :
       {v1::Event::kSuppressedBeforeDisplay, v1::Event::kInitialJudgement, v1::Event::kEdited,
        v1::Event::kVoided, v1::Event::kPatientInformed, v1::Event::kTelemetryGap}) {
    EXPECT_TRUE(payloads.contains(payload)) << payload;
  }
  for (const auto outcome : {v1::DECISION_OUTCOME_ACCEPTED, v1::DECISION_OUTCOME_MODIFIED,
                             v1::DECISION_OUTCOME_OVERRIDDEN, v1::DECISION_OUTCOME_DEFERRED,
                             v1::DECISION_OUTCOME_ESCALATED, v1::DECISION_OUTCOME_INDEPENDENT}) {
    EXPECT_TRUE(outcomes.contains(outcome)) << outcome;
  }
}

}  // namespace
}  // namespace vigie::simulator
