// SPDX-License-Identifier: Apache-2.0
// Gauges of scopes, made at scrape time from the published state.
#pragma once

#include <prometheus/collectable.h>

#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/published.h"
#include "oversight/egress.h"
#include "stats/evidence.h"

namespace vigie::metrics {

// Intervals by successes and trials: they take bisections, and most counts stand between scrapes.
using IntervalCache = absl::flat_hash_map<std::pair<int64_t, int64_t>, stats::Interval>;

// Shows every scope of production that is not withheld: cumulative counts, evidence and verdict of
// the present epoch. What is withheld has no series, so it goes stale at the next scrape. Collect
// may be called from any thread, one call at a time.
class ScopeMetrics final : public prometheus::Collectable {
 public:
  // Both must outlive it.
  ScopeMetrics(const engine::Published* published, oversight::Egress* egress)
      : published_(published), egress_(egress) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const engine::Published* published_;
  oversight::Egress* egress_;
  mutable IntervalCache intervals_;  // Of one alpha; emptied when full or when alpha changes.
  mutable double intervals_alpha_ = 0;
};

}  // namespace vigie::metrics
