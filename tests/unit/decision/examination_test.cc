// SPDX-License-Identifier: Apache-2.0
// Rules R3, R4, R6 and R7: what counts as examined, true, false and unknown.
#include <algorithm>

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

config::v1::Policy WithFloor(int64_t floor_ms) {
  auto policy = BaselinePolicy();
  policy.mutable_examination()->set_floor_ms(floor_ms);
  return policy;
}

config::v1::Policy Requiring(const std::string& kind, bool independent) {
  auto policy = BaselinePolicy();
  if (!kind.empty()) policy.mutable_examination()->add_required_evidence(kind);
  policy.mutable_examination()->set_independent_evidence_required(independent);
  return policy;
}

ADecision Shown() { return ADecision().IssuedAt(0s).ShownAt(1s); }

TEST(ExaminedR3, OpenedIsTrueFalseOrUnknown) {
  EXPECT_EQ(Shown().OpenedAt(2s).AcceptedAt(9s).Judged(BaselinePolicy()).degree, DEGREE_CONCRETE);
  const Finding never = Shown().AcceptedAt(9s).Judged(BaselinePolicy());
  EXPECT_EQ(never.degree, DEGREE_TOKEN);
  EXPECT_THAT(never.reasons, Contains(REASON_NEVER_OPENED));
  const Finding unknown =
      Shown().AcceptedAt(9s).NotDeclaring({PAYLOAD_KIND_OPENED}).Judged(BaselinePolicy());
  EXPECT_EQ(unknown.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(unknown.reasons, Contains(REASON_GRADE_TOO_LOW));
  const Finding gap = Shown().GapOf(PAYLOAD_KIND_OPENED).AcceptedAt(9s).Judged(BaselinePolicy());
  EXPECT_EQ(gap.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(gap.reasons, Contains(REASON_SPAN_MISSING));
}

TEST(ExaminedR3, RequiredEvidenceIsTrueFalseOrUnknown) {
  const auto policy = Requiring("IMAGE", false);
  EXPECT_EQ(
      Shown().OpenedAt(2s).EvidenceAt(3s, EVIDENCE_KIND_IMAGE).AcceptedAt(9s).Judged(policy).degree,
      DEGREE_CONCRETE);
  const Finding other =
      Shown().OpenedAt(2s).EvidenceAt(3s, EVIDENCE_KIND_RECORD).AcceptedAt(9s).Judged(policy);
  EXPECT_EQ(other.degree, DEGREE_TOKEN);
  EXPECT_THAT(other.reasons, Contains(REASON_REQUIRED_EVIDENCE_MISSING));
  const Finding unknown = Shown()
                              .OpenedAt(2s)
                              .AcceptedAt(9s)
                              .NotDeclaring({PAYLOAD_KIND_EVIDENCE_OPENED})
                              .Judged(policy);
  EXPECT_EQ(unknown.degree, DEGREE_UNDETERMINED);
}

TEST(ExaminedR3, IndependentEvidenceIsTrueFalseOrUnknown) {
  const auto policy = Requiring("", true);
  EXPECT_EQ(Shown().OpenedAt(2s).EvidenceAt(3s).AcceptedAt(9s).Judged(policy).degree,
            DEGREE_CONCRETE);
  const Finding own = Shown()
                          .OpenedAt(2s)
                          .EvidenceAt(3s, EVIDENCE_KIND_EXPLANATION, EVIDENCE_ORIGIN_AI)
                          .AcceptedAt(9s)
                          .Judged(policy);
  EXPECT_EQ(own.degree, DEGREE_TOKEN);
  EXPECT_THAT(own.reasons, Contains(REASON_NO_INDEPENDENT_EVIDENCE));
  EXPECT_EQ(Shown()
                .OpenedAt(2s)
                .AcceptedAt(9s)
                .NotDeclaring({PAYLOAD_KIND_EVIDENCE_OPENED})
                .Judged(policy)
                .degree,
            DEGREE_UNDETERMINED);
}

TEST(ExaminedR3, ActiveTimeIsTrueAtTheMinimumItself) {
  EXPECT_EQ(Shown().OpenedAt(1s).ActiveFrom(1s, 8s).AcceptedAt(20s).Judged(WithFloor(8'000)).degree,
            DEGREE_CONCRETE);
  EXPECT_EQ(
      Shown().OpenedAt(1s).ActiveFrom(1s, 7999ms).AcceptedAt(20s).Judged(WithFloor(8'000)).degree,
      DEGREE_UNDETERMINED);
}

TEST(ExaminedR3, ActiveTimeIsUnknownWhereNoSourceDeclaresIt) {
  const Finding found = Shown()
                            .OpenedAt(1s)
                            .AcceptedAt(20s)
                            .NotDeclaring({PAYLOAD_KIND_ACTIVE_SEGMENT})
                            .Judged(WithFloor(8'000));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_GRADE_TOO_LOW));
}

TEST(ExaminedR3, AnOwnJudgementBeforeDisplayCountsUnderThePolicy) {
  const ADecision decision = ADecision().IssuedAt(0s).JudgedFirstAt(1s).ShownAt(2s).AcceptedAt(9s);
  auto policy = BaselinePolicy();
  const Finding found = decision.Judged(policy);
  EXPECT_EQ(found.degree, DEGREE_CONCRETE);
  EXPECT_THAT(found.reasons, Contains(REASON_OWN_JUDGEMENT_FIRST));
  EXPECT_EQ(found.judged, "A");
  policy.mutable_examination()->set_accept_own_judgement_first(false);
  EXPECT_EQ(decision.Judged(policy).degree, DEGREE_TOKEN);
}

TEST(ExaminedR3, AJudgementThatClocksPutAfterDisplayIsUnknown) {
  const Finding found =
      ADecision().IssuedAt(0s).ShownAt(2s).JudgedFirstAt(5s).AcceptedAt(9s).Judged(
          BaselinePolicy());
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_CLOCK_INCONSISTENT));
}

TEST(ExaminedR3, AnEditCountsFromTheSubstantialSizeOn) {
  const auto edited = [](int32_t permille) {
    return Shown()
        .EditedAt(5s, permille)
        .DecidedAt(9s, DECISION_OUTCOME_MODIFIED, "B")
        .Judged(BaselinePolicy());
  };
  EXPECT_EQ(edited(200).degree, DEGREE_SIGNIFICANT);
  EXPECT_THAT(edited(200).reasons, Contains(REASON_SUBSTANTIAL_EDIT));
  EXPECT_EQ(edited(199).degree, DEGREE_TOKEN);
}

TEST(MinimumR4, IsTheLargestOfItsParts) {
  auto policy = WithFloor(8'000);
  policy.mutable_examination()->set_per_item_ms(3'000);
  EXPECT_EQ(ADecision().IssuedAt(0s, "A", 2).AcceptedAt(9s).Judged(policy).minimum_ms, 8'000);
  EXPECT_EQ(ADecision().IssuedAt(0s, "A", 4).AcceptedAt(9s).Judged(policy).minimum_ms, 12'000);
  EXPECT_EQ(ADecision()
                .IssuedAt(0s, "A", 4)
                .AcceptedAt(9s)
                .WithBaselineMedian(60s)
                .Judged(policy)
                .minimum_ms,
            15'000);
}

TEST(MinimumR4, IsAbsentWhereThePolicyGivesNone) {
  const Finding found = Shown().OpenedAt(2s).AcceptedAt(9s).Judged(BaselinePolicy());
  EXPECT_EQ(found.minimum_ms, std::nullopt);
  EXPECT_THAT(found.reasons, Contains(REASON_BASELINE_ABSENT));
}

TEST(MinimumR4, OneClickAndPreselectedAskForTheLargerFraction) {
  const auto minimum = [](const ADecision& decision) {
    return decision.Judged(BaselinePolicy()).minimum_ms;
  };
  EXPECT_EQ(minimum(Shown().AcceptedAt(9s).WithBaselineMedian(20s)), 5'000);
  EXPECT_EQ(minimum(Shown().AcceptedAt(9s).ByOneClick().WithBaselineMedian(20s)), 10'000);
  EXPECT_EQ(
      minimum(ADecision().IssuedAt(0s).ShownAt(1s).Preselected().AcceptedAt(9s).WithBaselineMedian(
          20s)),
      10'000);
  EXPECT_EQ(minimum(Shown().OverriddenAt(9s).ByOneClick().WithBaselineMedian(20s)), 5'000);
}

TEST(MinimumR4, ComparesInIntegers) {
  const auto degree = [](Milliseconds active) {
    return Shown()
        .OpenedAt(1s)
        .ActiveFrom(1s, active)
        .AcceptedAt(20s)
        .WithBaselineMedian(10'001ms)
        .Judged(BaselinePolicy())
        .degree;
  };
  EXPECT_EQ(degree(2'500ms), DEGREE_UNDETERMINED);  // 2,500,000 < 250 x 10,001.
  EXPECT_EQ(degree(2'501ms), DEGREE_CONCRETE);
}

TEST(TokenR7, TooFastAloneIsUndeterminedWhenSomethingWasOpened) {
  const Finding found =
      Shown().OpenedAt(1s).ActiveFrom(1s, 2s).AcceptedAt(4s).Judged(WithFloor(8'000));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_TOO_FAST_BUT_OPENED));
  EXPECT_EQ(found.concrete_examination, Trial::kUnknown);
  EXPECT_EQ(found.coverage, Trial::kFailure);
}

TEST(TokenR7, OneClickTakesTheExceptionAway) {
  const Finding found =
      Shown().OpenedAt(1s).ActiveFrom(1s, 2s).AcceptedAt(4s).ByOneClick().Judged(WithFloor(8'000));
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
  EXPECT_THAT(found.reasons, Contains(REASON_ONE_CLICK));
  EXPECT_THAT(found.reasons, Contains(REASON_TOO_FAST));
}

TEST(TokenR7, RejectingWithoutLookingIsAReflex) {
  const Finding found = Shown().OverriddenAt(2s).Judged(BaselinePolicy());
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
  EXPECT_THAT(found.reasons, Contains(REASON_REFLEX_OVERRIDE));
}

TEST(TokenR7, TimeAloneNeverMakesATokenWhereOpeningIsUnknown) {
  const Finding found = Shown()
                            .ActiveFrom(1s, 2s)
                            .AcceptedAt(4s)
                            .NotDeclaring({PAYLOAD_KIND_OPENED})
                            .Judged(WithFloor(8'000));
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
}

TEST(TokenR7, ReasonsKeepTheirFixedOrder) {
  const Finding found =
      ADecision().IssuedAt(0s).ShownAt(1s).Preselected().AcceptedAt(2s).ByOneClick().Judged(
          WithFloor(8'000));
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
  EXPECT_TRUE(std::is_sorted(found.reasons.begin(), found.reasons.end()));
  EXPECT_THAT(found.reasons, Contains(REASON_PRESELECTED_UNTOUCHED));
}

}  // namespace
}  // namespace vigie::decision
