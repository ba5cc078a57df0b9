// SPDX-License-Identifier: Apache-2.0
// Scopes and periods: which tallies a decision counts in (rules L10, L11, V5).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "decision/fact.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::decision {

// A population, in numbers of names; 0 = not restricted. Version only together with system.
struct ScopeKey {
  NameIndex organisation = 0;
  NameIndex system = 0;
  NameIndex version = 0;
  NameIndex unit = 0;
  bool test = false;

  friend auto operator<=>(const ScopeKey&, const ScopeKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const ScopeKey& k) {
    return H::combine(std::move(h), k.organisation, k.system, k.version, k.unit, k.test);
  }
};

// The scopes of a decision: organisation, system, system version, unit, system x unit. Those that
// a missing version or unit would repeat are left out.
[[nodiscard]] std::vector<ScopeKey> ScopesOf(const ScopeKey& finest);

// A period: its kind and its first day as days since 1970-01-01; 0 for cumulative.
struct PeriodKey {
  vigie::v1::PeriodKind kind = vigie::v1::PERIOD_KIND_CUMULATIVE;
  int32_t first_day = 0;

  friend auto operator<=>(const PeriodKey&, const PeriodKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const PeriodKey& k) {
    return H::combine(std::move(h), static_cast<int>(k.kind), k.first_day);
  }
};

// Cumulative, day, ISO week and month of a time, in the store's time zone: the periods that have
// tallies of their own. A quarter is the sum of its months.
[[nodiscard]] std::array<PeriodKey, 4> PeriodsOf(int64_t time_ms, const absl::TimeZone& zone);
// The months of a quarter.
[[nodiscard]] std::array<PeriodKey, 3> MonthsOf(const PeriodKey& quarter);
// The period of `kind` that holds a day.
[[nodiscard]] PeriodKey PeriodHolding(vigie::v1::PeriodKind kind, absl::CivilDay day);
// The first millisecond after a period; INT64_MAX for cumulative.
[[nodiscard]] int64_t PeriodEndMs(const PeriodKey& period, const absl::TimeZone& zone);
// `2026-11-22`, the first day; empty for cumulative.
[[nodiscard]] std::string FirstDayText(const PeriodKey& period);
// Reads what FirstDayText writes, or any day of the period.
[[nodiscard]] absl::StatusOr<PeriodKey> ParsePeriod(vigie::v1::PeriodKind kind,
                                                    const std::string& day);

}  // namespace vigie::decision
