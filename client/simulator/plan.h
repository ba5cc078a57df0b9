// SPDX-License-Identifier: Apache-2.0
// Which units a hospital has, when they work, and what verdict they deserve.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulator/hospital.h"

namespace vigie::simulator {

inline constexpr int64_t kSecondMs = 1'000;
inline constexpr int64_t kMinuteMs = 60 * kSecondMs;
inline constexpr int64_t kHourMs = 60 * kMinuteMs;
inline constexpr int64_t kDayMs = 24 * kHourMs;
inline constexpr int64_t kShiftMs = 8 * kHourMs;

// Careful people's stations lose this share of missing_ratio.
inline constexpr double kCarefulGapShare = 0.4;

// The options with ratios within [0, 1] and counts not negative.
[[nodiscard]] HospitalOptions Bounded(HospitalOptions options);

// The usual mixture. The first eight units cover every kind; the first, careful and audited, is
// three times the size of the others, because showing that people decide takes more cases than
// showing that they do not.
[[nodiscard]] std::vector<UnitPlan> UsualPlans(const HospitalOptions& options);

// Days of work: enough for the largest unit at about 24 decisions a day, from 5 to 28.
[[nodiscard]] int64_t WorkingDays(const std::vector<UnitPlan>& plans);

// Truth of audits comes back and can hold a wrong suggestion.
[[nodiscard]] bool TruthReturned(const UnitPlan& plan, const HospitalOptions& options);

// See UnitTruth::expected. `error_ratio` is that of the unit's AI system.
[[nodiscard]] vigie::v1::Verdict ExpectedVerdict(const UnitPlan& plan,
                                                 const HospitalOptions& options,
                                                 double error_ratio);

// A moment of the simulated working time.
struct Moment {
  int64_t at_ms = 0;
  int64_t shift_index = 0;
  // 0 when the shift starts, 1 when it ends.
  double shift_ratio = 0;
};

// The moment at this ratio of the working time, two shifts a day from 06:00 to 22:00 UTC.
[[nodiscard]] Moment MomentAt(double ratio, int64_t working_days, int64_t start_ms);

}  // namespace vigie::simulator
