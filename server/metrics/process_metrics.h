// SPDX-License-Identifier: Apache-2.0
// The usual process metrics, which prometheus-cpp does not bring.
#pragma once

#include <prometheus/collectable.h>

#include <vector>

namespace vigie::metrics {

// Reads /proc/self at scrape time. Any thread.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace vigie::metrics
