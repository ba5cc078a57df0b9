// SPDX-License-Identifier: Apache-2.0
#include "engine/view_flush.h"

#include <chrono>
#include <utility>

#include "base/status_macros.h"

namespace vigie::engine {

bool ViewFlush::ready() const {
  return making_.valid() && making_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

absl::Status ViewFlush::Begin() {
  Fold::Flush flush = fold_->BeginFlush();
  const auto rows =
      static_cast<int64_t>(flush.rows.size() + flush.closed_rows->size() + flush.closed.size() +
                           flush.open.size() + flush.tallies.size());
  if (rows < options_.background_from_rows) return Write(Make(store_, std::move(flush)));
  leisure_ = std::make_unique<base::Leisure>();
  making_ = std::async(std::launch::async,
                       [store = store_, leisure = leisure_.get(), on_ready = options_.on_ready,
                        flush = std::move(flush)]() mutable {
                         leisure->Begin();
                         Made made = Make(store, std::move(flush));
                         leisure->End();
                         if (on_ready) on_ready();
                         return made;
                       });
  return absl::OkStatus();
}

void ViewFlush::Hurry() {
  if (under_way()) leisure_->Hurry();
}

absl::Status ViewFlush::End() {
  if (!under_way()) return absl::OkStatus();
  Hurry();
  return Write(making_.get());
}

ViewFlush::Made ViewFlush::Make(store::Store* store, Fold::Flush flush) {
  Fold::AddRows(flush);
  absl::StatusOr<store::PreparedViews> views = store->PrepareViews(flush.Rows());
  // These leave memory here, where nobody waits for it; the fold may still read rows of closed
  // ones.
  flush.rows = {};
  flush.added = {};
  return {.flush = std::move(flush), .views = std::move(views)};
}

absl::Status ViewFlush::Write(Made made) {
  VIGIE_RETURN_IF_ERROR(made.views.status());
  VIGIE_RETURN_IF_ERROR(store_->WritePrepared(*std::move(made.views)));
  const int64_t position = made.flush.position;
  std::shared_ptr<const ClosedRows> rows = made.flush.closed_rows;
  fold_->EndFlush(std::move(made.flush));
  published_->Flushed(position);
  if (static_cast<int64_t>(rows->size()) >= options_.background_from_rows) {
    // Giving back so much memory takes milliseconds.
    leaving_ = std::async(std::launch::async, [rows = std::move(rows)]() mutable {
      base::GiveWay();
      rows = nullptr;
    });
  }
  return absl::OkStatus();
}

}  // namespace vigie::engine
