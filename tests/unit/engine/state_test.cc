// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace vigie::engine {
namespace {

constexpr uint64_t kId = 0x0123'4567'89ab'cdef;
constexpr uint64_t kContent = 0xfedc'ba98'7654'3210;
constexpr uint64_t kOther = 0x1111'1111'1111'1111;
// With the half that a fingerprint keeps, and with another one.
constexpr uint64_t kIdLikeIt = kId ^ 1;
constexpr uint64_t kContentLikeIt = kContent ^ (uint64_t{1} << 63);

DecisionState AnOpenDecision() {
  DecisionState state;
  state.stage = Stage::kOpen;
  for (const uint64_t hash : {kOther, kId}) {
    decision::Fact fact;
    fact.event_hash = hash;
    fact.content_hash = hash == kId ? kContent : kOther;
    fact.position = hash == kId ? 12 : 7;
    state.facts.push_back(fact);
  }
  return state;
}

DecisionState AClosedDecision() {
  DecisionState state = AnOpenDecision();
  KeepFingerprints(state);
  state.facts.clear();
  state.stage = Stage::kClosed;
  return state;
}

TEST(DecisionState, ThatIsMadeBlankIsAsNew) {
  DecisionState state = AClosedDecision();
  state.id = "an identifier that is longer than a string holds without memory of its own";
  state.facts = AnOpenDecision().facts;
  state.afterwards = state.facts;
  state.sources = {3};
  state.queued_occurred_ms = 5;
  state.finding.chosen = "x";
  state.hash = 7;
  state.flush = 9;
  MakeBlank(state);
  const DecisionState fresh;
  EXPECT_EQ(state.id, "");
  EXPECT_TRUE(state.facts.empty() && state.afterwards.empty() && state.fingerprints.empty() &&
              state.positions.empty() && state.sources.empty());
  EXPECT_EQ(state.stage, fresh.stage);
  EXPECT_EQ(state.queued_occurred_ms, fresh.queued_occurred_ms);
  EXPECT_EQ(state.finding.chosen, "");
  EXPECT_EQ(state.hash, fresh.hash);
  EXPECT_EQ(state.flush, fresh.flush);
}

TEST(Repeat, OfAnOpenDecisionIsToldByTheWholeHashes) {
  const DecisionState state = AnOpenDecision();
  EXPECT_EQ(RepeatOf(state, kId, kContent), Repeat::kSame);
  EXPECT_EQ(RepeatOf(state, kId, kContentLikeIt), Repeat::kChanged);
  EXPECT_EQ(RepeatOf(state, kIdLikeIt, kContent), Repeat::kNone);
}

TEST(Repeat, OfAClosedDecisionIsToldByHalfOfEachHash) {
  const DecisionState state = AClosedDecision();
  EXPECT_EQ(RepeatOf(state, kId, kContent), Repeat::kSame);
  EXPECT_EQ(RepeatOf(state, kId, kContent ^ 1), Repeat::kChanged);
  EXPECT_EQ(RepeatOf(state, kId ^ (uint64_t{1} << 63), kContent), Repeat::kNone);
}

TEST(Repeat, IsNothingToADecisionWithoutEvents) {
  EXPECT_EQ(RepeatOf(DecisionState(), 0, 0), Repeat::kNone);
  DecisionState closed;
  closed.stage = Stage::kClosed;
  EXPECT_EQ(RepeatOf(closed, 0, 0), Repeat::kNone);
}

TEST(DecisionState, SaysWhereItsEventsAreBeforeAndAfterItCloses) {
  for (const DecisionState& state : {AnOpenDecision(), AClosedDecision()}) {
    EXPECT_EQ(EventCount(state), 2U);
    EXPECT_THAT(EventPositions(state), testing::ElementsAre(7, 12));
    EXPECT_EQ(FirstPosition(state), 7);
  }
  EXPECT_EQ(FirstPosition(DecisionState()), 0);
}

}  // namespace
}  // namespace vigie::engine
