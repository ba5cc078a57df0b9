// SPDX-License-Identifier: Apache-2.0
// Scopes and calendar periods (rules L10, V5).
#include "decision/scope.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/paris.h"

namespace vigie::decision {
namespace {

using support::Paris;

int64_t InParis(int64_t year, int month, int day, int hour, int minute) {
  const absl::CivilMinute at(year, month, day, hour, minute);
  return absl::ToUnixMillis(absl::FromCivil(at, Paris()));
}

std::string Day(int64_t time_ms) { return FirstDayText(PeriodsOf(time_ms, Paris())[1]); }
std::string Week(int64_t time_ms) { return FirstDayText(PeriodsOf(time_ms, Paris())[2]); }
std::string Month(int64_t time_ms) { return FirstDayText(PeriodsOf(time_ms, Paris())[3]); }

TEST(Periods, ADayEndsAtMidnightInParisNotInUtc) {
  EXPECT_EQ(Day(InParis(2026, 7, 14, 23, 59)), "2026-07-14");
  EXPECT_EQ(Day(InParis(2026, 7, 15, 0, 0)), "2026-07-15");
  EXPECT_EQ(Day(InParis(2026, 1, 1, 0, 0) - 1), "2025-12-31");
}

TEST(Periods, WeeksBeginOnMondayAndCrossTheYear) {
  EXPECT_EQ(Week(InParis(2026, 11, 22, 12, 0)), "2026-11-16");
  EXPECT_EQ(Week(InParis(2026, 11, 23, 0, 0)), "2026-11-23");
  EXPECT_EQ(Week(InParis(2027, 1, 1, 12, 0)), "2026-12-28");
}

TEST(Periods, MonthsBeginOnTheirFirst) {
  EXPECT_EQ(Month(InParis(2026, 2, 28, 23, 59)), "2026-02-01");
  EXPECT_EQ(Month(InParis(2026, 3, 1, 0, 0)), "2026-03-01");
}

TEST(Periods, DaysOfTheClockChangeHaveTwentyThreeAndTwentyFiveHours) {
  const auto hours = [](int64_t noon_ms) {
    const PeriodKey day = PeriodsOf(noon_ms, Paris())[1];
    PeriodKey before = day;
    --before.first_day;
    return (PeriodEndMs(day, Paris()) - PeriodEndMs(before, Paris())) / 3'600'000;
  };
  EXPECT_EQ(hours(InParis(2026, 3, 29, 12, 0)), 23);
  EXPECT_EQ(hours(InParis(2026, 10, 25, 12, 0)), 25);
  EXPECT_EQ(hours(InParis(2026, 10, 26, 12, 0)), 24);
}

TEST(Periods, EndIsTheFirstMillisecondAfter) {
  const int64_t noon = InParis(2026, 11, 22, 12, 0);
  const auto periods = PeriodsOf(noon, Paris());
  EXPECT_EQ(PeriodEndMs(periods[0], Paris()), INT64_MAX);
  EXPECT_EQ(PeriodEndMs(periods[1], Paris()), InParis(2026, 11, 23, 0, 0));
  EXPECT_EQ(PeriodEndMs(periods[2], Paris()), InParis(2026, 11, 23, 0, 0));
  EXPECT_EQ(PeriodEndMs(periods[3], Paris()), InParis(2026, 12, 1, 0, 0));
}

TEST(Periods, AnyDayOfAPeriodNamesIt) {
  const auto month = ParsePeriod(vigie::v1::PERIOD_KIND_MONTH, "2026-11-22");
  ASSERT_TRUE(month.ok());
  EXPECT_EQ(FirstDayText(*month), "2026-11-01");
  EXPECT_FALSE(ParsePeriod(vigie::v1::PERIOD_KIND_DAY, "22/11/2026").ok());
  EXPECT_FALSE(ParsePeriod(vigie::v1::PERIOD_KIND_DAY, "").ok());
}

TEST(Scopes, ADecisionCountsInAllFive) {
  const ScopeKey finest = {.organisation = 1, .system = 2, .version = 3, .unit = 4};
  EXPECT_THAT(ScopesOf(finest),
              testing::ElementsAre(ScopeKey{.organisation = 1}, ScopeKey{1, 2, 0, 0, false},
                                   ScopeKey{1, 2, 3, 0, false}, ScopeKey{1, 0, 0, 4, false},
                                   ScopeKey{1, 2, 0, 4, false}));
}

TEST(Scopes, AMissingVersionOrUnitIsLeftOut) {
  EXPECT_EQ(ScopesOf({.organisation = 1, .system = 2}).size(), 2U);
}

TEST(Scopes, TestDecisionsHaveScopesOfTheirOwn) {
  for (const ScopeKey& scope : ScopesOf({1, 2, 3, 4, true})) EXPECT_TRUE(scope.test);
}

}  // namespace
}  // namespace vigie::decision
