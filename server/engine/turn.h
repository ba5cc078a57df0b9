// SPDX-License-Identifier: Apache-2.0
// One step of the sequencer.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/fold.h"
#include "store/block.h"
#include "vigie/store/v1/log.pb.h"

namespace vigie::engine {

// What one turn did, for metrics.
struct TurnReport {
  int64_t recorded = 0;
  int64_t duplicate = 0;
  std::vector<vigie::v1::RefusalReason> refused;
  int64_t records = 0;
  double turn_seconds = 0;
  double write_seconds = 0;  // 0 when nothing was written.
};

// A turn while it is taken: what commands may do. Lives on the sequencer's thread.
class Turn {
 public:
  // A turn of this time after what the fold holds, of about so many bytes of records.
  Turn(Fold* fold, int64_t recorded_at_ms, int64_t expected_bytes = 0);

  [[nodiscard]] Fold& fold() { return *fold_; }
  // The position that the next record appended gets.
  [[nodiscard]] int64_t next_position() const { return next_position_; }
  // Appends a record and folds it; its position.
  [[nodiscard]] absl::StatusOr<int64_t> Append(const vigie::store::v1::Record& record);
  // Appends a source's watermark, in milliseconds since 1970.
  [[nodiscard]] absl::Status AppendWatermark(const std::string& source_id, int64_t watermark_ms);
  // Notes how far a stream got; durable with the turn.
  void NoteProgress(std::string source_id, std::string source_incarnation, int64_t last_sequence);
  // Calls `done` once the turn is on disk, or has failed; of a turn with a command once it is also
  // published.
  void AfterDurable(std::function<void(const absl::Status&)> done) {
    waiting_.push_back(std::move(done));
  }
  // Asks that the views be written before the waiting ones are called.
  void FlushViews() { flush_views_ = true; }

 private:
  friend class Sequencer;
  // A record that only carries time: the fold has nothing to do with it.
  void AddTick();

  Fold* fold_;
  int64_t recorded_at_ms_;
  store::BlockWriter block_;
  int64_t next_position_;
  std::vector<std::function<void(const absl::Status&)>> waiting_;
  bool flush_views_ = false;
  TurnReport report_;
};

// A change or question that must run between events. May call Turn::AfterDurable.
using Command = std::function<absl::Status(Turn&)>;

}  // namespace vigie::engine
