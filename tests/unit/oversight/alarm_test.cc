// SPDX-License-Identifier: Apache-2.0
// Change alarms (V4), many scopes (V7), quarters (V5), change points, and policies tried on the
// past.
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/keys.h"
#include "support/measured_hospital.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::HasSubstr;

class AlarmTest : public testing::Test {
 protected:
  // `count` decisions; careful ones reject a wrong suggestion that an audit finds, one in two.
  void Careful(const std::string& name, int count, int64_t from_ms = kMorningMs,
               const std::string& unit = "icu") {
    for (int i = 0; i < count; ++i) {
      const std::string id = absl::StrCat(name, "-", i);
      const bool wrong = i % 2 == 0;
      hospital_.Decide(id, from_ms + i * 1'000,
                       {.unit = unit, .suggested = "A", .chosen = wrong ? "B" : "A"});
      hospital_.Truth(id, wrong ? "B" : "A");
    }
  }
  void Careless(const std::string& name, int count, int64_t from_ms, const std::string& unit) {
    for (int i = 0; i < count; ++i) {
      hospital_.Decide(absl::StrCat(name, "-", i), from_ms + i * 1'000,
                       {.unit = unit, .opened = false});
    }
  }
  MeasuredHospital hospital_;
};

TEST_F(AlarmTest, V4_AFallWithholdsGreenUntilItIsAcknowledged) {
  Careful("good", 120);
  ASSERT_EQ(hospital_.Summary("icu").verdict(), VERDICT_CONCRETE_AND_SIGNIFICANT);
  Careless("bad", 12, kMorningMs + kHourMs, "icu");
  const Summary alarmed = hospital_.Summary("icu");
  ASSERT_TRUE(alarmed.change_alarm_open());
  EXPECT_EQ(alarmed.verdict(), VERDICT_UNDETERMINED) << "it withholds green and adds no red";
  ASSERT_EQ(alarmed.alarms_size(), 1);
  EXPECT_EQ(alarmed.alarms(0).indicator(), INDICATOR_CONCRETE_EXAMINATION);
  AcknowledgeAlarmRequest request;
  request.set_alarm_id(alarmed.alarms(0).alarm_id());
  request.set_reason("a new screen hid the button; mended");
  ASSERT_TRUE(hospital_.measures().AcknowledgeAlarm(request, "officer").ok());
  const Summary after = hospital_.Summary("icu");
  EXPECT_FALSE(after.change_alarm_open());
  EXPECT_EQ(hospital_.measures().AcknowledgeAlarm(request, "officer").status().code(),
            absl::StatusCode::kNotFound)
      << "an alarm is acknowledged once";
}

TEST_F(AlarmTest, V4_TheAnswerSaysHowRareAFalseAlarmIs) {
  Careful("good", 20);
  const ListAlarmsResponse alarms = hospital_.oversight().ListAlarms();
  // Organisation, system, unit, system x unit; I1, I2, I3 of the asserted audit.
  EXPECT_EQ(alarms.detector_count(), 12);
  EXPECT_DOUBLE_EQ(alarms.mean_trials_to_false_alarm(), 10'000.0 / 12);
}

TEST_F(AlarmTest, V4_SurvivesARestart) {
  Careful("good", 40);
  Careless("bad", 12, kMorningMs + kHourMs, "icu");
  ASSERT_TRUE(hospital_.Summary("icu").change_alarm_open());
  const std::string before = hospital_.oversight().ListAlarms().SerializeAsString();
  const std::string directory = hospital_.running().directory().path();
  hospital_.running().Close();
  ASSERT_TRUE(hospital_.running().Open(directory).ok());
  Egress egress(&hospital_.running().engine().published(), &hospital_.running().engine().store());
  const Oversight reopened(&hospital_.running().engine(), &hospital_.running().pseudonyms(),
                           &egress);
  EXPECT_EQ(reopened.ListAlarms().SerializeAsString(), before);
}

TEST_F(AlarmTest, V7_AReportFlagsTheBadUnitsAndSaysWhatItLeftOut) {
  for (int unit = 0; unit < 6; ++unit) {
    Careful(absl::StrCat("g", unit), 30, kMorningMs, absl::StrCat("good-", unit));
  }
  Careless("b", 40, kMorningMs, "bad");
  Careless("s", 3, kMorningMs, "small");
  GetReportRequest request;
  request.set_kind(SCOPE_KIND_UNIT);
  const auto report = hospital_.oversight().GetReport(request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->compared_count() + report->withheld_count(), 8);
  EXPECT_GE(report->withheld_count(), 1);
  EXPECT_EQ(report->flagged_count(), 1);
  ASSERT_GT(report->rows_size(), 0);
  EXPECT_EQ(report->rows(0).scope().unit_id(), "bad");
  EXPECT_TRUE(report->rows(0).flagged());
}

TEST_F(AlarmTest, V7_LiveFlagsPayByTheOrderInWhichScopesWereCreated) {
  decision::Tally tally;
  tally.positive_act = {.successes = 0, .trials = 100};
  const auto found = decision::Conclude(tally, BaselinePolicy());
  EXPECT_TRUE(decision::IsFlaggedLive(found, 1));
  decision::Tally barely;
  int64_t failures = 0;
  auto weak = decision::Conclude(barely, BaselinePolicy());
  while (weak.verdict != VERDICT_EFFECTIVELY_AUTOMATED) {
    barely.positive_act = {.successes = 0, .trials = ++failures};
    weak = decision::Conclude(barely, BaselinePolicy());
  }
  EXPECT_FALSE(decision::IsFlaggedLive(weak, 10'000)) << "red by itself, not among 10,000";
}

TEST_F(AlarmTest, V5_AQuarterIsTheSumOfItsMonths) {
  Careful("february", 15, kMorningMs - 5 * kDayMs);
  Careful("march", 20, kMorningMs);
  EXPECT_EQ(hospital_.Summary("", PERIOD_KIND_QUARTER).description().closed_count(), 35);
  EXPECT_EQ(hospital_.Summary("", PERIOD_KIND_MONTH).description().closed_count(), 20);
}

TEST_F(AlarmTest, ANewVersionIsAChangePointWithTheVerdictsOnBothSides) {
  for (int i = 0; i < 40; ++i) {
    const bool late = i >= 20;
    hospital_.Decide(absl::StrCat("d-", i), kMorningMs + i * 60'000,
                     {.opened = !late, .version = late ? "2.0" : "1.0", .screen = "s1"});
  }
  ListChangePointsRequest request;
  request.set_system_id("sepsis");
  const auto changes = hospital_.oversight().ListChangePoints(request);
  ASSERT_TRUE(changes.ok()) << changes.status();
  ASSERT_EQ(changes->change_points_size(), 1) << "the first version is no change";
  const ChangePoint& point = changes->change_points(0);
  EXPECT_EQ(point.kind(), CHANGE_KIND_SYSTEM_VERSION);
  EXPECT_EQ(point.value(), "2.0");
  EXPECT_EQ(point.before().closed_count(), 20);
  EXPECT_EQ(point.after().closed_count(), 20);
  EXPECT_EQ(point.before().indicators(1).successes(), 20);
  EXPECT_EQ(point.after().indicators(1).successes(), 0);
}

TEST_F(AlarmTest, I5_TheShiftCurveCountsHoursFromThePersonsFirstDecision) {
  for (int hour = 0; hour < 3; ++hour) {
    for (int i = 0; i < 12; ++i) {
      hospital_.Decide(absl::StrCat("h", hour, "-", i), kMorningMs + hour * kHourMs + i * 60'000,
                       {.opened = hour < 2});
    }
  }
  GetShiftCurveRequest request;
  request.mutable_scope()->set_unit_id("icu");
  const auto curve = hospital_.oversight().GetShiftCurve(request);
  ASSERT_TRUE(curve.ok()) << curve.status();
  ASSERT_EQ(curve->hours_size(), 3);
  EXPECT_EQ(curve->hours(0).concrete_examination().successes(), 12);
  EXPECT_EQ(curve->hours(2).concrete_examination().successes(), 0);
}

class TriedPolicyTest : public AlarmTest {
 protected:
  [[nodiscard]] static std::string Yaml(const std::string& from = "", const std::string& to = "") {
    std::ifstream file(VIGIE_CONFIG_DIR "/policies/baseline.yaml");
    std::stringstream text;
    text << file.rdbuf();
    std::string yaml = text.str();
    if (!from.empty()) yaml.replace(yaml.find(from), from.size(), to);
    return yaml;
  }
  [[nodiscard]] absl::StatusOr<TryPolicyResponse> Try(const std::string& yaml, int64_t from_ms = 0,
                                                      int64_t to_ms = 0) {
    TryPolicyRequest request;
    request.set_policy_yaml(yaml);
    request.set_from_ms(from_ms);
    request.set_to_ms(to_ms);
    return hospital_.oversight().TryPolicy(request);
  }
};

TEST_F(TriedPolicyTest, V6_ThePolicyInForceMovesNothing) {
  Careful("d", 20);
  Careless("e", 20, kMorningMs, "er");
  const auto tried = Try(Yaml());
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_EQ(tried->decision_count(), 40);
  EXPECT_EQ(tried->moved_count(), 0);
  EXPECT_EQ(tried->unmatched_count(), 0);
  for (const ScopeMove& scope : tried->scopes()) EXPECT_EQ(scope.before(), scope.after());
}

TEST_F(TriedPolicyTest, V6_AnotherPolicyMovesDegreesAndVerdictsAndTouchesNothing) {
  Careful("d", 60);
  const std::string before = hospital_.Summary().SerializeAsString();
  const auto tried = Try(Yaml("required_evidence: []", "required_evidence: [\"RECORD\"]"));
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_EQ(tried->moved_count(), 60) << "nobody opened the record";
  ASSERT_GT(tried->moves_size(), 0);
  EXPECT_EQ(tried->moves(0).gained(0).reason(), REASON_REQUIRED_EVIDENCE_MISSING);
  ASSERT_GT(tried->scopes_size(), 0);
  EXPECT_EQ(tried->scopes(0).after(), VERDICT_EFFECTIVELY_AUTOMATED);
  EXPECT_EQ(hospital_.Summary().SerializeAsString(), before);
}

TEST_F(TriedPolicyTest, V6_OnlyThePeriodIsJudgedAgain) {
  Careful("d", 20);
  Careful("later", 15, kMorningMs + 12 * kHourMs);
  const auto tried = Try(Yaml(), kMorningMs + 12 * kHourMs);
  ASSERT_TRUE(tried.ok()) << tried.status();
  EXPECT_EQ(tried->decision_count(), 15);
  EXPECT_EQ(Try(Yaml(), kMorningMs + 300 * kDayMs).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TriedPolicyTest, V6_APeriodThatIsPartlyErasedIsNotJudgedAgain) {
  RunningEngine running;
  running.DeclareSource();
  running.Send({IssuedAt("d", kMorningMs), OpenedAt("d", kMorningMs + 1'000),
                DecidedAt("d", kMorningMs + 9'000)});
  engine::EventWork later = running.Work({});
  later.watermark_ms = kMorningMs + kHourMs;
  running.Send(std::move(later));
  const std::string directory = running.directory().path();
  running.Close();
  {
    const auto store =
        store::Store::Open({.directory = directory, .block_cache_bytes = int64_t{1} << 20});
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(
        (*store)->WriteViews({{store::Family::kLog, store::PositionKey(1), std::nullopt}}).ok());
  }
  ASSERT_TRUE(running.Open(directory).ok());
  Egress egress(&running.engine().published(), &running.engine().store());
  Oversight oversight(&running.engine(), &running.pseudonyms(), &egress);
  TryPolicyRequest request;
  request.set_policy_yaml(Yaml());
  const auto tried = oversight.TryPolicy(request);
  EXPECT_EQ(tried.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(tried.status().message()), HasSubstr("partly erased"));
}

TEST_F(TriedPolicyTest, V6_AWrongPolicyIsRefusedWithItsLine) {
  Careful("d", 12);
  const auto alpha = Try(Yaml("alpha_below: 0.01", "alpha_below: 0.3"));
  EXPECT_EQ(alpha.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(alpha.status().message()), HasSubstr("alpha_below: got 0.3"));
  const auto threshold = Try(Yaml("vigilance_threshold: 0.50", "vigilance_threshold: 1"));
  EXPECT_THAT(std::string(threshold.status().message()), HasSubstr("vigilance_threshold: got 1"));
}

}  // namespace
}  // namespace vigie::oversight
