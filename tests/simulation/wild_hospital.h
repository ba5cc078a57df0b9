// SPDX-License-Identifier: Apache-2.0
// A hospital as wild as the contract allows: whatever a source may send, likely or not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/dice.h"
#include "vigie/config/v1/policy.pb.h"
#include "vigie/store/v1/log.pb.h"
#include "vigie/v1/event.pb.h"
#include "vigie/v1/registry_service.pb.h"

namespace vigie::simulation {

// A source, with how far its clock is off.
struct WildSource {
  vigie::v1::Source declaration;
  bool declares = true;
  int64_t clock_offset_ms = 0;
};

// An event that a source sends, and when by the true clock.
struct Sending {
  size_t source = 0;
  int64_t send_at_ms = 0;
  vigie::v1::Event event;
};

// Draws everything at once. Not thread-safe.
class WildHospital {
 public:
  WildHospital(Dice dice, int64_t start_ms);

  [[nodiscard]] const std::vector<WildSource>& sources() const { return sources_; }
  // In order of sending.
  [[nodiscard]] const std::vector<Sending>& sendings() const { return sendings_; }
  // Another policy each time; names all baselines made so far, or none.
  [[nodiscard]] vigie::config::v1::Policy MakePolicy();
  [[nodiscard]] vigie::store::v1::Calibration MakeCalibration();
  // Something for a TelemetryGap, a declaration and the like: one of a source's possible payloads.
  [[nodiscard]] static vigie::v1::PayloadKind AnyPayload(Dice& dice);

 private:
  void MakeSources();
  void MakeDecision(int number);
  void MakeSystemEvents();

  Dice dice_;
  const int64_t start_ms_;
  std::vector<WildSource> sources_;
  std::vector<Sending> sendings_;
  int policies_ = 0;
  std::vector<std::string> calibrations_;
};

}  // namespace vigie::simulation
