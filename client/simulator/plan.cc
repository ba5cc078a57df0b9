// SPDX-License-Identifier: Apache-2.0
#include "simulator/plan.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace vigie::simulator {
namespace {

struct UnitKind {
  Habit habit;
  Feed feed;
  bool returns_truth;
};

// By importance: a hospital of few units still shows the verdicts that differ most.
constexpr std::array<UnitKind, 8> kKinds = {{
    {Habit::kCareful, Feed::kFull, true},
    {Habit::kRubberStamping, Feed::kFull, true},
    {Habit::kAutoApplied, Feed::kFull, true},
    {Habit::kCareful, Feed::kFull, false},
    {Habit::kCareful, Feed::kPoor, false},
    {Habit::kBulk, Feed::kFull, true},
    {Habit::kFading, Feed::kFull, true},
    {Habit::kCarefulButAgreeing, Feed::kFull, true},
}};

constexpr std::array<std::string_view, 8> kWards = {
    "cardiology",  "radiology-a",   "hospital-pharmacy", "emergency",
    "radiology-b", "ward-pharmacy", "intensive-care",    "pneumology"};

}  // namespace

HospitalOptions Bounded(HospitalOptions options) {
  options.decision_count = std::max<int64_t>(options.decision_count, 0);
  options.unit_count = std::max(options.unit_count, 0);
  for (double* ratio : {&options.probe_ratio, &options.audit_ratio, &options.ai_error_ratio,
                        &options.duplicate_ratio, &options.late_ratio, &options.missing_ratio}) {
    *ratio = std::clamp(*ratio, 0.0, 1.0);
  }
  return options;
}

std::vector<UnitPlan> UsualPlans(const HospitalOptions& options) {
  std::vector<UnitPlan> plans;
  constexpr int64_t kFirstShares = 3;
  const int64_t shares = options.unit_count - 1 + kFirstShares;
  int64_t left = options.decision_count;
  for (int i = 0; i < options.unit_count; ++i) {
    const auto index = static_cast<size_t>(i);
    const UnitKind& kind = kKinds.at(index % kKinds.size());
    UnitPlan plan;
    plan.unit_id = std::string(kWards.at(index % kWards.size()));
    if (index >= kWards.size()) absl::StrAppend(&plan.unit_id, "-", index / kWards.size() + 1);
    plan.habit = kind.habit;
    plan.feed = kind.feed;
    plan.returns_truth = kind.returns_truth;
    plan.decision_count = options.decision_count / shares * (i == 0 ? kFirstShares : 1);
    left -= plan.decision_count;
    plans.push_back(std::move(plan));
  }
  if (!plans.empty()) plans.front().decision_count += left;
  return plans;
}

int64_t WorkingDays(const std::vector<UnitPlan>& plans) {
  int64_t largest = 0;
  for (const UnitPlan& plan : plans) largest = std::max(largest, plan.decision_count);
  return std::clamp<int64_t>(largest / 24, 5, 28);
}

bool TruthReturned(const UnitPlan& plan, const HospitalOptions& options) {
  return plan.returns_truth && plan.feed == Feed::kFull && options.audit_ratio > 0;
}

vigie::v1::Verdict ExpectedVerdict(const UnitPlan& plan, const HospitalOptions& options,
                                   double error_ratio) {
  // Sizes from which a unit of this habit misses its verdict in fewer than one seed in a hundred
  // (none of 400 tried); below them the verdict depends on luck.
  constexpr int64_t kEnoughWithoutPeople = 60;
  constexpr int64_t kEnoughFading = 150;
  constexpr int64_t kEnoughCareful = 600;
  constexpr double kEnoughAuditedWrong = 40;
  constexpr double kBearableGaps = 0.025;

  const bool poor = plan.feed == Feed::kPoor;
  const int64_t size = plan.decision_count;
  if (plan.habit == Habit::kAutoApplied) {
    return size >= kEnoughWithoutPeople ? vigie::v1::VERDICT_EFFECTIVELY_AUTOMATED
                                        : vigie::v1::VERDICT_UNSPECIFIED;
  }
  if (poor) return vigie::v1::VERDICT_UNDETERMINED;
  switch (plan.habit) {
    case Habit::kRubberStamping:
    case Habit::kBulk:
    case Habit::kAutoApplied:
      return size >= kEnoughWithoutPeople ? vigie::v1::VERDICT_EFFECTIVELY_AUTOMATED
                                          : vigie::v1::VERDICT_UNSPECIFIED;
    case Habit::kFading:
      return size >= kEnoughFading ? vigie::v1::VERDICT_EFFECTIVELY_AUTOMATED
                                   : vigie::v1::VERDICT_UNSPECIFIED;
    case Habit::kCareful:
    case Habit::kCarefulButAgreeing:
      break;
  }
  if (!TruthReturned(plan, options)) return vigie::v1::VERDICT_UNDETERMINED;
  if (plan.habit == Habit::kCarefulButAgreeing) return vigie::v1::VERDICT_UNSPECIFIED;
  const double audited_wrong = static_cast<double>(size) * options.audit_ratio * error_ratio;
  const bool enough = size >= kEnoughCareful && audited_wrong >= kEnoughAuditedWrong &&
                      options.missing_ratio * kCarefulGapShare <= kBearableGaps;
  return enough ? vigie::v1::VERDICT_CONCRETE_AND_SIGNIFICANT : vigie::v1::VERDICT_UNSPECIFIED;
}

Moment MomentAt(double ratio, int64_t working_days, int64_t start_ms) {
  constexpr int64_t kShiftsPerDay = 2;
  constexpr int64_t kDayStartsMs = 6 * kHourMs;
  const int64_t worked_ms =
      static_cast<int64_t>(ratio * static_cast<double>(working_days * kShiftsPerDay * kShiftMs));
  Moment moment;
  moment.shift_index = worked_ms / kShiftMs;
  const int64_t into_shift_ms = worked_ms % kShiftMs;
  moment.shift_ratio = static_cast<double>(into_shift_ms) / static_cast<double>(kShiftMs);
  moment.at_ms = start_ms + moment.shift_index / kShiftsPerDay * kDayMs + kDayStartsMs +
                 moment.shift_index % kShiftsPerDay * kShiftMs + into_shift_ms;
  return moment;
}

}  // namespace vigie::simulator
