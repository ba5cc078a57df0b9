// SPDX-License-Identifier: Apache-2.0
// Rules N1 and N2: wrong, caught, switch, RAIR, RSR, and that counts take back what they counted.
#include "decision/tally.h"

#include "gtest/gtest.h"

namespace vigie::decision {
namespace {

const TruthKey kAudit = {.origin = vigie::v1::TRUTH_ORIGIN_ASSERTED_AUDIT, .origin_id = {}};

Finding Answered(const std::string& judged, const std::string& suggested,
                 const std::string& chosen) {
  Finding finding;
  finding.degree = vigie::v1::DEGREE_CONCRETE;
  finding.exposed = true;
  finding.judged = judged;
  finding.suggested = suggested;
  finding.chosen = chosen;
  return finding;
}

TEST(TallyN1, KeepsTheFourCells) {
  Tally tally;
  tally.AddTruth(kAudit, "A", Answered("", "A", "A"), 1);
  tally.AddTruth(kAudit, "A", Answered("", "A", "B"), 1);
  tally.AddTruth(kAudit, "B", Answered("", "A", "A"), 1);
  tally.AddTruth(kAudit, "B", Answered("", "A", "C"), 1);
  const auto& cells = tally.origins.at(0).cells;
  for (const auto& row : cells) {
    for (const int64_t cell : row) EXPECT_EQ(cell, 1);
  }
  EXPECT_EQ(tally.origins[0].Vigilance().trials, 2);
  EXPECT_EQ(tally.origins[0].Vigilance().successes, 1);
}

TEST(TallyN1, AWrongSuggestionWithoutAFinalAnswerIsUnknown) {
  Tally tally;
  tally.AddTruth(kAudit, "B", Answered("", "A", ""), 1);
  EXPECT_EQ(tally.origins.at(0).Vigilance().trials, 0);
  EXPECT_EQ(tally.origins[0].Vigilance().unknown, 1);
}

TEST(TallyN1, WhatWasNeverShownIsNoTrial) {
  Finding finding = Answered("", "A", "B");
  finding.exposed = false;
  Tally tally;
  tally.AddTruth(kAudit, "B", finding, 1);
  EXPECT_TRUE(tally.origins.empty());
}

TEST(TallyN1, RairCountsWrongJudgementsBesideARightSuggestion) {
  Tally tally;
  tally.AddTruth(kAudit, "A", Answered("B", "A", "A"), 1);
  tally.AddTruth(kAudit, "A", Answered("B", "A", "B"), 1);
  tally.AddTruth(kAudit, "A", Answered("A", "A", "A"), 1);
  EXPECT_EQ(tally.origins.at(0).rair.trials, 2);
  EXPECT_EQ(tally.origins[0].rair.successes, 1);
  EXPECT_EQ(tally.origins[0].rsr.trials, 0);
}

TEST(TallyN1, RsrCountsRightJudgementsBesideAWrongSuggestion) {
  Tally tally;
  tally.AddTruth(kAudit, "B", Answered("B", "A", "B"), 1);
  tally.AddTruth(kAudit, "B", Answered("B", "A", "A"), 1);
  EXPECT_EQ(tally.origins.at(0).rsr.trials, 2);
  EXPECT_EQ(tally.origins[0].rsr.successes, 1);
}

TEST(TallyN1, ASwitchIsTheSuggestionTakenOverAgainstTheOwnJudgement) {
  Tally tally;
  tally.AddFinding(Answered("B", "A", "A"));
  tally.AddFinding(Answered("B", "A", "B"));
  tally.AddFinding(Answered("A", "A", "A"));
  EXPECT_EQ(tally.switches.trials, 2);
  EXPECT_EQ(tally.switches.successes, 1);
}

TEST(TallyN2, OriginsAreNeverPooled) {
  Tally tally;
  tally.AddTruth(kAudit, "B", Answered("", "A", "B"), 1);
  tally.AddTruth({vigie::v1::TRUTH_ORIGIN_SEEDED, "plan"}, "B", Answered("", "A", "A"), 1);
  ASSERT_EQ(tally.origins.size(), 2U);
  EXPECT_EQ(tally.origins[0].Vigilance().trials, 1);
  EXPECT_EQ(tally.origins[1].Vigilance().trials, 1);
}

TEST(TallyN3, TakingATruthBackLeavesNoTrial) {
  Tally tally;
  const Finding finding = Answered("B", "A", "B");
  tally.AddTruth(kAudit, "B", finding, 1);
  tally.AddTruth(kAudit, "B", finding, -1);
  EXPECT_EQ(tally.origins.at(0).Vigilance().trials, 0);
  EXPECT_EQ(tally.origins[0].rsr, TrialCounts());
}

}  // namespace
}  // namespace vigie::decision
