// SPDX-License-Identifier: Apache-2.0
// Rules V1, V2 and V3, each at its boundary.
#include "decision/verdict.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/baseline_policy.h"

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.
using support::BaselinePolicy;

// Counts of a scope in one line; what is not said is far on the good side of nothing.
struct Scope {
  TrialCounts positive = {};
  TrialCounts concrete = {};
  TrialCounts coverage = {};
  TrialCounts vigilance = {};
};

Tally TallyOf(const Scope& scope) {
  Tally tally;
  tally.positive_act = scope.positive;
  tally.concrete_examination = scope.concrete;
  tally.coverage = scope.coverage;
  if (scope.vigilance.trials == 0) return tally;
  OriginTally origin;
  origin.key.origin = TRUTH_ORIGIN_ASSERTED_AUDIT;
  origin.cells[OriginTally::kWrong][OriginTally::kNotTaken] = scope.vigilance.successes;
  origin.cells[OriginTally::kWrong][OriginTally::kTaken] =
      scope.vigilance.trials - scope.vigilance.successes;
  tally.origins.push_back(origin);
  return tally;
}

VerdictFinding Concluded(const Scope& scope) { return Conclude(TallyOf(scope), BaselinePolicy()); }

const Scope kGreen = {{200, 200}, {200, 200}, {200, 200}, {40, 40}};

// The most successes of `trials` at which `threshold` is refuted by `log_bound`.
int64_t LastRefuting(int64_t trials, double threshold, double log_bound) {
  int64_t successes = -1;
  while (stats::LogE({successes + 1, trials}, threshold, stats::Side::kBelow) >= log_bound) {
    ++successes;
  }
  return successes;
}

TEST(VerdictV1, PositiveActTurnsRedExactlyAtThreeOverAlpha) {
  const int64_t last = LastRefuting(100, .95, std::log(3 / .01));
  EXPECT_EQ(Concluded({.positive = {last, 100}}).verdict, VERDICT_EFFECTIVELY_AUTOMATED);
  EXPECT_EQ(Concluded({.positive = {last + 1, 100}}).verdict, VERDICT_UNDETERMINED);
}

TEST(VerdictV1, ConcreteExaminationTurnsRedExactlyAtThreeOverAlpha) {
  const int64_t last = LastRefuting(100, .8, std::log(3 / .01));
  EXPECT_EQ(Concluded({.concrete = {last, 100}, .coverage = {100, 100}}).verdict,
            VERDICT_EFFECTIVELY_AUTOMATED);
  EXPECT_EQ(Concluded({.concrete = {last + 1, 100}, .coverage = {100, 100}}).verdict,
            VERDICT_UNDETERMINED);
}

TEST(VerdictV1, VigilanceTurnsRedExactlyAtNineOverAlpha) {
  const int64_t last = LastRefuting(100, .5, std::log(9 / .01));
  EXPECT_LT(last, LastRefuting(100, .5, std::log(3 / .01)));
  EXPECT_EQ(Concluded({.vigilance = {last, 100}}).verdict, VERDICT_EFFECTIVELY_AUTOMATED);
  EXPECT_EQ(Concluded({.vigilance = {last + 1, 100}}).verdict, VERDICT_UNDETERMINED);
}

TEST(VerdictV1, ConcreteExaminationNeedsCoverageOfEightTenths) {
  EXPECT_EQ(Concluded({.concrete = {0, 100}, .coverage = {80, 100}}).verdict,
            VERDICT_EFFECTIVELY_AUTOMATED);
  EXPECT_EQ(Concluded({.concrete = {0, 100}, .coverage = {79, 100}}).verdict, VERDICT_UNDETERMINED);
  EXPECT_EQ(Concluded({.concrete = {0, 100}}).verdict, VERDICT_UNDETERMINED);
}

TEST(VerdictV1, PositiveActNeedsNoCoverage) {
  EXPECT_EQ(Concluded({.positive = {0, 100}, .coverage = {0, 100}}).verdict,
            VERDICT_EFFECTIVELY_AUTOMATED);
}

TEST(VerdictV1, IsProvisionalWhenOnlyBehaviourDrives) {
  EXPECT_EQ(Concluded({.concrete = {0, 100}, .coverage = {100, 100}}).certainty,
            CERTAINTY_PROVISIONAL);
}

TEST(VerdictV1, IsCorroboratedWhenStructureOrVigilanceDrives) {
  EXPECT_EQ(Concluded({.positive = {0, 100}}).certainty, CERTAINTY_CORROBORATED);
  EXPECT_EQ(Concluded({.vigilance = {0, 100}}).certainty, CERTAINTY_CORROBORATED);
  EXPECT_EQ(
      Concluded({.positive = {0, 100}, .concrete = {0, 100}, .coverage = {100, 100}}).certainty,
      CERTAINTY_CORROBORATED);
}

TEST(VerdictV1, WinsOverGreen) {
  Scope scope = kGreen;
  scope.vigilance = {0, 40};
  EXPECT_EQ(Concluded(scope).verdict, VERDICT_EFFECTIVELY_AUTOMATED);
}

TEST(VerdictV2, IsGreenWhenEverythingIsShown) {
  EXPECT_EQ(Concluded(kGreen).verdict, VERDICT_CONCRETE_AND_SIGNIFICANT);
  EXPECT_EQ(Concluded(kGreen).certainty, CERTAINTY_UNSPECIFIED);
}

TEST(VerdictV2, NeedsEightyThreeDecisionsWithoutAFailureInPositiveAct) {
  Scope scope = kGreen;
  scope.positive = {83, 83};
  EXPECT_EQ(Concluded(scope).verdict, VERDICT_CONCRETE_AND_SIGNIFICANT);
  scope.positive = {82, 82};
  EXPECT_EQ(Concluded(scope).verdict, VERDICT_UNDETERMINED);
}

TEST(VerdictV2, NeedsTwentyExaminedDecisionsWithoutAFailure) {
  Scope scope = kGreen;
  scope.concrete = {20, 20};
  EXPECT_EQ(Concluded(scope).verdict, VERDICT_CONCRETE_AND_SIGNIFICANT);
  scope.concrete = {19, 19};
  EXPECT_EQ(Concluded(scope).verdict, VERDICT_UNDETERMINED);
}

TEST(VerdictV2, NeedsTruth) {
  Scope scope = kGreen;
  scope.vigilance = {};
  EXPECT_EQ(Concluded(scope).verdict, VERDICT_UNDETERMINED);
}

TEST(VerdictV2, NeedsCoverageOfNineteenTwentieths) {
  Scope scope = kGreen;
  scope.coverage = {190, 200};
  EXPECT_EQ(Concluded(scope).verdict, VERDICT_CONCRETE_AND_SIGNIFICANT);
  scope.coverage = {189, 200};
  EXPECT_EQ(Concluded(scope).verdict, VERDICT_UNDETERMINED);
}

// One origin says vigilant; another, not strong enough for red, says the contrary.
TEST(VerdictV2, IsDeniedByOneCountedOriginThatSaysTheContrary) {
  Tally tally = TallyOf(kGreen);
  OriginTally denying = tally.origins[0];
  denying.key.origin = TRUTH_ORIGIN_SEEDED;
  denying.cells[OriginTally::kWrong] = {7, 0};
  tally.origins.insert(tally.origins.begin(), denying);
  EXPECT_EQ(Conclude(tally, BaselinePolicy()).verdict, VERDICT_UNDETERMINED);
  tally.origins[0].cells[OriginTally::kWrong] = {6, 0};
  EXPECT_EQ(Conclude(tally, BaselinePolicy()).verdict, VERDICT_CONCRETE_AND_SIGNIFICANT);
}

TEST(VerdictV3, NothingIsUndeterminedAndNeedsARunOfSuccesses) {
  const VerdictFinding found = Concluded({});
  EXPECT_EQ(found.verdict, VERDICT_UNDETERMINED);
  ASSERT_EQ(found.indicators.size(), 3U);
  const FurtherNeed need = NeedOf(found.indicators[0]);
  EXPECT_EQ(need.direction, DIRECTION_ABOVE);
  EXPECT_EQ(need.trials, 83);
}

TEST(VerdictV3, NamesTheTrialsToTheNearerBound) {
  const VerdictFinding found = Concluded({.positive = {30, 40}});
  const FurtherNeed need = NeedOf(found.indicators[0]);
  EXPECT_EQ(need.direction, DIRECTION_BELOW);
  ASSERT_TRUE(need.trials.has_value());
}

TEST(VerdictV3, SaysNothingWhereTheRateLeadsNowhere) {
  const VerdictFinding found = Concluded({.vigilance = {50, 100}});
  EXPECT_EQ(NeedOf(found.indicators[2]).trials, std::nullopt);
}

}  // namespace
}  // namespace vigie::decision
