// SPDX-License-Identifier: Apache-2.0
#include "simulation/sender.h"

#include <algorithm>

namespace vigie::simulation {

SentBatch Sender::NextBatch(Dice& dice, int64_t watermark_ms) {
  SentBatch batch;
  batch.source_id = source_id_;
  batch.source_incarnation = incarnation_;
  if (sent_ >= End() || dice.Percent(10)) sent_ = acknowledged_;
  int64_t first = sent_ + 1;
  if (dice.Percent(8)) first = std::max<int64_t>(1, first - dice.Between(1, 5));
  if (dice.Percent(4)) first += dice.Between(1, 3);
  const int64_t last = std::min(End(), first + dice.Below(dice.Percent(10) ? 40 : 8));
  for (int64_t sequence = first; sequence <= last; ++sequence) {
    batch.events.push_back(events_[static_cast<size_t>(sequence) - 1]);
  }
  batch.first_sequence = first;
  if (dice.Percent(50)) batch.watermark_ms = watermark_ms;
  if (dice.Percent(4)) {
    batch.validate_only = true;
  } else if (dice.Percent(5)) {
    // The door without sequences; the stream will bring them as well.
    batch.source_incarnation.clear();
    batch.first_sequence = 0;
  } else if (first <= sent_ + 1) {
    sent_ = std::max(sent_, last);
  }
  return batch;
}

LostSequences Sender::LoseSome(Dice& dice) const {
  LostSequences lost{.source_id = source_id_, .source_incarnation = incarnation_};
  lost.first = acknowledged_ + 1;
  lost.last = std::min(End(), lost.first + dice.Below(3));
  return lost;
}

void Sender::Learn(const BatchAnswer& answer) {
  acknowledged_ = std::max(acknowledged_, answer.durable_sequence);
  sent_ = answer.refused ? acknowledged_ : std::max(sent_, acknowledged_);
}

void Sender::Connect(int64_t durable_sequence) { sent_ = acknowledged_ = durable_sequence; }

void Sender::Restart() {
  events_.erase(events_.begin(), events_.begin() + acknowledged_);
  sent_ = acknowledged_ = 0;
  incarnation_ = std::to_string(std::stoi(incarnation_) + 1);
}

}  // namespace vigie::simulation
