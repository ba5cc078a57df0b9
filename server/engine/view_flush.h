// SPDX-License-Identifier: Apache-2.0
// Writing the views while the sequencer goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/give_way.h"
#include "engine/fold.h"
#include "engine/published.h"
#include "store/store.h"

namespace vigie::engine {

// Few rows are written at once; many are made ready on a thread of their own, which reads nothing
// but the flush, and written by the sequencer when they are. All calls are the sequencer's.
class ViewFlush {
 public:
  struct Options {
    // From so many rows on another thread makes them ready.
    int64_t background_from_rows = 4096;
    // Called on that thread when they are.
    std::function<void()> on_ready;
  };
  // The pointers must outlive it.
  ViewFlush(Fold* fold, store::Store* store, Published* published, Options options)
      : fold_(fold), store_(store), published_(published), options_(std::move(options)) {}
  ViewFlush(const ViewFlush&) = delete;
  ViewFlush& operator=(const ViewFlush&) = delete;

  [[nodiscard]] bool under_way() const { return making_.valid(); }
  // Whether End would not wait.
  [[nodiscard]] bool ready() const;
  // End will be called soon: the thread is to have a processor as others have.
  void Hurry();
  // Begins to write all that changed. Not while one is under way.
  [[nodiscard]] absl::Status Begin();
  // Waits for the one under way, if any, and writes it: then all is on disk that had changed when
  // it began.
  [[nodiscard]] absl::Status End();

 private:
  struct Made {
    Fold::Flush flush;
    absl::StatusOr<store::PreparedViews> views;
  };
  [[nodiscard]] static Made Make(store::Store* store, Fold::Flush flush);
  [[nodiscard]] absl::Status Write(Made made);

  Fold* const fold_;
  store::Store* const store_;
  Published* const published_;
  const Options options_;
  std::unique_ptr<base::Leisure> leisure_;  // Of the thread under way, or of the last one.
  std::future<Made> making_;                // Its destructor waits.
  std::future<void> leaving_;               // Rows that are on disk leave memory.
};

}  // namespace vigie::engine
