// SPDX-License-Identifier: Apache-2.0
#include "decision/truth.h"

#include "decision/timeline.h"

namespace vigie::decision {

std::optional<TruthKey> AssertedOrigin(const Fact& truth, const vigie::config::v1::Policy& policy) {
  const auto origin = static_cast<vigie::v1::TruthOrigin>(truth.kind);
  if (origin != vigie::v1::TRUTH_ORIGIN_ASSERTED_AUDIT || !policy.truth().accept_asserted_audit()) {
    return std::nullopt;
  }
  return TruthKey{.origin = origin, .origin_id = {}};
}

std::optional<CountedTruth> StrongestTruth(std::span<const Fact> facts, OriginOfTruth origin_of) {
  std::optional<CountedTruth> strongest;
  for (const Fact* fact : BuildTimeline(facts, /*expired=*/false).facts) {
    if (fact->payload != vigie::v1::PAYLOAD_KIND_TRUTH_ESTABLISHED) continue;
    std::optional<TruthKey> key = origin_of(*fact);
    if (!key.has_value()) continue;
    // A smaller number is a stronger origin; facts come in order, so a later equal one replaces.
    if (strongest.has_value() && strongest->key.origin < key->origin) continue;
    strongest = CountedTruth{.key = *std::move(key), .codes = fact->codes};
  }
  return strongest;
}

std::optional<CountedTruth> OpportunisticTruth(std::span<const Fact> facts) {
  return StrongestTruth(facts, [](const Fact& truth) -> std::optional<TruthKey> {
    if (truth.kind != vigie::v1::TRUTH_ORIGIN_OPPORTUNISTIC) return std::nullopt;
    return TruthKey{.origin = vigie::v1::TRUTH_ORIGIN_OPPORTUNISTIC, .origin_id = {}};
  });
}

Aside AsideOf(std::span<const Fact> facts, const Pseudonym& actor) {
  return {.opportunistic = OpportunisticTruth(facts), .rights = RightsOf(facts, actor)};
}

void AddAside(const Aside& aside, const Finding& finding, int sign, Tally& tally) {
  for (size_t i = 0; i < kRights; ++i) tally.rights[i] += sign * aside.rights[i];
  const auto& truth = aside.opportunistic;
  if (truth.has_value()) tally.AddTruth(truth->key, truth->codes, finding, sign);
}

bool TruthsDisagree(std::span<const Fact> facts) {
  const std::string* first = nullptr;
  for (const Fact* fact : BuildTimeline(facts, /*expired=*/false).facts) {
    if (fact->payload != vigie::v1::PAYLOAD_KIND_TRUTH_ESTABLISHED) continue;
    if (first == nullptr) first = &fact->codes;
    if (fact->codes != *first) return true;
  }
  return false;
}

}  // namespace vigie::decision
