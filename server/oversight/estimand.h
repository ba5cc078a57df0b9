// SPDX-License-Identifier: Apache-2.0
// What a summary is an estimate of: population, frame, selection, exclusions, claim limits.
#pragma once

#include <cstdint>

#include "engine/published.h"
#include "vigie/config/v1/policy.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::oversight {

// The sources behind the figures, in numbers.
struct SourceFrame {
  int64_t declared = 0;
  int64_t undeclared = 0;
  int64_t lost_events = 0;     // Sequences declared lost.
  int64_t refused_events = 0;  // Kept or dropped, but not counted.
};
[[nodiscard]] SourceFrame DescribeSources(const engine::PublishedState& state);

// In words of `language`, and in numbers. `summary` is filled otherwise.
[[nodiscard]] vigie::v1::Estimand EstimandOf(const vigie::v1::Summary& summary,
                                             const vigie::config::v1::Policy& policy,
                                             const SourceFrame& sources,
                                             vigie::v1::Language language);

}  // namespace vigie::oversight
