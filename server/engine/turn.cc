// SPDX-License-Identifier: Apache-2.0
#include "engine/turn.h"

#include <utility>

#include "base/status_macros.h"

namespace vigie::engine {

namespace sv = vigie::store::v1;

Turn::Turn(Fold* fold, int64_t recorded_at_ms, int64_t expected_bytes)
    : fold_(fold),
      recorded_at_ms_(recorded_at_ms),
      block_(fold->cursor().position() + 1, recorded_at_ms, fold->cursor().block_sha256(),
             expected_bytes),
      next_position_(fold->cursor().position() + 1) {}

absl::StatusOr<int64_t> Turn::Append(const sv::Record& record) {
  const int64_t position = next_position_++;
  VIGIE_RETURN_IF_ERROR(fold_->ApplyRecord(record, position));
  block_.Add(record);
  return position;
}

absl::Status Turn::AppendWatermark(const std::string& source_id, int64_t watermark_ms) {
  sv::Record record;
  record.mutable_watermark()->set_source_id(source_id);
  record.mutable_watermark()->set_watermark_ms(watermark_ms);
  return Append(record).status();
}

void Turn::AddTick() {
  sv::Record tick;
  tick.mutable_tick();
  block_.Add(tick);
  ++next_position_;
}

void Turn::NoteProgress(std::string source_id, std::string source_incarnation,
                        int64_t last_sequence) {
  sv::SourceProgress progress;
  progress.set_source_id(std::move(source_id));
  progress.set_source_incarnation(std::move(source_incarnation));
  progress.set_last_sequence(last_sequence);
  fold_->ApplyProgress(progress);
  block_.AddProgress(progress);
}

}  // namespace vigie::engine
