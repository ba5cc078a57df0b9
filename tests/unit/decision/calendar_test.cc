// SPDX-License-Identifier: Apache-2.0
// Rules L10, V5: what is remembered of days is what would be found anew.
#include "decision/calendar.h"

#include <random>

#include "gtest/gtest.h"
#include "support/paris.h"

namespace vigie::decision {
namespace {

using support::Paris;

TEST(CalendarL10, RemembersTheSameAsItFindsAlsoWhereTheClocksChange) {
  const absl::TimeZone zone = Paris();
  Calendar calendar(zone);
  std::mt19937_64 random(7);
  // Two years with four changes of the clock, in no order, so that slots are used again.
  const int64_t from_ms = absl::ToUnixMillis(absl::FromCivil(absl::CivilDay(2025, 1, 1), zone));
  for (int i = 0; i < 20'000; ++i) {
    const auto minutes = static_cast<int64_t>(random() % (2 * 365 * 24 * 60));
    const int64_t time_ms = from_ms + minutes * 60'000;
    const Calendar::Periods& found = calendar.Of(time_ms);
    ASSERT_EQ(found.keys, PeriodsOf(time_ms, zone)) << time_ms;
    for (size_t k = 0; k < found.keys.size(); ++k) {
      ASSERT_EQ(found.end_ms[k], PeriodEndMs(found.keys[k], zone)) << time_ms;
    }
  }
}

TEST(CalendarL10, TheLastMillisecondOfADayBelongsToIt) {
  Calendar calendar(Paris());
  // 2026-03-29, a day of 23 hours.
  const int64_t midnight_ms =
      absl::ToUnixMillis(absl::FromCivil(absl::CivilDay(2026, 3, 30), Paris()));
  EXPECT_EQ(FirstDayText(calendar.Of(midnight_ms - 1).keys[1]), "2026-03-29");
  EXPECT_EQ(FirstDayText(calendar.Of(midnight_ms).keys[1]), "2026-03-30");
  EXPECT_EQ(FirstDayText(calendar.Of(midnight_ms - 1).keys[1]), "2026-03-29");
}

TEST(CalendarL10, TimesBefore1970HaveTheirDay) {
  Calendar calendar(absl::UTCTimeZone());
  EXPECT_EQ(FirstDayText(calendar.Of(-1).keys[1]), "1969-12-31");
}

}  // namespace
}  // namespace vigie::decision
