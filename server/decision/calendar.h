// SPDX-License-Identifier: Apache-2.0
// The calendar periods that hold a time (rules L10, V5).
#pragma once

#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "decision/scope.h"

namespace vigie::decision {

// Finds periods and their ends in one zone. Remembers the days it has seen last, for decisions come
// close together and a conversion costs more than counting one. Not thread-safe.
class Calendar {
 public:
  explicit Calendar(const absl::TimeZone& zone) : zone_(zone) {}

  [[nodiscard]] const absl::TimeZone& zone() const { return zone_; }

  // Cumulative, day, week and month of one day.
  struct Periods {
    std::array<PeriodKey, 4> keys;
    std::array<int64_t, 4> end_ms;  // INT64_MAX for cumulative.
  };
  // Valid until the next call.
  [[nodiscard]] const Periods& Of(int64_t time_ms);

 private:
  static constexpr size_t kDays = 64;
  struct Day {
    int64_t begin_ms = 0;
    int64_t end_ms = 0;  // Not after begin_ms: empty.
    Periods periods;
  };

  absl::TimeZone zone_;
  std::array<Day, kDays> days_{};
};

}  // namespace vigie::decision
