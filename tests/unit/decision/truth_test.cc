// SPDX-License-Identifier: Apache-2.0
// Rules N2 and N3: which truth counts.
#include "decision/truth.h"

#include "gtest/gtest.h"
#include "support/baseline_policy.h"

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.
using support::BaselinePolicy;

Fact TruthAt(int64_t time_ms, const std::string& code, TruthOrigin origin) {
  Fact fact;
  fact.payload = PAYLOAD_KIND_TRUTH_ESTABLISHED;
  fact.occurred_at_ms = time_ms;
  fact.position = time_ms;
  fact.event_hash = static_cast<uint64_t>(time_ms);
  fact.kind = origin;
  fact.codes = code;
  return fact;
}

TEST(TruthN2, OnlyAnAssertedAuditCountsAndOnlyUnderThePolicy) {
  auto policy = BaselinePolicy();
  EXPECT_TRUE(IsCountedOrigin(TRUTH_ORIGIN_ASSERTED_AUDIT, policy));
  EXPECT_FALSE(IsCountedOrigin(TRUTH_ORIGIN_OPPORTUNISTIC, policy));
  EXPECT_FALSE(IsCountedOrigin(TRUTH_ORIGIN_SEEDED, policy));
  EXPECT_FALSE(IsCountedOrigin(TRUTH_ORIGIN_DRAWN_AUDIT, policy));
  policy.mutable_truth()->set_accept_asserted_audit(false);
  EXPECT_FALSE(IsCountedOrigin(TRUTH_ORIGIN_ASSERTED_AUDIT, policy));
}

TEST(TruthN3, TheLatestOfTheStrongestOriginCounts) {
  const std::vector<Fact> facts = {TruthAt(3, "C", TRUTH_ORIGIN_ASSERTED_AUDIT),
                                   TruthAt(1, "A", TRUTH_ORIGIN_ASSERTED_AUDIT),
                                   TruthAt(9, "D", TRUTH_ORIGIN_OPPORTUNISTIC)};
  const auto strongest = StrongestTruth(facts, BaselinePolicy());
  ASSERT_TRUE(strongest.has_value());
  EXPECT_EQ(strongest->codes, "C");
}

TEST(TruthN3, AVoidedTruthDoesNotCount) {
  Fact voiding;
  voiding.payload = PAYLOAD_KIND_VOIDED;
  voiding.voided_hash = 3;
  const std::vector<Fact> facts = {TruthAt(3, "C", TRUTH_ORIGIN_ASSERTED_AUDIT), voiding};
  EXPECT_FALSE(StrongestTruth(facts, BaselinePolicy()).has_value());
}

}  // namespace
}  // namespace vigie::decision
