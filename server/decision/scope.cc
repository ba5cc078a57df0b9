// SPDX-License-Identifier: Apache-2.0
#include "decision/scope.h"

#include "base/cat.h"

namespace vigie::decision {
namespace {

const absl::CivilDay kEpochDay(1970, 1, 1);

int32_t Number(absl::CivilDay day) { return static_cast<int32_t>(day - kEpochDay); }

}  // namespace

std::vector<ScopeKey> ScopesOf(const ScopeKey& finest) {
  ScopeKey organisation = {.organisation = finest.organisation, .test = finest.test};
  ScopeKey system = organisation;
  system.system = finest.system;
  std::vector<ScopeKey> scopes = {organisation, system};
  if (finest.version != 0) {
    ScopeKey version = system;
    version.version = finest.version;
    scopes.push_back(version);
  }
  if (finest.unit != 0) {
    ScopeKey unit = organisation;
    unit.unit = finest.unit;
    scopes.push_back(unit);
    ScopeKey system_unit = system;
    system_unit.unit = finest.unit;
    scopes.push_back(system_unit);
  }
  return scopes;
}

PeriodKey PeriodHolding(vigie::v1::PeriodKind kind, absl::CivilDay day) {
  switch (kind) {
    case vigie::v1::PERIOD_KIND_DAY:
      return {kind, Number(day)};
    case vigie::v1::PERIOD_KIND_WEEK:
      return {kind, Number(absl::PrevWeekday(day + 1, absl::Weekday::monday))};
    case vigie::v1::PERIOD_KIND_MONTH:
      return {kind, Number(absl::CivilDay(absl::CivilMonth(day)))};
    case vigie::v1::PERIOD_KIND_QUARTER:
      return {kind, Number(absl::CivilDay(day.year(), (day.month() - 1) / 3 * 3 + 1, 1))};
    default:
      return {};
  }
}

std::array<PeriodKey, 4> PeriodsOf(int64_t time_ms, const absl::TimeZone& zone) {
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMillis(time_ms), zone);
  return {PeriodKey{}, PeriodHolding(vigie::v1::PERIOD_KIND_DAY, day),
          PeriodHolding(vigie::v1::PERIOD_KIND_WEEK, day),
          PeriodHolding(vigie::v1::PERIOD_KIND_MONTH, day)};
}

std::array<PeriodKey, 3> MonthsOf(const PeriodKey& quarter) {
  const absl::CivilMonth first(kEpochDay + quarter.first_day);
  std::array<PeriodKey, 3> months;
  for (int i = 0; i < 3; ++i) {
    months[static_cast<size_t>(i)] = {vigie::v1::PERIOD_KIND_MONTH,
                                      Number(absl::CivilDay(first + i))};
  }
  return months;
}

int64_t PeriodEndMs(const PeriodKey& period, const absl::TimeZone& zone) {
  const absl::CivilDay first = kEpochDay + period.first_day;
  absl::CivilDay next;
  switch (period.kind) {
    case vigie::v1::PERIOD_KIND_DAY:
      next = first + 1;
      break;
    case vigie::v1::PERIOD_KIND_WEEK:
      next = first + 7;
      break;
    case vigie::v1::PERIOD_KIND_MONTH:
      next = absl::CivilDay(absl::CivilMonth(first) + 1);
      break;
    case vigie::v1::PERIOD_KIND_QUARTER:
      next = absl::CivilDay(absl::CivilMonth(first) + 3);
      break;
    default:
      return INT64_MAX;
  }
  return absl::ToUnixMillis(absl::FromCivil(next, zone));
}

std::string FirstDayText(const PeriodKey& period) {
  if (period.kind == vigie::v1::PERIOD_KIND_CUMULATIVE) return {};
  return absl::FormatCivilTime(kEpochDay + period.first_day);
}

absl::StatusOr<PeriodKey> ParsePeriod(vigie::v1::PeriodKind kind, const std::string& day) {
  using vigie::v1::PeriodKind;
  if (kind == vigie::v1::PERIOD_KIND_UNSPECIFIED || kind == vigie::v1::PERIOD_KIND_CUMULATIVE) {
    return PeriodKey{};
  }
  if (!vigie::v1::PeriodKind_IsValid(kind)) {
    return absl::InvalidArgumentError(base::Cat("period.kind: got ", static_cast<int>(kind),
                                                ", want CUMULATIVE, DAY, WEEK, MONTH or QUARTER"));
  }
  absl::CivilDay parsed;
  if (!absl::ParseCivilTime(day, &parsed) || parsed.year() < 1970 || parsed.year() > 9999) {
    return absl::InvalidArgumentError(
        "period.first_day: not a day, want a date such as 2026-11-22 from 1970 on");
  }
  return PeriodHolding(kind, parsed);
}

}  // namespace vigie::decision
