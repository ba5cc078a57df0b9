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

// Of what the baseline policy takes from a source's word alone.
std::optional<CountedTruth> StrongestAsserted(const std::vector<Fact>& facts) {
  const auto policy = BaselinePolicy();
  return StrongestTruth(facts,
                        [&policy](const Fact& truth) { return AssertedOrigin(truth, policy); });
}

TEST(TruthN2, OnlyAnAssertedAuditCountsBySayingSoAndOnlyUnderThePolicy) {
  auto policy = BaselinePolicy();
  EXPECT_TRUE(AssertedOrigin(TruthAt(1, "A", TRUTH_ORIGIN_ASSERTED_AUDIT), policy).has_value());
  for (const auto origin :
       {TRUTH_ORIGIN_OPPORTUNISTIC, TRUTH_ORIGIN_SEEDED, TRUTH_ORIGIN_DRAWN_AUDIT}) {
    EXPECT_FALSE(AssertedOrigin(TruthAt(1, "A", origin), policy).has_value());
  }
  policy.mutable_truth()->set_accept_asserted_audit(false);
  EXPECT_FALSE(AssertedOrigin(TruthAt(1, "A", TRUTH_ORIGIN_ASSERTED_AUDIT), policy).has_value());
}

TEST(TruthN3, TruthsThatDisagreeAreFlaggedWhateverTheirOrigin) {
  EXPECT_FALSE(TruthsDisagree(std::vector<Fact>{TruthAt(1, "A", TRUTH_ORIGIN_ASSERTED_AUDIT),
                                                TruthAt(2, "A", TRUTH_ORIGIN_OPPORTUNISTIC)}));
  EXPECT_TRUE(TruthsDisagree(std::vector<Fact>{TruthAt(1, "A", TRUTH_ORIGIN_ASSERTED_AUDIT),
                                               TruthAt(2, "B", TRUTH_ORIGIN_OPPORTUNISTIC)}));
}

TEST(TruthN3, TheLatestOfTheStrongestOriginCounts) {
  const std::vector<Fact> facts = {TruthAt(3, "C", TRUTH_ORIGIN_ASSERTED_AUDIT),
                                   TruthAt(1, "A", TRUTH_ORIGIN_ASSERTED_AUDIT),
                                   TruthAt(9, "D", TRUTH_ORIGIN_OPPORTUNISTIC)};
  const auto strongest = StrongestAsserted(facts);
  ASSERT_TRUE(strongest.has_value());
  EXPECT_EQ(strongest->codes, "C");
}

TEST(TruthN2, OpportunisticTruthIsKeptApartWhateverOtherTruthThereIs) {
  const std::vector<Fact> facts = {TruthAt(1, "A", TRUTH_ORIGIN_OPPORTUNISTIC),
                                   TruthAt(2, "B", TRUTH_ORIGIN_OPPORTUNISTIC),
                                   TruthAt(3, "C", TRUTH_ORIGIN_ASSERTED_AUDIT)};
  const auto opportunistic = OpportunisticTruth(facts);
  ASSERT_TRUE(opportunistic.has_value());
  EXPECT_EQ(opportunistic->codes, "B");
  EXPECT_EQ(StrongestAsserted(facts)->codes, "C");
  Tally tally;
  Finding taken;
  taken.exposed = true;
  taken.suggested = taken.chosen = "A";
  tally.AddTruth(opportunistic->key, opportunistic->codes, taken, 1);
  EXPECT_TRUE(tally.origins.empty()) << "it never enters I3";
  EXPECT_EQ(tally.opportunistic.Vigilance().trials, 1);
}

TEST(TruthN3, AVoidedTruthDoesNotCount) {
  Fact voiding;
  voiding.payload = PAYLOAD_KIND_VOIDED;
  voiding.voided_hash = 3;
  const std::vector<Fact> facts = {TruthAt(3, "C", TRUTH_ORIGIN_ASSERTED_AUDIT), voiding};
  EXPECT_FALSE(StrongestAsserted(facts).has_value());
}

}  // namespace
}  // namespace vigie::decision
