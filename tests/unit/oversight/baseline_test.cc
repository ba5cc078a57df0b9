// SPDX-License-Identifier: Apache-2.0
// Unaided baselines (R9) and the workload measured with them (I5).
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/measured_hospital.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::HasSubstr;

class BaselineTest : public testing::Test {
 protected:
  // `count` unaided decisions of kind `triage`, of 1, 2, 3 ... seconds.
  void FeedUnaided(int count) {
    for (int i = 1; i <= count; ++i) {
      hospital_.Unaided(absl::StrCat("u-", i), kMorningMs + i, i * 1'000, "triage");
    }
  }
  [[nodiscard]] absl::StatusOr<CloseBaselineResponse> Close(const std::string& id) {
    CloseBaselineRequest request;
    request.set_decision_kind("triage");
    request.set_calibration_id(id);
    return hospital_.measures().CloseBaseline(request);
  }
  // The baseline policy, naming a calibration.
  [[nodiscard]] static vigie::config::v1::Policy Naming(const std::string& id) {
    auto policy = BaselinePolicy();
    policy.set_version("2");
    policy.mutable_examination()->add_calibrations(id);
    return policy;
  }
  // A decision of kind `triage` with so much active time.
  void DecideFor(const std::string& id, int64_t active_ms, int64_t at_ms = kMorningMs) {
    Event kind = AnEvent(id, "evidence", at_ms + 2'500);
    kind.set_decision_kind("triage");
    kind.mutable_evidence_opened()->set_kind(EVIDENCE_KIND_RECORD);
    kind.mutable_evidence_opened()->set_origin(EVIDENCE_ORIGIN_INDEPENDENT);
    hospital_.Send({kind}, 0);
    hospital_.Decide(id, at_ms, {.active_ms = active_ms});
  }
  MeasuredHospital hospital_;
};

TEST_F(BaselineTest, R9_HoldsTheExactMedianOfItsKindAndPeriod) {
  FeedUnaided(31);
  hospital_.Unaided("other", kMorningMs, 999'000, "reading");
  const auto closed = Close("spring");
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->baseline().decision_count(), 31);
  EXPECT_EQ(closed->baseline().median_ms(), 16'000);
  EXPECT_EQ(closed->baseline().right().trials(), 31);
  FeedUnaided(32);  // The last one is new.
  const auto even = Close("summer");
  ASSERT_TRUE(even.ok()) << even.status();
  EXPECT_EQ(even->baseline().median_ms(), 16'000) << "the ceil(n/2)-th smallest of 32";
}

TEST_F(BaselineTest, R9_FewerThanThirtyAreRefusedWithTheirNumber) {
  FeedUnaided(29);
  const auto closed = Close("spring");
  EXPECT_EQ(closed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(closed.status().message()), HasSubstr("got 29"));
}

TEST_F(BaselineTest, R9_NoThresholdMovesUntilAPolicyNamesIt) {
  FeedUnaided(30);
  hospital_.Activate(Naming("spring"));
  ASSERT_TRUE(Close("spring").ok());
  DecideFor("d-1", 1'000);
  EXPECT_FALSE(hospital_.Decision("d-1").decision().has_minimum_ms())
      << "closed after the epoch began";
  auto again = Naming("spring");
  again.set_version("3");
  hospital_.Activate(again);
  DecideFor("d-2", 1'000);
  const Decision judged = hospital_.Decision("d-2").decision();
  EXPECT_EQ(judged.minimum_ms(), 3'750) << "a quarter of the median of 15 s";
  EXPECT_EQ(judged.calibration_id(), "spring");
  EXPECT_EQ(judged.degree(), DEGREE_UNDETERMINED) << "too fast alone is no token (R7)";
  DecideFor("d-3", 3'750);
  EXPECT_EQ(hospital_.Decision("d-3").decision().degree(), DEGREE_CONCRETE);
}

TEST_F(BaselineTest, R9_ANameIsUsedOnce) {
  FeedUnaided(30);
  ASSERT_TRUE(Close("spring").ok());
  EXPECT_EQ(Close("spring").status().code(), absl::StatusCode::kAlreadyExists);
}

class WorkloadTest : public testing::Test {
 protected:
  WorkloadTest() {
    auto policy = BaselinePolicy();
    policy.set_version("2");
    policy.mutable_examination()->set_floor_ms(10 * 60'000);
    hospital_.Activate(policy);
  }
  // `count` decisions of one person within an hour of Paris' morning.
  void Hour(const std::string& name, int count, int64_t hour, const std::string& actor) {
    for (int i = 0; i < count; ++i) {
      hospital_.Decide(absl::StrCat(name, "-", i), kMorningMs + hour * kHourMs + i * 60'000,
                       {.actor = actor});
    }
  }
  MeasuredHospital hospital_;
};

TEST_F(WorkloadTest, I5_AnHourThatHoldsItsMinimaIsFeasible) {
  Hour("a", 6, 0, "dr-1");
  Hour("b", 6, 0, "dr-2");
  const Workload workload = hospital_.Summary().workload();
  EXPECT_EQ(workload.feasible().successes(), 12);
  EXPECT_EQ(workload.feasible().trials(), 12);
  EXPECT_EQ(workload.actor_hour_count(), 2);
  EXPECT_EQ(workload.overfull_hour_count(), 0);
  EXPECT_EQ(workload.minimum_ms(), 12 * 600'000);
}

TEST_F(WorkloadTest, I5_OneDecisionTooManyTurnsItsWholeHour) {
  Hour("a", 7, 0, "dr-1");
  Hour("b", 6, 1, "dr-1");
  const Workload workload = hospital_.Summary().workload();
  EXPECT_EQ(workload.feasible().successes(), 6);
  EXPECT_EQ(workload.feasible().trials(), 13);
  EXPECT_EQ(workload.actor_hour_count(), 2);
  EXPECT_EQ(workload.overfull_hour_count(), 1);
}

TEST_F(WorkloadTest, I5_ManyOverfullHoursRaiseCapacityAndNoVerdict) {
  for (int day = 0; day < 4; ++day) Hour(absl::StrCat("d", day), 10, day * 2, "dr-1");
  const Summary summary = hospital_.Summary();
  EXPECT_TRUE(summary.workload().capacity_warning());
  EXPECT_THAT(summary.caveats(), testing::Contains(HasSubstr("CAPACITY")));
  for (const Driver& driver : summary.drivers()) {
    EXPECT_NE(driver.indicator(), INDICATOR_FEASIBLE_WORKLOAD);
  }
}

TEST_F(WorkloadTest, I5_LimitedTimeReasonsAreCounted) {
  Hour("a", 20, 0, "dr-1");
  Event decided = DecidedAt("late", kMorningMs + 9'000);
  decided.mutable_decided()->add_reasons()->set_code("limited-time");
  hospital_.Send({ShownAt("late", kMorningMs), decided}, kMorningMs + 3 * kHourMs);
  EXPECT_EQ(hospital_.Summary().workload().limited_time_count(), 1);
}

TEST_F(WorkloadTest, I5_WithoutAMinimumItIsUnknownAndNeverZero) {
  MeasuredHospital plain;
  for (int i = 0; i < 20; ++i) plain.Decide(absl::StrCat("d-", i), kMorningMs + i * 1'000, {});
  const Workload workload = plain.Summary().workload();
  EXPECT_FALSE(workload.has_feasible());
  EXPECT_EQ(workload.unknown(), 20);
}

}  // namespace
}  // namespace vigie::oversight
