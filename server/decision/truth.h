// SPDX-License-Identifier: Apache-2.0
// Which of several truths of one decision counts (rules N2, N3).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "absl/functional/function_ref.h"
#include "decision/fact.h"
#include "decision/tally.h"
#include "vigie/config/v1/policy.pb.h"

namespace vigie::decision {

// The truth that counts.
struct CountedTruth {
  TruthKey key;
  std::string codes;
  friend bool operator==(const CountedTruth&, const CountedTruth&) = default;
};

// The origin that a TruthEstablished counts under; nothing when it does not count.
using OriginOfTruth = absl::FunctionRef<std::optional<TruthKey>(const Fact& truth)>;

// What a source can assert by itself: a random audit, where the policy accepts it. Seeded items and
// drawn audits need a plan or a draw in the log; opportunistic truth is biased and never counts.
[[nodiscard]] std::optional<TruthKey> AssertedOrigin(const Fact& truth,
                                                     const vigie::config::v1::Policy& policy);

// Among the TruthEstablished of `facts`, the strongest counted origin, then the latest by order
// L2; voided ones left out. Nothing when none counts.
[[nodiscard]] std::optional<CountedTruth> StrongestTruth(std::span<const Fact> facts,
                                                         OriginOfTruth origin_of);

// The latest opportunistic truth of `facts`, whatever other truth there is; it never counts (N2).
[[nodiscard]] std::optional<CountedTruth> OpportunisticTruth(std::span<const Fact> facts);

// What is told of a decision beside its verdict, and enters none (rules L5, N2).
struct Aside {
  std::optional<CountedTruth> opportunistic;
  Rights rights{};
  friend bool operator==(const Aside&, const Aside&) = default;
};

// `actor` as for RightsOf.
[[nodiscard]] Aside AsideOf(std::span<const Fact> facts, const Pseudonym& actor);
// Counts (sign 1) or takes back (sign -1) what is told of a closed decision.
void AddAside(const Aside& aside, const Finding& finding, int sign, Tally& tally);

// Whether truths of `facts` disagree, voided ones left out, whatever their origin (N3).
[[nodiscard]] bool TruthsDisagree(std::span<const Fact> facts);

}  // namespace vigie::decision
