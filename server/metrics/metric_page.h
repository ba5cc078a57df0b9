// SPDX-License-Identifier: Apache-2.0
// Building metric families by hand, and the page they make.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vigie::metrics {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// One family that grows sample by sample.
class FamilyBuilder {
 public:
  FamilyBuilder(std::string name, std::string help,
                prometheus::MetricType type = prometheus::MetricType::Gauge);
  void Add(Labels labels, double value);
  [[nodiscard]] prometheus::MetricFamily Take() { return std::move(family_); }

 private:
  prometheus::MetricFamily family_;
};

// A copy of `labels` with one more.
[[nodiscard]] Labels With(Labels labels, std::string name, std::string value);

// The text exposition (version 0.0.4) of all `collectables`, in order.
[[nodiscard]] std::string MetricPage(
    const std::vector<std::shared_ptr<prometheus::Collectable>>& collectables);

}  // namespace vigie::metrics
