// SPDX-License-Identifier: Apache-2.0
#include "engine/anchor_writer.h"

#include <chrono>

#include "base/status_macros.h"

namespace vigie::engine {

absl::Status AnchorWriter::Keep(const vigie::store::v1::Cursor& cursor, int64_t now_ms,
                                bool forced) {
  const auto written = [this] {
    return writing_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  if (writing_.valid() && (forced || written())) VIGIE_RETURN_IF_ERROR(writing_.get());
  const bool due = forced || now_ms - last_ms_ >= kEveryMs;
  if (!due || writing_.valid() || cursor.position() == position_) return absl::OkStatus();
  const store::Anchor anchor = {.position = cursor.position(),
                                .block_sha256 = cursor.block_sha256()};
  position_ = anchor.position;
  last_ms_ = now_ms;
  if (forced || !in_background_) return store_->KeepAnchor(anchor);
  writing_ = std::async(std::launch::async,
                        [store = store_, anchor] { return store->KeepAnchor(anchor); });
  return absl::OkStatus();
}

}  // namespace vigie::engine
