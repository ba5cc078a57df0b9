// SPDX-License-Identifier: Apache-2.0
#include "scope_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigie::cli {
namespace {

std::string FirstDayOf(const std::string& text) {
  const auto period = ParsePeriod(text);
  return period.ok() ? period->first_day() : "refused";
}

TEST(ParsePeriod, TakesTheFirstDayOfDaysWeeksAndMonths) {
  EXPECT_EQ(FirstDayOf("day:2026-11-22"), "2026-11-22");
  EXPECT_EQ(FirstDayOf("week:2026-W47"), "2026-11-16");
  EXPECT_EQ(FirstDayOf("week:2026-W01"), "2025-12-29");
  EXPECT_EQ(FirstDayOf("week:2026-W53"), "2026-12-28");
  EXPECT_EQ(FirstDayOf("month:2026-11"), "2026-11-01");
  EXPECT_EQ(ParsePeriod("week:2026-W47")->kind(), v1::PERIOD_KIND_WEEK);
  EXPECT_EQ(ParsePeriod("")->kind(), v1::PERIOD_KIND_CUMULATIVE);
}

TEST(ParsePeriod, RefusesWhatTheCalendarHasNot) {
  for (const char* text : {"day:2026-02-30", "week:2027-W53", "week:2026-W00", "month:2026-13",
                           "day:2026-11", "year:2026", "2026-11-22", "day:26-11-22", "day:"}) {
    EXPECT_EQ(FirstDayOf(text), "refused") << text;
  }
}

TEST(ScopeText, SaysWhatIsNotRestricted) {
  v1::Scope scope;
  scope.set_organisation_id("h");
  EXPECT_EQ(ScopeText(scope), "h, all systems, all units");
  scope.set_unit_id("icu");
  scope.set_environment(v1::ENVIRONMENT_TEST);
  EXPECT_EQ(ScopeText(scope), "h, all systems, unit icu (test)");
}

}  // namespace
}  // namespace vigie::cli
