// SPDX-License-Identifier: Apache-2.0
#include "decision/truth.h"

#include "decision/timeline.h"

namespace vigie::decision {

bool IsCountedOrigin(vigie::v1::TruthOrigin origin, const vigie::config::v1::Policy& policy) {
  return origin == vigie::v1::TRUTH_ORIGIN_ASSERTED_AUDIT && policy.truth().accept_asserted_audit();
}

std::optional<CountedTruth> StrongestTruth(std::span<const Fact> facts,
                                           const vigie::config::v1::Policy& policy) {
  std::optional<CountedTruth> strongest;
  for (const Fact* fact : BuildTimeline(facts, /*expired=*/false).facts) {
    if (fact->payload != vigie::v1::PAYLOAD_KIND_TRUTH_ESTABLISHED) continue;
    const auto origin = static_cast<vigie::v1::TruthOrigin>(fact->kind);
    if (!IsCountedOrigin(origin, policy)) continue;
    // A smaller number is a stronger origin; facts come in order, so a later equal one replaces.
    if (strongest.has_value() && strongest->key.origin < origin) continue;
    strongest = CountedTruth{.key = {.origin = origin, .origin_id = {}}, .codes = fact->codes};
  }
  return strongest;
}

}  // namespace vigie::decision
