// SPDX-License-Identifier: Apache-2.0
// The sending side of one source: numbers its events, and sends again what was not acknowledged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/dice.h"
#include "simulation/turn_plan.h"

namespace vigie::simulation {

// Not thread-safe.
class Sender {
 public:
  explicit Sender(std::string source_id) : source_id_(std::move(source_id)) {}

  // One event more to send.
  void Offer(vigie::v1::Event event) { events_.push_back(std::move(event)); }
  // Something is not acknowledged.
  [[nodiscard]] bool HasWork() const { return acknowledged_ < End(); }

  // The next batch. Sometimes one that overlaps what was sent, leaves a gap, goes by the door
  // without sequences, or only asks; `watermark_ms` goes with it or not.
  [[nodiscard]] SentBatch NextBatch(Dice& dice, int64_t watermark_ms);
  // The next events, given up for lost; Connect says that the server knows. Only with HasWork.
  [[nodiscard]] LostSequences LoseSome(Dice& dice) const;
  // The acknowledgement arrived; without it everything from the last known one is sent again.
  void Learn(const BatchAnswer& answer);
  void Forget() { sent_ = acknowledged_; }
  // Connects again, and is told how far the server got.
  void Connect(int64_t durable_sequence);
  // Starts again under a new incarnation, with what it does not know to be recorded.
  void Restart();

  [[nodiscard]] const std::string& source_id() const { return source_id_; }
  [[nodiscard]] const std::string& incarnation() const { return incarnation_; }
  [[nodiscard]] int64_t acknowledged() const { return acknowledged_; }

 private:
  [[nodiscard]] int64_t End() const { return static_cast<int64_t>(events_.size()); }

  const std::string source_id_;
  std::string incarnation_ = "1";
  std::vector<vigie::v1::Event> events_;  // The first has sequence 1.
  int64_t acknowledged_ = 0;              // Last sequence known to be durable.
  int64_t sent_ = 0;                      // Last one under way.
};

}  // namespace vigie::simulation
