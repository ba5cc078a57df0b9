// SPDX-License-Identifier: Apache-2.0
// The counters and histograms that are moved where things happen.
//
// Room metrics: everything that /metrics shows. The only room that includes prometheus-cpp. Uses
// every room below it. No label ever holds an identifier of a clinician, patient, decision or
// event.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/sequencer.h"
#include "vigie/v1/error.pb.h"

namespace vigie::metrics {

// Doors that take events.
enum class Door { kStream, kUnary };

// Built once at the start with every label value known then, so that zero is visible. Moving them
// is safe from any thread; no concurrent call causes a data race.
class Families {
 public:
  // `registry` must outlive it. `methods` are "service/method" of every RPC.
  Families(prometheus::Registry* registry, const std::vector<std::string>& methods);

  // Counts the fates of a batch's events at a door.
  void CountEvents(Door door, const engine::Receipt& receipt);
  void CountShed() { shed_.Increment(); }
  void ObserveAcknowledgement(double seconds) { acknowledge_seconds_.Observe(seconds); }
  void StreamOpened() { streams_.Increment(); }
  void StreamClosed() { streams_.Decrement(); }
  void ObserveTurn(const engine::TurnReport& report);
  // `method` as given to the constructor; `code` is a gRPC status code.
  void ObserveCall(std::string_view method, int code, double seconds);

 private:
  std::array<std::array<prometheus::Counter*, 3>, 2> events_{};  // By door, fate.
  std::vector<prometheus::Counter*> refused_;                    // By RefusalReason.
  prometheus::Counter& shed_;
  prometheus::Gauge& streams_;
  prometheus::Histogram& acknowledge_seconds_;
  prometheus::Histogram& turn_seconds_;
  prometheus::Histogram& write_seconds_;
  prometheus::Histogram& turn_events_;
  prometheus::Family<prometheus::Counter>& handled_;
  struct Method {
    prometheus::Counter* ok = nullptr;
    prometheus::Histogram* seconds = nullptr;
  };
  absl::flat_hash_map<std::string, Method> methods_;
};

}  // namespace vigie::metrics
