// SPDX-License-Identifier: Apache-2.0
// Which of several truths of one decision counts (rules N2, N3).
#pragma once

#include <optional>
#include <span>
#include <string>

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

// Whether a truth of this origin may count at all. Seeded items and drawn audits need a plan or a
// draw in the log, which a source cannot assert; opportunistic truth is biased and never counts.
[[nodiscard]] bool IsCountedOrigin(vigie::v1::TruthOrigin origin,
                                   const vigie::config::v1::Policy& policy);

// Among the TruthEstablished of `facts`, the strongest counted origin, then the latest by order
// L2; voided ones left out. Nothing when none counts.
[[nodiscard]] std::optional<CountedTruth> StrongestTruth(std::span<const Fact> facts,
                                                         const vigie::config::v1::Policy& policy);

}  // namespace vigie::decision
