// SPDX-License-Identifier: Apache-2.0
#include "decision/calendar.h"

namespace vigie::decision {
namespace {

constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;

}  // namespace

const Calendar::Periods& Calendar::Of(int64_t time_ms) {
  // A day of the zone falls on two slots at most; which is only a matter of speed.
  Day& day = days_[static_cast<uint64_t>(time_ms / kDayMs) % kDays];
  if (time_ms >= day.begin_ms && time_ms < day.end_ms) return day.periods;
  const absl::CivilDay civil = absl::ToCivilDay(absl::FromUnixMillis(time_ms), zone_);
  day.begin_ms = absl::ToUnixMillis(absl::FromCivil(civil, zone_));
  day.end_ms = absl::ToUnixMillis(absl::FromCivil(civil + 1, zone_));
  day.periods.keys = PeriodsOf(time_ms, zone_);
  for (size_t i = 0; i < day.periods.keys.size(); ++i) {
    day.periods.end_ms[i] = PeriodEndMs(day.periods.keys[i], zone_);
  }
  return day.periods;
}

}  // namespace vigie::decision
