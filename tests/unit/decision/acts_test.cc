// SPDX-License-Identifier: Apache-2.0
// Rules L2, L3, L7, L8 and L10: order, acts, active time, clocks and scope.
#include <algorithm>
#include <random>

#include "decision/timeline.h"
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
using testing::Not;

Fact At(int64_t time_ms, SourceIndex source) {
  Fact fact;
  fact.occurred_at_ms = time_ms;
  fact.source = source;
  return fact;
}

config::v1::Policy WithFloor(int64_t floor_ms) {
  auto policy = BaselinePolicy();
  policy.mutable_examination()->set_floor_ms(floor_ms);
  return policy;
}

TEST(OrderL2, ArrivalNeverChangesWhatTheEventsDetermine) {
  const auto policy = WithFloor(8'000);
  const ADecision decision = ADecision()
                                 .IssuedAt(0s)
                                 .ShownAt(1s)
                                 .OpenedAt(2s)
                                 .ActiveFrom(2s, 9s)
                                 .EvidenceAt(5s)
                                 .DecidedAt(12s, DECISION_OUTCOME_DEFERRED)
                                 .OverriddenAt(20s)
                                 .AppliedAt(21s, EFFECT_CAUSE_SYSTEM, "B");
  const Finding want = decision.Judged(policy);
  EXPECT_EQ(want.degree, DEGREE_SIGNIFICANT);
  std::mt19937_64 random(3);
  std::vector<Fact> facts = decision.facts();
  PayloadSet declared;
  for (const Fact& fact : facts) declared.Add(fact.payload);
  for (int i = 0; i < 50; ++i) {
    std::shuffle(facts.begin(), facts.end(), random);
    const Finding got = Judge({.facts = facts, .batch_evidence = {}, .declared = declared},
                              {.policy = &policy, .roles_without_authority = {}});
    ASSERT_EQ(got.degree, want.degree);
    ASSERT_EQ(got.reasons, want.reasons);
    ASSERT_EQ(got.active_ms, want.active_ms);
    ASSERT_EQ(got.chosen, want.chosen);
  }
}

TEST(OrderL2, PositionOrdersWhatOccurredAtOneInstant) {
  const Finding found = ADecision()
                            .ShownAt(0s)
                            .DecidedAt(5s, DECISION_OUTCOME_OVERRIDDEN, "B")
                            .DecidedAt(5s, DECISION_OUTCOME_OVERRIDDEN, "C")
                            .Judged(BaselinePolicy());
  EXPECT_EQ(found.chosen, "C");
}

TEST(ActsL3, TheLastFinalActIsTheDecisiveOne) {
  const Finding found =
      ADecision().ShownAt(0s).AcceptedAt(5s).InUnit(1).OverriddenAt(9s).InUnit(2).Judged(
          BaselinePolicy());
  EXPECT_EQ(found.unit, 2);
  EXPECT_EQ(found.chosen, "B");
}

TEST(ActsL3, ADeferralIsNotFinal) {
  EXPECT_FALSE(IsFinal(DECISION_OUTCOME_DEFERRED));
  EXPECT_FALSE(IsFinal(DECISION_OUTCOME_ESCALATED));
  EXPECT_TRUE(IsFinal(DECISION_OUTCOME_ABSTAINED));
  const Finding found = ADecision()
                            .ShownAt(0s)
                            .AcceptedAt(5s)
                            .InUnit(1)
                            .DecidedAt(9s, DECISION_OUTCOME_DEFERRED)
                            .InUnit(2)
                            .Judged(BaselinePolicy());
  EXPECT_EQ(found.unit, 1);
}

TEST(ActsL3, ADeferralStandsWhenNothingFollowsUntilExpiry) {
  const Finding found = ADecision()
                            .ShownAt(0s)
                            .OpenedAt(1s)
                            .DecidedAt(9s, DECISION_OUTCOME_DEFERRED)
                            .Expired()
                            .Judged(BaselinePolicy());
  EXPECT_EQ(found.degree, DEGREE_SIGNIFICANT);
}

TEST(ActsL3, AnEditAndAnEffectByAPersonAreActs) {
  EXPECT_EQ(ADecision().ShownAt(0s).EditedAt(5s, 10).Judged(BaselinePolicy()).coverage,
            Trial::kSuccess);
  EXPECT_EQ(ADecision()
                .ShownAt(0s)
                .AppliedAt(5s, EFFECT_CAUSE_PERSON, "A")
                .Judged(BaselinePolicy())
                .positive_act,
            Trial::kSuccess);
}

TEST(ActsL3, AVoidedActIsNoAct) {
  const Finding found =
      ADecision().IssuedAt(0s).ShownAt(0s).AcceptedAt(5s).OverriddenAt(6s).Voided().Judged(
          BaselinePolicy());
  EXPECT_EQ(found.chosen, "A");
}

TEST(ActiveTimeL7, IsTheLengthOfTheUnion) {
  const Finding found = ADecision()
                            .ShownAt(0s)
                            .ActiveFrom(0s, 10s)
                            .ActiveFrom(5s, 10s)
                            .ActiveFrom(20s, 5s)
                            .AcceptedAt(60s)
                            .Judged(BaselinePolicy());
  EXPECT_EQ(found.active_ms, 20'000);
}

TEST(ActiveTimeL7, CutsEachSegmentAtTheIdleCap) {
  const Finding found =
      ADecision().ShownAt(0s).ActiveFrom(0s, 10min).AcceptedAt(20min).Judged(BaselinePolicy());
  EXPECT_EQ(found.active_ms, 120'000);
}

TEST(ActiveTimeL7, EndsAtTheDecisiveAct) {
  const Finding found =
      ADecision().ShownAt(0s).ActiveFrom(0s, 60s).AcceptedAt(30s).Judged(BaselinePolicy());
  EXPECT_EQ(found.active_ms, 30'000);
}

TEST(ActiveTimeL7, IsMissingWhereTheSourceKnowsAGap) {
  const Finding found = ADecision()
                            .ShownAt(0s)
                            .OpenedAt(1s)
                            .ActiveFrom(0s, 3s)
                            .GapOf(PAYLOAD_KIND_ACTIVE_SEGMENT)
                            .AcceptedAt(30s)
                            .Judged(WithFloor(8'000));
  EXPECT_EQ(found.active_ms, std::nullopt);
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_SPAN_MISSING));
}

TEST(ActiveTimeL7, ElapsedTimeStandsInOnlyUnderThePolicy) {
  const ADecision decision = ADecision().ShownAt(0s).OpenedAt(1s).AcceptedAt(30s);
  auto policy = WithFloor(8'000);
  EXPECT_EQ(decision.Judged(policy).active_ms, std::nullopt);
  policy.mutable_examination()->set_elapsed_counts_as_active(true);
  EXPECT_EQ(decision.Judged(policy).active_ms, 30'000);
  EXPECT_EQ(decision.Judged(policy).degree, DEGREE_CONCRETE);
}

TEST(ActiveTimeL7, ShownStandsInForOpenedOnlyUnderThePolicy) {
  const ADecision decision = ADecision().ShownAt(0s).AcceptedAt(30s);
  auto policy = BaselinePolicy();
  EXPECT_EQ(decision.Judged(policy).degree, DEGREE_TOKEN);
  policy.mutable_examination()->set_shown_counts_as_opened(true);
  EXPECT_EQ(decision.Judged(policy).degree, DEGREE_CONCRETE);
}

TEST(ClocksL8, OneSourceOrdersByItsOwnClock) {
  EXPECT_EQ(Before(At(1, 0), At(2, 0), 5'000), Truth::kTrue);
  EXPECT_EQ(Before(At(2, 0), At(2, 0), 5'000), Truth::kTrue);
  EXPECT_EQ(Before(At(3, 0), At(2, 0), 5'000), Truth::kFalse);
}

TEST(ClocksL8, TwoSourcesAreOrderedOnlyBeyondTheTolerance) {
  EXPECT_EQ(Before(At(0, 0), At(5'000, 1), 5'000), Truth::kUnknown);
  EXPECT_EQ(Before(At(0, 0), At(5'001, 1), 5'000), Truth::kTrue);
  EXPECT_EQ(Before(At(5'000, 0), At(0, 1), 5'000), Truth::kUnknown);
  EXPECT_EQ(Before(At(5'001, 0), At(0, 1), 5'000), Truth::kFalse);
}

TEST(ClocksL8, ATieBetweenDecidedAndAppliedIsDecidedFirst) {
  const Finding found = ADecision()
                            .IssuedAt(0s)
                            .ShownAt(0s)
                            .OpenedAt(1s)
                            .AppliedAt(5s, EFFECT_CAUSE_SYSTEM, "A")
                            .AcceptedAt(5s)
                            .Judged(BaselinePolicy());
  EXPECT_EQ(found.degree, DEGREE_CONCRETE);
}

TEST(ClocksL8, WhatWasOpenedAfterTheEffectDoesNotCount) {
  const Finding found = ADecision()
                            .ShownAt(0s)
                            .AcceptedAt(5s)
                            .AppliedAt(6s, EFFECT_CAUSE_SYSTEM)
                            .OpenedAt(7s)
                            .Judged(BaselinePolicy());
  EXPECT_EQ(found.degree, DEGREE_TOKEN);
  EXPECT_THAT(found.reasons, Contains(REASON_NEVER_OPENED));
}

TEST(ClocksL8, OpeningOfUnclearOrderIsUnknown) {
  const Finding found =
      ADecision().ShownAt(0s).OpenedAt(8s).From(1).AcceptedAt(5s).Judged(BaselinePolicy());
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_CLOCK_INCONSISTENT));
}

// A person who lets the result take effect and looks afterwards did not examine before effect.
TEST(ClocksL8, ActivityAfterTheEffectDoesNotCount) {
  const Finding found = ADecision()
                            .IssuedAt(0s)
                            .ShownAt(0s)
                            .OpenedAt(1s)
                            .AppliedAt(2s, EFFECT_CAUSE_PERSON, "A")
                            .ActiveFrom(2s, 18s)
                            .AcceptedAt(21s)
                            .Judged(WithFloor(8'000));
  EXPECT_NE(found.degree, DEGREE_CONCRETE);
  EXPECT_THAT(found.reasons, Not(Contains(REASON_EXAMINED_SUGGESTION)));
}

TEST(ClocksL8, ANegativeSpanIsMissingAndNotZero) {
  const Finding found =
      ADecision().ShownAt(0s).OpenedAt(1s).ActiveFrom(9s, -4s).AcceptedAt(30s).Judged(
          WithFloor(8'000));
  EXPECT_EQ(found.active_ms, std::nullopt);
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
  EXPECT_THAT(found.reasons, Contains(REASON_SPAN_MISSING));
}

TEST(ClocksL8, ASpanOverADayIsMissing) {
  const Finding found = ADecision()
                            .ShownAt(0s)
                            .OpenedAt(1s)
                            .ActiveFrom(1s, 24h + 1ms)
                            .AcceptedAt(30s)
                            .Judged(WithFloor(60'000));
  EXPECT_EQ(found.active_ms, std::nullopt);
  EXPECT_THAT(found.reasons, Contains(REASON_SPAN_MISSING));
}

TEST(ClocksL8, AJudgementOfOverADayHasNoTime) {
  const auto judged = [](Milliseconds elapsed) {
    return ADecision()
        .JudgedFirstAt(0s, "A", elapsed)
        .ShownAt(1s)
        .AcceptedAt(30s)
        .Judged(BaselinePolicy())
        .judgement_ms;
  };
  EXPECT_EQ(judged(24h), 24 * 3'600'000);
  EXPECT_EQ(judged(24h + 1ms), std::nullopt);
  EXPECT_EQ(judged(-1ms), std::nullopt);
}

TEST(ClocksL8, ANegativeElapsedTimeDoesNotMakeAToken) {
  auto policy = WithFloor(8'000);
  policy.mutable_examination()->set_elapsed_counts_as_active(true);
  const Finding found = ADecision()
                            .NotDeclaring({PAYLOAD_KIND_ACTIVE_SEGMENT})
                            .OpenedAt(1s)
                            .AcceptedAt(30s)
                            .ShownAt(40s)
                            .Judged(policy);
  EXPECT_EQ(found.active_ms, std::nullopt);
  EXPECT_EQ(found.degree, DEGREE_UNDETERMINED);
}

TEST(ScopeL10, UnitAndActorComeFromTheDecisiveAct) {
  const Finding found =
      ADecision().ShownAt(0s).InUnit(1).ByActor(1).AcceptedAt(5s).InUnit(2).ByActor(2).Judged(
          BaselinePolicy());
  EXPECT_EQ(found.unit, 2);
  EXPECT_EQ(found.actor[0], 2);
}

TEST(ScopeL10, UnitComesFromTheFirstEventWhereNoActGivesOne) {
  const Finding found =
      ADecision().ShownAt(0s).InUnit(1).OpenedAt(1s).InUnit(3).AcceptedAt(5s).Judged(
          BaselinePolicy());
  EXPECT_EQ(found.unit, 1);
}

TEST(ScopeL10, VersionComesFromIssuedElseFromTheFirstEventThatHasOne) {
  EXPECT_EQ(ADecision()
                .ShownAt(0s)
                .OfVersion(1)
                .IssuedAt(1s)
                .OfVersion(2)
                .AcceptedAt(5s)
                .Judged(BaselinePolicy())
                .version,
            2);
  EXPECT_EQ(ADecision()
                .IssuedAt(0s)
                .ShownAt(1s)
                .OfVersion(3)
                .AcceptedAt(5s)
                .OfVersion(4)
                .Judged(BaselinePolicy())
                .version,
            3);
}

}  // namespace
}  // namespace vigie::decision
