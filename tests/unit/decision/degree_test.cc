// SPDX-License-Identifier: Apache-2.0
// Rules R0 to R2, R5, R8 and what a decision contributes to the indicators.
#include "decision/degree.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/a_decision.h"
#include "support/baseline_policy.h"

namespace vigie::decision {
namespace {

using namespace std::chrono_literals;
using namespace vigie::v1;  // Enumerators only.
using support::BaselinePolicy;
using testing::Contains;
using testing::ElementsAre;

Finding Judged(const ADecision& decision) { return decision.Judged(BaselinePolicy()); }

TEST(IndependentR0, NeverShownAndDecidedByAPersonHasNoDegree) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).DecidedAt(9s, DECISION_OUTCOME_INDEPENDENT, "B"));
  EXPECT_EQ(found.degree, DEGREE_UNSPECIFIED);
  EXPECT_THAT(found.reasons, ElementsAre(REASON_INDEPENDENT));
  EXPECT_EQ(found.positive_act, Trial::kSuccess);
  EXPECT_EQ(found.concrete_examination, Trial::kNone);
  EXPECT_EQ(found.coverage, Trial::kNone);
  EXPECT_FALSE(found.exposed);
}

TEST(IndependentR0, WhatWasShownIsNotIndependent) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).DecidedAt(9s, DECISION_OUTCOME_INDEPENDENT));
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
}

TEST(AutomatedR1, AnEffectWithoutAnActNamesItsCause) {
  const auto reasons = [](EffectCause cause) {
    return Judged(ADecision().IssuedAt(0s).AppliedAt(9s, cause, "A")).reasons;
  };
  EXPECT_THAT(reasons(EFFECT_CAUSE_SYSTEM), ElementsAre(REASON_SYSTEM_ACTION));
  EXPECT_THAT(reasons(EFFECT_CAUSE_TIMEOUT), ElementsAre(REASON_TIMEOUT_DEFAULT));
  EXPECT_THAT(reasons(EFFECT_CAUSE_BYPASS_WINDOW), ElementsAre(REASON_BYPASS_WINDOW));
}

TEST(AutomatedR1, AnActAfterTheEffectComesTooLate) {
  const Finding found = Judged(
      ADecision().IssuedAt(0s).ShownAt(1s).AppliedAt(5s, EFFECT_CAUSE_SYSTEM, "A").AcceptedAt(9s));
  EXPECT_EQ(found.degree, DEGREE_AUTOMATED);
  EXPECT_THAT(found.reasons, Contains(REASON_APPLIED_BEFORE_ACT));
  EXPECT_EQ(found.positive_act, Trial::kFailure);
  EXPECT_EQ(found.concrete_examination, Trial::kNone);
}

TEST(AutomatedR1, AnEffectThatNobodyChoseIsAutomated) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s).OverriddenAt(5s).AppliedAt(
          6s, EFFECT_CAUSE_SYSTEM, "A"));
  EXPECT_EQ(found.degree, DEGREE_AUTOMATED);
  EXPECT_THAT(found.reasons, Contains(REASON_EFFECT_NOT_CHOSEN));
}

TEST(AutomatedR1, AnEffectThatWasChosenBeforeIsNotAutomated) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s).OverriddenAt(5s).AppliedAt(
          6s, EFFECT_CAUSE_SYSTEM, "B"));
  EXPECT_EQ(found.degree, DEGREE_SIGNIFICANT);
}

TEST(AutomatedR1, IsUnknownWhereClocksLeaveTheOrderOpen) {
  const Finding found = Judged(ADecision()
                                   .IssuedAt(0s)
                                   .ShownAt(1s)
                                   .OpenedAt(2s)
                                   .AcceptedAt(9s)
                                   .AppliedAt(5s, EFFECT_CAUSE_SYSTEM, "A")
                                   .From(1));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_CLOCK_INCONSISTENT));
  EXPECT_EQ(found.positive_act, Trial::kUnknown);
}

TEST(AutomatedR1, IsUnknownWhereTheSourceLostTheAct) {
  const Finding found = Judged(ADecision()
                                   .IssuedAt(0s)
                                   .ShownAt(1s)
                                   .GapOf(PAYLOAD_KIND_DECIDED)
                                   .AppliedAt(5s, EFFECT_CAUSE_SYSTEM, "A"));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_SPAN_MISSING));
}

TEST(NoAuthorityR2, ARoleThatMayNotChangeTheOutcomeIsTokenWhateverElse) {
  const Finding found = Judged(ADecision()
                                   .IssuedAt(0s)
                                   .ShownAt(1s)
                                   .OpenedAt(2s)
                                   .EvidenceAt(3s)
                                   .OverriddenAt(60s)
                                   .ByRole(4)
                                   .WithoutAuthority(4));
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
  EXPECT_THAT(found.reasons, ElementsAre(REASON_NO_AUTHORITY));
}

TEST(NoAuthorityR2, AnotherRoleKeepsItsDegree) {
  const Finding found = Judged(
      ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s).AcceptedAt(60s).ByRole(5).WithoutAuthority(
          4));
  EXPECT_EQ(found.degree, DEGREE_CONCRETE);
}

TEST(OutcomeR5, EveryChangedOutcomeIsSignificantOnceExamined) {
  for (const DecisionOutcome outcome :
       {DECISION_OUTCOME_MODIFIED, DECISION_OUTCOME_OVERRIDDEN, DECISION_OUTCOME_ABSTAINED}) {
    const Finding found =
        Judged(ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s).DecidedAt(60s, outcome, "B"));
    EXPECT_EQ(found.degree, DEGREE_SIGNIFICANT) << DecisionOutcome_Name(outcome);
    EXPECT_THAT(found.reasons, Contains(REASON_CHANGED_OUTCOME));
  }
}

TEST(OutcomeR5, AnAcceptanceIsConcreteOnceExamined) {
  const Finding found = Judged(ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s).AcceptedAt(60s));
  EXPECT_EQ(found.degree, DEGREE_CONCRETE);
  EXPECT_EQ(found.concrete_examination, Trial::kSuccess);
  EXPECT_EQ(found.coverage, Trial::kSuccess);
}

TEST(OutcomeR5, AnOverrideThatChoosesTheSuggestionIsContradicted) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s).OverriddenAt(60s, "A"));
  EXPECT_EQ(found.degree, DEGREE_CONCRETE);
  EXPECT_THAT(found.reasons, Contains(REASON_OUTCOME_CONTRADICTED));
}

TEST(BatchR8, AnItemWithoutEvidenceIsTokenAndNoPositiveAct) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).AcceptedAt(9s).InBatch("b", 20));
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
  EXPECT_THAT(found.reasons, ElementsAre(REASON_BATCH_WITHOUT_EVIDENCE));
  EXPECT_EQ(found.positive_act, Trial::kFailure);
  EXPECT_EQ(found.concrete_examination, Trial::kFailure);
  EXPECT_TRUE(found.batch);
}

TEST(BatchR8, AnItemIsJudgedOnItsOwnEvidence) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s).AcceptedAt(60s).InBatch("b", 20));
  EXPECT_EQ(found.degree, DEGREE_CONCRETE);
}

TEST(BatchR8, EvidenceOfTheBatchCountsForTheItem) {
  const Finding found = Judged(
      ADecision().IssuedAt(0s).ShownAt(1s).AcceptedAt(9s).InBatch("b", 20).WithBatchEvidenceAt(5s));
  EXPECT_THAT(found.reasons, testing::Not(Contains(REASON_BATCH_WITHOUT_EVIDENCE)));
}

TEST(BatchR8, EvidenceOfTheBatchAfterTheActDoesNotCount) {
  const Finding found = Judged(
      ADecision().IssuedAt(0s).ShownAt(1s).AcceptedAt(9s).InBatch("b", 20).WithBatchEvidenceAt(
          10s));
  EXPECT_THAT(found.reasons, Contains(REASON_BATCH_WITHOUT_EVIDENCE));
}

TEST(BatchR8, ABatchOfOneIsNoBatch) {
  const Finding found = Judged(ADecision().IssuedAt(0s).ShownAt(1s).AcceptedAt(9s).InBatch("b", 1));
  EXPECT_FALSE(found.batch);
  EXPECT_THAT(found.reasons, Contains(REASON_NEVER_OPENED));
}

TEST(ClosingL4, ExpiryWithoutActOrEffectHasNoDegreeAndNoTrial) {
  const Finding found = Judged(ADecision().IssuedAt(0s).ShownAt(1s).Expired());
  EXPECT_EQ(found.degree, DEGREE_UNSPECIFIED);
  EXPECT_THAT(found.reasons, ElementsAre(REASON_NO_DECISION));
  EXPECT_EQ(found.positive_act, Trial::kNone);
  EXPECT_EQ(found.coverage, Trial::kNone);
}

TEST(ClosingL4, SuppressedAndNeverDecidedIsCountedApart) {
  const Finding found = Judged(ADecision().IssuedAt(0s).SuppressedAt(1s).Expired());
  EXPECT_EQ(found.degree, DEGREE_UNSPECIFIED);
  EXPECT_THAT(found.reasons, ElementsAre(REASON_SUPPRESSED_BEFORE_DISPLAY));
}

}  // namespace
}  // namespace vigie::decision
