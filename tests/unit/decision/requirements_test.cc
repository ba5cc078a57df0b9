// SPDX-License-Identifier: Apache-2.0
// The rows of the requirements that a single decision answers, each as its own sentence; rule R6.
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
using testing::Not;

Finding Judged(const ADecision& decision) { return decision.Judged(BaselinePolicy()); }

TEST(UnknownR6, NoSourceDeclaresWhatWouldShowIt) {
  const Finding found = Judged(ADecision().IssuedAt(0s).ShownAt(1s).AcceptedAt(9s).NotDeclaring(
      {PAYLOAD_KIND_OPENED, PAYLOAD_KIND_EVIDENCE_OPENED}));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, ElementsAre(REASON_GRADE_TOO_LOW));
}

TEST(UnknownR6, TheSourceKnowsThatItLostTheOpening) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).GapOf(PAYLOAD_KIND_OPENED).AcceptedAt(9s));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, ElementsAre(REASON_SPAN_MISSING));
}

TEST(UnknownR6, ClocksCannotOrderOpeningAndEffect) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(9s).From(1).AcceptedAt(8s));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_CLOCK_INCONSISTENT));
}

TEST(Requirements, Row02NoHumanActBeforeEffectIsAutomated) {
  EXPECT_EQ(Judged(ADecision().IssuedAt(0s).AppliedAt(1s, EFFECT_CAUSE_SYSTEM, "A")).degree,
            DEGREE_AUTOMATED);
}

TEST(Requirements, Row04AValidationButtonAloneIsToken) {
  const Finding found =
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).AcceptedAt(1800ms).ByOneClick());
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
}

TEST(Requirements, Row05AcceptedByTimeoutIsAutomatedAndNotToken) {
  EXPECT_EQ(
      Judged(ADecision().IssuedAt(0s).ShownAt(1s).AppliedAt(60s, EFFECT_CAUSE_TIMEOUT, "A")).degree,
      DEGREE_AUTOMATED);
}

TEST(Requirements, Row06AllRequiredEvidenceIsConcreteAndOneMissingIsTokenThatNamesIt) {
  auto policy = BaselinePolicy();
  policy.mutable_examination()->add_required_evidence("RECORD");
  const auto decision = [] { return ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s); };
  EXPECT_EQ(decision().EvidenceAt(3s).AcceptedAt(9s).Judged(policy).degree, DEGREE_CONCRETE);
  const Finding missing = decision().AcceptedAt(9s).Judged(policy);
  EXPECT_EQ(missing.degree, DEGREE_TOKEN);
  EXPECT_THAT(missing.reasons, Contains(REASON_REQUIRED_EVIDENCE_MISSING));
}

TEST(Requirements, Row07TheExplanationOfTheAiAloneIsNotIndependent) {
  auto policy = BaselinePolicy();
  policy.mutable_examination()->set_independent_evidence_required(true);
  const Finding found = ADecision()
                            .IssuedAt(0s)
                            .ShownAt(1s)
                            .OpenedAt(2s)
                            .EvidenceAt(3s, EVIDENCE_KIND_EXPLANATION, EVIDENCE_ORIGIN_AI)
                            .AcceptedAt(9s)
                            .Judged(policy);
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
  EXPECT_THAT(found.reasons, Contains(REASON_NO_INDEPENDENT_EVIDENCE));
}

TEST(Requirements, Row08WhatIsOpenedAfterTheEffectDoesNotCount) {
  const Finding found = Judged(ADecision()
                                   .IssuedAt(0s)
                                   .ShownAt(1s)
                                   .AcceptedAt(2s)
                                   .AppliedAt(3s, EFFECT_CAUSE_PERSON, "A")
                                   .OpenedAt(4s));
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
}

TEST(Requirements, Row09ABulkValidationIsTokenAndWithItsOwnEvidenceJudgedSingly) {
  const auto item = [] { return ADecision().IssuedAt(0s).ShownAt(1s); };
  EXPECT_EQ(Judged(item().AcceptedAt(9s).InBatch("b", 40)).degree, DEGREE_TOKEN);
  EXPECT_EQ(Judged(item().OpenedAt(2s).AcceptedAt(9s).InBatch("b", 40)).degree, DEGREE_CONCRETE);
}

TEST(Requirements, Row10APreselectedDefaultNeedsTheStricterFraction) {
  const auto judged = [](bool preselected) {
    ADecision decision = ADecision().IssuedAt(0s).ShownAt(1s);
    if (preselected) decision.Preselected();
    return Judged(
        decision.OpenedAt(2s).ActiveFrom(2s, 30s).AcceptedAt(40s).WithBaselineMedian(100s));
  };
  EXPECT_EQ(judged(false).degree, DEGREE_CONCRETE) << "30 s of 100 s, a quarter is asked";
  EXPECT_NE(judged(true).degree, DEGREE_CONCRETE) << "half is asked";
}

TEST(Requirements, Row11MissingTelemetryIsNotGuilt) {
  const Finding found = Judged(ADecision().IssuedAt(0s).AcceptedAt(9s).NotDeclaring(
      {PAYLOAD_KIND_SHOWN, PAYLOAD_KIND_OPENED, PAYLOAD_KIND_ACTIVE_SEGMENT,
       PAYLOAD_KIND_EVIDENCE_OPENED}));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_EQ(found.concrete_examination, Trial::kUnknown);
}

TEST(Requirements, Row16ARoleThatMayNotOverrideIsTokenForWantOfAuthority) {
  const Finding found = Judged(
      ADecision().IssuedAt(0s).ShownAt(1s).OpenedAt(2s).AcceptedAt(9s).ByRole(7).WithoutAuthority(
          7));
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
  EXPECT_THAT(found.reasons, ElementsAre(REASON_NO_AUTHORITY));
}

}  // namespace
}  // namespace vigie::decision
