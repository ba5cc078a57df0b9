// SPDX-License-Identifier: Apache-2.0
// Drawn audits (N2), what contradicts (N3), and expert re-review of the class "examined".
#include <algorithm>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "stats/many.h"
#include "store/digest.h"
#include "support/measured_hospital.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::HasSubstr;

class AuditTest : public testing::Test {
 protected:
  void Feed(const std::string& unit, int count) {
    for (int i = 0; i < count; ++i) {
      hospital_.Decide(absl::StrCat(unit, "-", i), kMorningMs + i * 1'000, {.unit = unit});
    }
  }
  [[nodiscard]] DrawAuditResponse Draw(double fraction,
                                       Stratification by = STRATIFICATION_UNSPECIFIED,
                                       const std::string& seed = "42") {
    DrawAuditRequest request;
    request.set_fraction(fraction);
    request.set_stratification(by);
    request.set_seed(seed);
    const auto drawn = hospital_.measures().DrawAudit(request, "officer");
    EXPECT_TRUE(drawn.ok()) << drawn.status();
    return drawn.ok() ? *drawn : DrawAuditResponse();
  }
  [[nodiscard]] IndicatorEvidence Vigilance() {
    return IndicatorOf(hospital_.Summary(), INDICATOR_VIGILANCE, TRUTH_ORIGIN_DRAWN_AUDIT);
  }
  MeasuredHospital hospital_;
};

TEST_F(AuditTest, N2_OpportunisticTruthIsReportedByItselfAndNeverEntersI3) {
  Feed("icu", 30);
  std::vector<Event> truths;
  for (int i = 0; i < 12; ++i) {
    truths.push_back(TruthAt(absl::StrCat("icu-", i), kMorningMs + kHourMs, i < 5 ? "B" : "A",
                             TRUTH_ORIGIN_OPPORTUNISTIC));
  }
  hospital_.Send(truths, 0);
  const Summary summary = hospital_.Summary();
  EXPECT_EQ(summary.description().opportunistic_vigilance().trials(), 5);
  EXPECT_EQ(summary.description().opportunistic_vigilance().successes(), 0);
  EXPECT_EQ(summary.description().truth_uncounted_count(), 12);
  for (const auto& row : summary.indicators()) {
    if (row.indicator() != INDICATOR_VIGILANCE) continue;
    EXPECT_EQ(row.trials(), 0);
  }
  // A later opportunistic truth replaces the earlier one.
  hospital_.Send({TruthAt("icu-0", kMorningMs + kDayMs, "A", TRUTH_ORIGIN_OPPORTUNISTIC)}, 0);
  EXPECT_EQ(hospital_.Summary().description().opportunistic_vigilance().trials(), 4);
}

TEST_F(AuditTest, N2_TheSampleNamesTheSystemThatItsTruthHasToName) {
  Feed("icu", 30);
  const DrawAuditResponse drawn = Draw(.5);
  ASSERT_EQ(drawn.decisions_size(), 15);
  for (const auto& decision : drawn.decisions()) EXPECT_EQ(decision.system_id(), "sepsis");
}

TEST_F(AuditTest, N2_TheSampleFollowsFromSeedAndPopulation) {
  Feed("icu", 50);
  const DrawAuditResponse drawn = Draw(.2);
  std::vector<std::pair<std::string, std::string>> ranked;
  for (int i = 0; i < 50; ++i) {
    const std::string id = absl::StrCat("icu-", i);
    ranked.emplace_back(store::Sha256(absl::StrCat("42\n", id)), id);
  }
  std::sort(ranked.begin(), ranked.end());
  ASSERT_EQ(drawn.decisions_size(), 10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(drawn.decisions(i).decision_id(), ranked[static_cast<size_t>(i)].second);
  }
  EXPECT_EQ(drawn.draw().seed(), "42");
  EXPECT_DOUBLE_EQ(drawn.draw().strata(0).inclusion_ratio(), .2);
}

TEST_F(AuditTest, N2_EachStratumHasOneProbabilityAndIsNeverPooled) {
  Feed("icu", 40);
  Feed("er", 20);
  const DrawAuditResponse drawn = Draw(.5, STRATIFICATION_UNIT);
  ASSERT_EQ(drawn.draw().strata_size(), 2);
  for (const DrawnDecision& decision : drawn.decisions()) {
    hospital_.Truth(decision.decision_id(), "B", drawn.draw().draw_id());
  }
  std::set<std::string> origins;
  const Summary summary = hospital_.Summary();
  for (const IndicatorEvidence& row : summary.indicators()) {
    if (row.origin() == TRUTH_ORIGIN_DRAWN_AUDIT) origins.insert(row.origin_id());
  }
  EXPECT_EQ(origins, (std::set<std::string>{"draw-1/er", "draw-1/icu"}));
}

TEST_F(AuditTest, N2_ADrawCountsOnlyOnceEnoughOfItsTruthsAreBack) {
  Feed("icu", 200);
  const DrawAuditResponse drawn = Draw(.5);
  // Every suggestion was wrong and taken over: as bad as it gets.
  for (int i = 0; i < 89; ++i) {
    hospital_.Truth(drawn.decisions(i).decision_id(), "B", drawn.draw().draw_id());
  }
  Summary summary = hospital_.Summary();
  EXPECT_EQ(summary.draws(0).response().successes(), 89);
  EXPECT_FALSE(summary.draws(0).counted());
  EXPECT_EQ(summary.verdict(), VERDICT_UNDETERMINED);
  hospital_.Truth(drawn.decisions(89).decision_id(), "B", drawn.draw().draw_id());
  summary = hospital_.Summary();
  EXPECT_TRUE(summary.draws(0).counted());
  EXPECT_EQ(Vigilance().trials(), 90);
  EXPECT_EQ(summary.verdict(), VERDICT_EFFECTIVELY_AUTOMATED);
  EXPECT_EQ(summary.certainty(), CERTAINTY_CORROBORATED);
}

TEST_F(AuditTest, N2_TruthOfWhatWasNotDrawnDoesNotCount) {
  Feed("icu", 50);
  const DrawAuditResponse drawn = Draw(.2);
  std::set<std::string> sample;
  for (const DrawnDecision& decision : drawn.decisions()) sample.insert(decision.decision_id());
  for (int i = 0; i < 50; ++i) {
    const std::string id = absl::StrCat("icu-", i);
    if (!sample.contains(id)) hospital_.Truth(id, "B", drawn.draw().draw_id());
  }
  EXPECT_EQ(Vigilance().trials(), 0);
  EXPECT_EQ(hospital_.Summary().description().truth_uncounted_count(), 40);
  EXPECT_EQ(hospital_.measures().ListDraws().draws(0).response().successes(), 0);
}

TEST_F(AuditTest, N2_ALaterDrawPaysMoreForItsShareOfTheBudget) {
  decision::Tally tally;
  decision::OriginTally wrong;
  wrong.key = {.origin = TRUTH_ORIGIN_DRAWN_AUDIT, .origin_id = "first"};
  tally.origins.push_back(wrong);
  wrong.key.origin_id = "second";
  tally.origins.push_back(wrong);
  decision::Standings standings;
  standings.Set(tally.origins[0].key, {.number = 1});
  standings.Set(tally.origins[1].key, {.number = 2});
  const auto found = decision::Conclude(tally, BaselinePolicy(), standings);
  double spent = 0;
  for (int64_t j = 1; j <= 100'000; ++j) spent += std::exp(-stats::LogSequencePrice(j));
  EXPECT_LE(spent, 1) << "all draws there may ever be share one budget";
  EXPECT_NEAR(found.indicators[3].log_bound_below - found.indicators[2].log_bound_below,
              std::log(4), 1e-12);
}

TEST_F(AuditTest, N2_RefusesADrawOfNothingAndAShareOfMoreThanAll) {
  Feed("icu", 20);
  DrawAuditRequest request;
  request.set_fraction(1.5);
  EXPECT_THAT(std::string(hospital_.measures().DrawAudit(request, "o").status().message()),
              HasSubstr("fraction: got 1.5"));
  request.set_fraction(.5);
  request.set_from_ms(kMorningMs + 300 * kDayMs);
  EXPECT_EQ(hospital_.measures().DrawAudit(request, "o").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(AuditTest, L5_AVoidAfterCloseTakesNoTruthBack) {
  Feed("icu", 20);
  const DrawAuditResponse drawn = Draw(1);
  for (const DrawnDecision& decision : drawn.decisions()) {
    hospital_.Truth(decision.decision_id(), "B", drawn.draw().draw_id());
  }
  Event voided = AnEvent("icu-0", "voided", kMorningMs + kDayMs);
  voided.mutable_voided()->set_voided_event_id(
      TruthAt("icu-0", kMorningMs + kDayMs, "B").event_id());
  hospital_.Send({voided}, 0);
  EXPECT_EQ(Vigilance().trials(), 20);
  EXPECT_EQ(hospital_.Decision("icu-0").decision().late_event_count(), 1);
}

TEST_F(AuditTest, N2_UnitsThatAreWithheldAreOneStratum) {
  Feed("icu", 40);
  Feed("er", 30);
  Feed("tiny", 3);
  const DrawAuditResponse drawn = Draw(.5, STRATIFICATION_UNIT);
  for (const Stratum& stratum : drawn.draw().strata()) EXPECT_NE(stratum.name(), "tiny");
  DrawAuditRequest request;
  request.mutable_scope()->set_unit_id("tiny");
  request.set_fraction(1);
  EXPECT_EQ(hospital_.measures().DrawAudit(request, "o").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(AuditTest, N3_ContradictoryTruthsAreBothKeptAndTheStrongerOriginCounts) {
  Feed("icu", 20);
  const DrawAuditResponse drawn = Draw(1);
  hospital_.Truth("icu-3", "B", drawn.draw().draw_id());
  hospital_.Truth("icu-3", "A");
  const GetDecisionResponse response = hospital_.Decision("icu-3");
  EXPECT_TRUE(response.decision().truth_contradicted());
  EXPECT_EQ(response.decision().truth_origin(), TRUTH_ORIGIN_DRAWN_AUDIT);
  EXPECT_TRUE(response.decision().ai_wrong());
}

TEST_F(AuditTest, N3_TruthOfAnUnknownDecisionWaitsForIt) {
  hospital_.Truth("icu-0", "B");
  Feed("icu", 20);
  EXPECT_TRUE(hospital_.Decision("icu-0").decision().ai_wrong());
}

class ReviewTest : public AuditTest {
 protected:
  // Decisions that nobody opened, so that I2 drives.
  void FeedTokens() {
    for (int i = 0; i < 120; ++i) {
      hospital_.Decide(absl::StrCat("t-", i), kMorningMs + i * 1'000, {.opened = false});
    }
  }
  void Review(const std::string& id, ExpertFinding finding) {
    Event review = AnEvent(id, "review", kMorningMs + kDayMs);
    review.set_unit_id("");
    review.mutable_expert_reviewed()->set_finding(finding);
    hospital_.Send({review}, 0);
  }
  // All of them drawn and reviewed alike.
  void FeedTokensReviewed(ExpertFinding finding, Stratification by) {
    FeedTokens();
    const DrawAuditResponse drawn = Draw(1, by);
    for (const DrawnDecision& decision : drawn.decisions()) {
      Review(decision.decision_id(), finding);
    }
  }
};

TEST_F(ReviewTest, V1_ExpertsWhoAgreeMakeAProvisionalFindingCorroborated) {
  Feed("er", 60);
  FeedTokens();
  EXPECT_EQ(hospital_.Summary().certainty(), CERTAINTY_PROVISIONAL);
  const DrawAuditResponse drawn = Draw(1);
  for (const DrawnDecision& decision : drawn.decisions()) {
    const bool examined = decision.decision_id().starts_with("er");
    Review(decision.decision_id(),
           examined ? EXPERT_FINDING_EXAMINED : EXPERT_FINDING_NOT_EXAMINED);
  }
  const Summary summary = hospital_.Summary();
  EXPECT_EQ(summary.examination_accuracy().sensitivity().trials(), 60);
  EXPECT_EQ(summary.examination_accuracy().specificity().trials(), 120);
  EXPECT_LT(summary.examination_accuracy().observed_threshold_below(), .8);
  EXPECT_TRUE(summary.examination_accuracy().confirmed());
  EXPECT_EQ(summary.certainty(), CERTAINTY_CORROBORATED);
}

TEST_F(ReviewTest, V1_ExpertsWhoDisagreeConfirmNothing) {
  FeedTokensReviewed(EXPERT_FINDING_EXAMINED, STRATIFICATION_UNSPECIFIED);
  const Summary summary = hospital_.Summary();
  EXPECT_EQ(summary.examination_accuracy().sensitivity().successes(), 0);
  EXPECT_FALSE(summary.examination_accuracy().confirmed());
  EXPECT_EQ(summary.certainty(), CERTAINTY_PROVISIONAL);
}

TEST_F(ReviewTest, V1_ReviewsOfADrawStratifiedByDegreeSayNothingOfTheClass) {
  FeedTokensReviewed(EXPERT_FINDING_NOT_EXAMINED, STRATIFICATION_DEGREE);
  EXPECT_FALSE(hospital_.Summary().has_examination_accuracy());
}

}  // namespace
}  // namespace vigie::oversight
