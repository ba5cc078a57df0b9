// SPDX-License-Identifier: Apache-2.0
// The figures of measurement.md section 4 and the properties that verdicts rest on.
#include "stats/evidence.h"

#include <cmath>

#include "gtest/gtest.h"

namespace vigie::stats {
namespace {

const double kGreen = std::log(1 / .05);
const double kRed = std::log(3 / .01);

TEST(Evidence, GreenNeedsAtLeast83DecisionsWithoutAFailureInPositiveAct) {
  EXPECT_EQ(MinimumTrials(.95, Side::kAbove, kGreen), 83);
  EXPECT_LT(LogE({82, 82}, .95, Side::kAbove), kGreen);
  EXPECT_GE(LogE({83, 83}, .95, Side::kAbove), kGreen);
}

TEST(Evidence, AboveEightTenthsNeedsAtLeastTwenty) {
  EXPECT_EQ(MinimumTrials(.8, Side::kAbove, kGreen), 20);
}

TEST(Evidence, NothingIsKnownWithoutATrial) {
  EXPECT_EQ(LogE({0, 0}, .8, Side::kBelow), 0);
  EXPECT_EQ(LogE({0, 0}, .8, Side::kAbove), 0);
  const Interval interval = ConfidenceInterval({0, 0}, .05);
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 1);
}

TEST(Evidence, GrowsWithEveryFailureBelowAndWithEverySuccessAbove) {
  for (int64_t n = 1; n <= 200; n += 7) {
    for (int64_t s = 0; s < n; ++s) {
      ASSERT_GT(LogE({s, n}, .8, Side::kBelow), LogE({s + 1, n}, .8, Side::kBelow));
      ASSERT_LT(LogE({s, n}, .8, Side::kAbove), LogE({s + 1, n}, .8, Side::kAbove));
    }
  }
}

TEST(Evidence, StaysFiniteForABillionTrials) {
  EXPECT_TRUE(std::isfinite(LogE({0, 1'000'000'000}, .8, Side::kBelow)));
  EXPECT_TRUE(std::isfinite(LogE({1'000'000'000, 1'000'000'000}, .8, Side::kBelow)));
  EXPECT_TRUE(std::isfinite(LogE({0, 1'000'000'000}, .8, Side::kAbove)));
}

TEST(Evidence, AnIntervalHoldsItsOwnRateAndNarrows) {
  double width = 1;
  for (const int64_t n : {10, 100, 1'000, 10'000}) {
    const Interval interval = ConfidenceInterval({n * 6 / 10, n}, .05);
    EXPECT_LE(interval.low, .6);
    EXPECT_GE(interval.high, .6);
    EXPECT_LT(interval.high - interval.low, width);
    width = interval.high - interval.low;
  }
}

TEST(Evidence, FurtherTrialsIsTheFirstNumberThatReachesTheBound) {
  const Counts counts = {.successes = 40, .trials = 100};
  const auto further = FurtherTrials(counts, .5, Side::kBelow, kRed);
  ASSERT_TRUE(further.has_value());
  const auto after = [&](int64_t m) {
    return LogE({40 + std::llround(.4 * static_cast<double>(m)), 100 + m}, .5, Side::kBelow);
  };
  EXPECT_GE(after(*further), kRed);
  EXPECT_LT(after(*further - 1), kRed);
}

TEST(Evidence, FurtherTrialsIsNoneWhenTheBoundIsReached) {
  EXPECT_EQ(FurtherTrials({0, 100}, .8, Side::kBelow, kRed), 0);
}

TEST(Evidence, FurtherTrialsIsAbsentWhereTheRateLeadsNowhere) {
  EXPECT_EQ(FurtherTrials({50, 100}, .5, Side::kAbove, kGreen), std::nullopt);
  EXPECT_EQ(FurtherTrials({90, 100}, .8, Side::kBelow, kRed), std::nullopt);
}

TEST(Evidence, FurtherTrialsWithoutATrialCountsARunOfSuccesses) {
  EXPECT_EQ(FurtherTrials({0, 0}, .95, Side::kAbove, kGreen), 83);
}

}  // namespace
}  // namespace vigie::stats
