// SPDX-License-Identifier: Apache-2.0
// The rows of the requirements that scopes, answers and records answer, each as its own sentence.
// Other rows by their tests: 2, 4 to 11 and 16 in room decision; 14 in the guarantee tests of room
// stats; 15 in probe_test.cc; 24 in engine_test.cc; 29 and 30 in oversight_test.cc.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/measured_hospital.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class Requirements : public testing::Test {
 protected:
  // `count` decisions that accept; wrong suggestions are rejected when `careful`.
  void Feed(const std::string& name, int count, bool careful, bool opened = true) {
    for (int i = 0; i < count; ++i) {
      const std::string id = absl::StrCat(name, "-", i);
      const bool wrong = i % 2 == 0;
      hospital_.Decide(id, kMorningMs + i * 1'000,
                       {.chosen = wrong && careful ? "B" : "A", .opened = opened});
      hospital_.Truth(id, wrong ? "B" : "A");
    }
  }
  MeasuredHospital hospital_;
};

TEST_F(Requirements, Row01EveryVerdictIsBoundToAPolicyAndOldOnesKeepTheirs) {
  Feed("d", 120, true);
  const Summary before = hospital_.Summary();
  auto policy = BaselinePolicy();
  policy.set_version("2");
  policy.mutable_evidence()->set_vigilance_threshold(.6);
  hospital_.Activate(policy);
  Feed("e", 20, true);
  const Summary after = hospital_.Summary();
  EXPECT_NE(after.policy().sha256(), before.policy().sha256());
  EXPECT_EQ(after.previous_epoch().policy().sha256(), before.policy().sha256());
  EXPECT_EQ(after.previous_epoch().verdict(), before.verdict());
  EXPECT_EQ(hospital_.Decision("d-0").policy().sha256(), before.policy().sha256());
}

TEST_F(Requirements, Row12AcceptanceNeverDecidesAlone) {
  Feed("d", 120, true);
  EXPECT_EQ(hospital_.Summary().verdict(), VERDICT_CONCRETE_AND_SIGNIFICANT);
  MeasuredHospital other;
  for (int i = 0; i < 120; ++i) {
    other.Decide(absl::StrCat("d-", i), kMorningMs + i * 1'000,
                 {.chosen = i % 2 == 0 ? "B" : "A", .opened = false});
  }
  EXPECT_EQ(other.Summary().verdict(), VERDICT_EFFECTIVELY_AUTOMATED)
      << "the same rejections without examination";
}

TEST_F(Requirements, Row13WhoAlwaysFollowsTheAiIsShownByTheSwitches) {
  for (int i = 0; i < 40; ++i) {
    const std::string id = absl::StrCat("d-", i);
    Event own = AnEvent(id, "own", kMorningMs + i * 1'000 + 500);
    own.mutable_initial_judgement()->set_timing(JUDGEMENT_TIMING_BEFORE_DISPLAY);
    own.mutable_initial_judgement()->add_codes()->set_code("B");
    hospital_.Send({own}, 0);
    hospital_.Decide(id, kMorningMs + i * 1'000, {});
  }
  const Proportion switches = hospital_.Summary().reliance().switch_fraction();
  EXPECT_EQ(switches.successes(), 40);
  EXPECT_EQ(switches.trials(), 40);
}

TEST_F(Requirements, Row19TooManyDecisionsForTheHourWarnOfCapacity) {
  auto policy = BaselinePolicy();
  policy.set_version("2");
  policy.mutable_examination()->set_floor_ms(600'000);
  hospital_.Activate(policy);
  for (int i = 0; i < 30; ++i) {
    hospital_.Decide(absl::StrCat("d-", i), kMorningMs + i * 60'000, {.active_ms = 700'000});
  }
  EXPECT_TRUE(hospital_.Summary().workload().capacity_warning());
}

TEST_F(Requirements, Row23AnAcknowledgementIsARecordOfTheLog) {
  Feed("d", 30, false, false);
  const ListAlarmsResponse alarms = hospital_.oversight().ListAlarms();
  ASSERT_GT(alarms.alarms_size(), 0);
  AcknowledgeAlarmRequest request;
  request.set_alarm_id(alarms.alarms(0).alarm_id());
  request.set_reason("reviewed with the unit");
  const auto acknowledged = hospital_.measures().AcknowledgeAlarm(request, "officer");
  ASSERT_TRUE(acknowledged.ok()) << acknowledged.status();
  ExportLogRequest from;
  from.set_from_position(acknowledged->log_position());
  const auto log = hospital_.oversight().ExportLog(from);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_THAT(log->lines(0), AllOf(HasSubstr("alarmAcknowledged"), HasSubstr("reviewed with the")));
}

TEST_F(Requirements, Row33ARecordSaysDegreeEventsRuleAndPolicyInFrenchAndEnglish) {
  Feed("d", 12, true);
  GetDecisionRequest request;
  request.set_decision_id("d-0");
  request.set_language(LANGUAGE_FRENCH);
  const auto french = hospital_.oversight().GetDecision(request);
  ASSERT_TRUE(french.ok()) << french.status();
  const auto& said = french->decision().explanation();
  EXPECT_THAT(said, Contains(HasSubstr("SIGNIFICATIVE")));
  EXPECT_THAT(said, Contains(HasSubstr("(R5)")));
  EXPECT_THAT(said, Contains(HasSubstr("opened 2026-03-02 09:00:02Z")));
  EXPECT_THAT(said, Contains(HasSubstr(french->policy().sha256())));
  EXPECT_THAT(hospital_.Decision("d-0").decision().explanation(),
              Contains(HasSubstr("SIGNIFICANT (examined, and the outcome changed)")));
}

TEST_F(Requirements, Row33ASummaryCarriesItsEstimand) {
  Feed("d", 30, true);
  const Summary summary = hospital_.Summary();
  EXPECT_THAT(summary.estimand().population(), HasSubstr("organisation hospital"));
  EXPECT_THAT(summary.estimand().guarantee(), HasSubstr("at most 1 %"));
  EXPECT_TRUE(summary.estimand().period_fixed_in_advance());
  EXPECT_THAT(summary.explanation(), Contains(HasSubstr("at this rate")));
}

}  // namespace
}  // namespace vigie::oversight
