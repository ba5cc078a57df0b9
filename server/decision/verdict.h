// SPDX-License-Identifier: Apache-2.0
// The verdict on a scope from its counts (rules V1-V3). Pure and additive.
#pragma once

#include <optional>
#include <vector>

#include "decision/tally.h"
#include "stats/evidence.h"
#include "vigie/config/v1/policy.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::decision {

// One indicator against its threshold.
struct IndicatorFinding {
  vigie::v1::Indicator indicator = vigie::v1::INDICATOR_UNSPECIFIED;
  TruthKey origin;  // Of vigilance.
  TrialCounts counts;
  double threshold = 0;
  double log_e_below = 0;
  double log_e_above = 0;
  bool drives = false;         // Toward EFFECTIVELY_AUTOMATED (V1).
  double log_bound_below = 0;  // ln 3/alpha, or ln 9/alpha within vigilance.
  double log_bound_above = 0;  // ln 1/alpha.
};

// The verdict and what it rests on.
struct VerdictFinding {
  vigie::v1::Verdict verdict = vigie::v1::VERDICT_UNDETERMINED;
  vigie::v1::Certainty certainty = vigie::v1::CERTAINTY_UNSPECIFIED;
  std::vector<IndicatorFinding> indicators;  // I1, I2, then I3 by origin (at least one row).
};

// V1-V3 on the counts of a scope and period. No interval and no further trials: see below.
[[nodiscard]] VerdictFinding Conclude(const Tally& tally, const vigie::config::v1::Policy& policy);

// What is still needed: the trials and where they lead (V3).
struct FurtherNeed {
  std::optional<int64_t> trials;  // Nothing when not reachable at this rate.
  vigie::v1::Direction direction = vigie::v1::DIRECTION_UNSPECIFIED;
};
[[nodiscard]] FurtherNeed NeedOf(const IndicatorFinding& indicator);

}  // namespace vigie::decision
