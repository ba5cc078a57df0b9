// SPDX-License-Identifier: Apache-2.0
// Answers in sentences: what a regulator or the person concerned is told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vigie/v1/oversight_service.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::oversight {

// Which events, which rules and which numbers gave the degree. `purged_count` events more were
// recorded and are no longer kept.
[[nodiscard]] std::vector<std::string> ExplainDecision(
    const vigie::v1::GetDecisionResponse& response, int64_t purged_count,
    vigie::v1::Language language);

// What drives the verdict, what is missing, and how many more trials would settle it.
[[nodiscard]] std::vector<std::string> ExplainSummary(const vigie::v1::Summary& summary,
                                                      vigie::v1::Language language);

}  // namespace vigie::oversight
