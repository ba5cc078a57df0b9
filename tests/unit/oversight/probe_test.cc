// SPDX-License-Identifier: Apache-2.0
// Seeded items: sealed, accounted for, invisible, never in effect (N4).
#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/digest.h"
#include "support/measured_hospital.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::HasSubstr;
using testing::Not;

class ProbeTest : public testing::Test {
 protected:
  // A plan of `count` items p-0, p-1 ...: suggestion X, truth Y.
  [[nodiscard]] static CommitPlanRequest Request(int count) {
    CommitPlanRequest request;
    request.set_organisation_id("hospital");
    ProbePlan* plan = request.mutable_plan();
    plan->set_plan_id("spring");
    plan->set_system_id("sepsis");
    plan->set_ethics_reference("CER-2026-12");
    plan->set_rate_permille(200);
    plan->set_limit_per_actor_day(2);
    plan->set_stop_after_applied_count(1);
    for (int i = 0; i < count; ++i) {
      ProbeItem* item = request.add_items();
      item->set_decision_id(absl::StrCat("p-", i));
      item->add_suggestions()->set_code("X");
      item->add_truth()->set_code("Y");
    }
    return request;
  }
  void Commit(int count) {
    const auto committed = hospital_.measures().CommitPlan(Request(count), "officer");
    ASSERT_TRUE(committed.ok()) << committed.status();
    hash_ = committed->manifest_sha256();
  }
  [[nodiscard]] absl::StatusOr<HandOutItemResponse> HandOut(const std::string& actor) {
    HandOutItemRequest request;
    request.set_organisation_id("hospital");
    request.set_plan_id("spring");
    request.set_actor_id(actor);
    return hospital_.measures().HandOutItem(request);
  }
  absl::Status StopAndReveal() {
    StopPlanRequest stop;
    stop.set_plan_id("spring");
    stop.set_reason("study is over");
    if (const auto stopped = hospital_.measures().StopPlan(stop, "officer"); !stopped.ok()) {
      return stopped.status();
    }
    RevealPlanRequest reveal;
    reveal.set_plan_id("spring");
    return hospital_.measures().RevealPlan(reveal, "officer").status();
  }
  // Decisions enough for the plan's rate, then as many items handed out.
  void HandOutTo(const std::vector<std::string>& actors) {
    for (int i = 0; i < 10 * static_cast<int>(actors.size()); ++i) {
      hospital_.Decide(absl::StrCat("pace-", i), kMorningMs + i * 1'000, {});
    }
    for (const std::string& actor : actors) ASSERT_TRUE(HandOut(actor).ok());
  }
  void FeedClinical(int count) {
    for (int i = 0; i < count; ++i) {
      hospital_.Decide(absl::StrCat("d-", i), kMorningMs + i * 1'000, {});
    }
  }
  MeasuredHospital hospital_;
  std::string hash_;
};

TEST_F(ProbeTest, N4_Row15_SeededDecisionsEnterVigilanceAlone) {
  FeedClinical(20);
  Commit(3);
  HandOutTo({"dr-1", "dr-2"});
  const Summary before = hospital_.Summary();
  hospital_.Decide("p-2", kMorningMs + 300'000, {.suggested = "X", .chosen = "Y"});
  hospital_.Decide("p-0", kMorningMs + 100'000, {.suggested = "X", .chosen = "X", .opened = false});
  hospital_.Decide("p-1", kMorningMs + 200'000, {.suggested = "X", .chosen = "Y"});
  const Summary after = hospital_.Summary();
  for (const auto indicator : {INDICATOR_POSITIVE_ACT, INDICATOR_CONCRETE_EXAMINATION}) {
    EXPECT_EQ(IndicatorOf(after, indicator).trials(), IndicatorOf(before, indicator).trials());
  }
  EXPECT_EQ(after.coverage().trials(), before.coverage().trials());
  EXPECT_EQ(after.description().closed_count(), before.description().closed_count());
  EXPECT_EQ(after.description().override().trials(), before.description().override().trials());
  const auto vigilance = IndicatorOf(after, INDICATOR_VIGILANCE, TRUTH_ORIGIN_SEEDED);
  EXPECT_EQ(vigilance.origin_id(), "spring");
  EXPECT_EQ(vigilance.successes(), 1);
  EXPECT_EQ(vigilance.trials(), 2) << "p-2 was never handed out";
  EXPECT_EQ(after.reliance().origin(), TRUTH_ORIGIN_UNSPECIFIED) << "nor I4";
}

TEST_F(ProbeTest, N4_NothingTellsASeededDecisionUntilItIsRevealed) {
  FeedClinical(20);
  Commit(1);
  HandOutTo({"dr-1"});
  hospital_.Decide("p-0", kMorningMs + 100'000, {.suggested = "X", .chosen = "X"});
  hospital_.Decide("d-x", kMorningMs + 100'000, {.suggested = "X", .chosen = "X"});
  const auto comparable = [&](const std::string& id) {
    Decision decision = hospital_.Decision(id).decision();
    decision.clear_decision_id();
    decision.clear_first_position();
    decision.clear_explanation();
    return decision.SerializeAsString();
  };
  EXPECT_EQ(comparable("p-0"), comparable("d-x"));
  GetManifestRequest manifest;
  manifest.set_plan_id("spring");
  EXPECT_EQ(hospital_.measures().GetManifest(manifest).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(hospital_.measures().ListPlans().DebugString(), Not(HasSubstr("p-0")));
  ASSERT_TRUE(StopAndReveal().ok());
  const Decision revealed = hospital_.Decision("p-0").decision();
  EXPECT_EQ(revealed.probe_plan_id(), "spring");
  EXPECT_EQ(revealed.truth_origin(), TRUTH_ORIGIN_SEEDED);
  EXPECT_TRUE(revealed.ai_wrong());
}

TEST_F(ProbeTest, N4_TheRevealedManifestHashesToItsCommitment) {
  FeedClinical(1);
  Commit(3);
  EXPECT_EQ(hospital_.measures().ListPlans().plans(0).manifest_sha256(), hash_);
  ASSERT_TRUE(StopAndReveal().ok());
  GetManifestRequest request;
  request.set_plan_id("spring");
  const auto revealed = hospital_.measures().GetManifest(request);
  ASSERT_TRUE(revealed.ok()) << revealed.status();
  EXPECT_EQ(absl::BytesToHexString(store::Sha256(revealed->canonical())), hash_);
  ProbeManifest manifest;
  ASSERT_TRUE(manifest.ParseFromString(revealed->canonical()));
  EXPECT_EQ(manifest.items_size(), 3);
  EXPECT_EQ(manifest.salt().size(), 32U);
}

TEST_F(ProbeTest, N4_AnEffectRaisesACriticalAlarmAndStopsThePlan) {
  FeedClinical(1);
  Commit(2);
  for (int i = 0; i < 10; ++i) {
    hospital_.Decide(absl::StrCat("e-", i), kMorningMs + i * 1'000, {});
  }
  ASSERT_TRUE(HandOut("dr-1").ok());
  hospital_.Decide("p-0", kMorningMs + 100'000, {.suggested = "X", .chosen = "X", .applied = true});
  const ListAlarmsResponse alarms = hospital_.oversight().ListAlarms();
  ASSERT_EQ(alarms.alarms_size(), 1);
  EXPECT_EQ(alarms.alarms(0).kind(), ALARM_KIND_SEEDED_ITEM_APPLIED);
  EXPECT_EQ(alarms.alarms(0).plan_id(), "spring");
  EXPECT_EQ(HandOut("dr-2").status().code(), absl::StatusCode::kFailedPrecondition);
  AcknowledgeAlarmRequest request;
  request.set_alarm_id(alarms.alarms(0).alarm_id());
  EXPECT_EQ(hospital_.measures().AcknowledgeAlarm(request, "officer").status().code(),
            absl::StatusCode::kPermissionDenied)
      << "no reason";
  request.set_reason("patient called back, order cancelled");
  ASSERT_TRUE(hospital_.measures().AcknowledgeAlarm(request, "officer").ok());
  EXPECT_EQ(hospital_.oversight().ListAlarms().alarms_size(), 0);
  EXPECT_EQ(hospital_.measures().ListPlans().plans(0).applied_count(), 1);
}

TEST_F(ProbeTest, N4_ThePlanKeepsItsRateAndItsLimitForAPersonAndDay) {
  FeedClinical(1);
  Commit(10);
  EXPECT_EQ(HandOut("dr-1").status().code(), absl::StatusCode::kResourceExhausted)
      << "nothing was decided since the commitment";
  for (int i = 0; i < 50; ++i) {
    hospital_.Decide(absl::StrCat("e-", i), kMorningMs + i * 1'000, {});
  }
  EXPECT_EQ(HandOut("dr-1")->item().decision_id(), "p-0");
  EXPECT_EQ(HandOut("dr-1")->item().decision_id(), "p-1");
  const auto third = HandOut("dr-1");
  EXPECT_THAT(std::string(third.status().message()), HasSubstr("limit_per_actor_day"));
  EXPECT_TRUE(HandOut("dr-2").ok());
}

TEST_F(ProbeTest, N4_RefusesAPlanWithoutEthicsReferenceOrOverItsLimits) {
  FeedClinical(1);
  const auto refused = [&](const CommitPlanRequest& request) {
    return std::string(hospital_.measures().CommitPlan(request, "officer").status().message());
  };
  CommitPlanRequest request = Request(1);
  request.mutable_plan()->clear_ethics_reference();
  EXPECT_THAT(refused(request), HasSubstr("plan.ethics_reference: got 0"));
  request = Request(1);
  request.mutable_plan()->set_rate_permille(201);
  EXPECT_THAT(refused(request), HasSubstr("plan.rate_permille: got 201"));
  request = Request(1);
  request.mutable_plan()->set_limit_per_actor_day(0);
  EXPECT_THAT(refused(request), HasSubstr("plan.limit_per_actor_day: got 0"));
  EXPECT_THAT(refused(Request(0)), HasSubstr("items: got 0"));
  request = Request(1);
  request.mutable_items(0)->mutable_truth(0)->set_code("X");
  EXPECT_THAT(refused(request), HasSubstr("a seeded suggestion is wrong"));
  request = Request(1);
  request.mutable_items(0)->set_decision_id("d-0");
  EXPECT_THAT(refused(request), HasSubstr("in use already"));
}

TEST_F(ProbeTest, N4_AnItemThatIsPlantedAfterTheRevealDoesNotCount) {
  FeedClinical(20);
  Commit(1);
  HandOutTo({"dr-1"});
  ASSERT_TRUE(StopAndReveal().ok());
  hospital_.Decide("p-0", kMorningMs + 100'000, {.suggested = "X", .chosen = "Y"});
  EXPECT_EQ(IndicatorOf(hospital_.Summary(), INDICATOR_VIGILANCE, TRUTH_ORIGIN_SEEDED).trials(), 0);
}

TEST_F(ProbeTest, N4_WhatASourceCallsSeededDoesNotCount) {
  FeedClinical(20);
  Event truth = TruthAt("d-0", kMorningMs + kDayMs, "B", TRUTH_ORIGIN_SEEDED);
  hospital_.Send({truth}, 0);
  const Summary summary = hospital_.Summary();
  EXPECT_EQ(IndicatorOf(summary, INDICATOR_VIGILANCE, TRUTH_ORIGIN_SEEDED).trials(), 0);
  EXPECT_EQ(summary.description().truth_uncounted_count(), 1);
}

}  // namespace
}  // namespace vigie::oversight
