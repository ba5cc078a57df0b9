// SPDX-License-Identifier: Apache-2.0
// Rule L5: recourse and information have counts of their own.
#include "decision/rights.h"

#include "gtest/gtest.h"

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

const Pseudonym kActor = {1};
const Pseudonym kOther = {2};

Fact FactOf(PayloadKind payload, int64_t time_ms, const Pseudonym& actor = {}) {
  Fact fact;
  fact.payload = payload;
  fact.occurred_at_ms = time_ms;
  fact.position = time_ms;
  fact.event_hash = static_cast<uint64_t>(time_ms);
  fact.actor = actor;
  return fact;
}

int64_t Shows(const Rights& rights, Right right) { return rights[static_cast<size_t>(right)]; }

TEST(RightsL5, EachIsCountedOnceForADecision) {
  const Rights rights = RightsOf(
      std::vector<Fact>{FactOf(PAYLOAD_KIND_CONTESTED, 1), FactOf(PAYLOAD_KIND_CONTESTED, 2),
                        FactOf(PAYLOAD_KIND_PATIENT_INFORMED, 3)},
      kActor);
  EXPECT_EQ(Shows(rights, Right::kContested), 1);
  EXPECT_EQ(Shows(rights, Right::kPatientInformed), 1);
  EXPECT_EQ(Shows(rights, Right::kReversed), 0);
}

TEST(RightsL5, AReviewByTheActorOfTheDecisionIsNoValidRecourse) {
  const auto review = [](const Pseudonym& reviewer) {
    return RightsOf(std::vector<Fact>{FactOf(PAYLOAD_KIND_RECOURSE_REVIEWED, 1, reviewer)}, kActor);
  };
  EXPECT_EQ(Shows(review(kActor), Right::kSameReviewer), 1);
  EXPECT_EQ(Shows(review(kOther), Right::kSameReviewer), 0);
  EXPECT_EQ(Shows(review(kOther), Right::kRecourseReviewed), 1);
}

TEST(RightsL5, ReviewerAndActorWhoAreNotNamedAreNotTheSamePerson) {
  const Rights rights =
      RightsOf(std::vector<Fact>{FactOf(PAYLOAD_KIND_RECOURSE_REVIEWED, 1)}, Pseudonym{});
  EXPECT_EQ(Shows(rights, Right::kRecourseReviewed), 1);
  EXPECT_EQ(Shows(rights, Right::kSameReviewer), 0);
}

TEST(RightsL5, WhatWasVoidedBeforeCloseDidNotHappen) {
  Fact voiding = FactOf(PAYLOAD_KIND_VOIDED, 2);
  voiding.voided_hash = 1;
  const Rights rights =
      RightsOf(std::vector<Fact>{FactOf(PAYLOAD_KIND_REVERSED, 1), voiding}, kActor);
  EXPECT_EQ(Shows(rights, Right::kReversed), 0);
}

}  // namespace
}  // namespace vigie::decision
