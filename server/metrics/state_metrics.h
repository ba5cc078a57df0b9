// SPDX-License-Identifier: Apache-2.0
// Gauges of the log, the sources, the systems, the policy and the build, made at scrape time.
#pragma once

#include <prometheus/collectable.h>

#include <functional>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"

namespace vigie::metrics {

// Collect may be called from any thread.
class StateMetrics final : public prometheus::Collectable {
 public:
  // What the daemon knows beside the published state.
  struct Daemon {
    std::function<bool()> ready;
    std::function<bool(const std::string& source_id)> source_connected;
  };
  // The pointers must outlive it.
  StateMetrics(engine::Engine* engine, const base::Clock* clock, Daemon daemon)
      : engine_(engine), clock_(clock), daemon_(std::move(daemon)) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  engine::Engine* engine_;
  const base::Clock* clock_;
  Daemon daemon_;
};

}  // namespace vigie::metrics
