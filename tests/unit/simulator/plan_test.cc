// SPDX-License-Identifier: Apache-2.0
#include "simulator/plan.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace vigie::simulator {
namespace {

using testing::IsSupersetOf;

TEST(Plan, TheUsualHospitalCoversEveryHabitAndEveryFeed) {
  const std::vector<UnitPlan> plans = UsualPlans(HospitalOptions());
  std::set<Habit> habits;
  std::set<vigie::v1::Verdict> expected;
  bool poor = false;
  for (const UnitPlan& plan : plans) {
    habits.insert(plan.habit);
    poor |= plan.feed == Feed::kPoor;
    expected.insert(ExpectedVerdict(plan, HospitalOptions(), 0.2));
  }
  EXPECT_EQ(habits.size(), 6U);
  EXPECT_TRUE(poor);
  EXPECT_THAT(expected, IsSupersetOf({vigie::v1::VERDICT_CONCRETE_AND_SIGNIFICANT,
                                      vigie::v1::VERDICT_EFFECTIVELY_AUTOMATED,
                                      vigie::v1::VERDICT_UNDETERMINED}));
}

TEST(Plan, SharesOutEveryDecisionAndNamesUnitsUniquely) {
  for (const int unit_count : {1, 2, 6, 8, 30}) {
    HospitalOptions options;
    options.unit_count = unit_count;
    options.decision_count = 1'003;
    int64_t sum = 0;
    std::set<std::string> names;
    for (const UnitPlan& plan : UsualPlans(options)) {
      sum += plan.decision_count;
      names.insert(plan.unit_id);
    }
    EXPECT_EQ(sum, 1'003) << unit_count;
    EXPECT_EQ(names.size(), static_cast<size_t>(unit_count));
  }
}

TEST(Plan, CutsRatiosAndCountsToTheirRange) {
  HospitalOptions options;
  options.audit_ratio = 1.5;
  options.late_ratio = -1;
  options.decision_count = -4;
  options.unit_count = -1;
  options = Bounded(options);
  EXPECT_EQ(options.audit_ratio, 1);
  EXPECT_EQ(options.late_ratio, 0);
  EXPECT_EQ(options.decision_count, 0);
  EXPECT_EQ(options.unit_count, 0);
}

TEST(Plan, TruthThatDoesNotComeBackLeavesACarefulUnitUndetermined) {
  const UnitPlan plan = {"unit", Habit::kCareful, Feed::kFull, false, 100'000};
  EXPECT_EQ(ExpectedVerdict(plan, HospitalOptions(), 0.2), vigie::v1::VERDICT_UNDETERMINED);
  const UnitPlan told = {"unit", Habit::kCareful, Feed::kFull, true, 100'000};
  HospitalOptions without_audit;
  without_audit.audit_ratio = 0;
  EXPECT_EQ(ExpectedVerdict(told, without_audit, 0.2), vigie::v1::VERDICT_UNDETERMINED);
}

TEST(Plan, PromisesNothingOfASmallCarefulUnit) {
  const UnitPlan plan = {"unit", Habit::kCareful, Feed::kFull, true, 100};
  EXPECT_EQ(ExpectedVerdict(plan, HospitalOptions(), 0.2), vigie::v1::VERDICT_UNSPECIFIED);
}

TEST(Plan, WorkLiesInTwoShiftsOfADay) {
  constexpr int64_t kStartMs = 1'788'220'800'000;
  const Moment first = MomentAt(0, 10, kStartMs);
  EXPECT_EQ(first.at_ms, kStartMs + 6 * kHourMs);
  EXPECT_EQ(first.shift_index, 0);
  const Moment second_day = MomentAt(0.1, 10, kStartMs);
  EXPECT_EQ(second_day.at_ms, kStartMs + kDayMs + 6 * kHourMs);
  EXPECT_EQ(second_day.shift_index, 2);
  const Moment middle = MomentAt(0.125, 10, kStartMs);
  EXPECT_EQ(middle.shift_ratio, 0.5);
}

}  // namespace
}  // namespace vigie::simulator
