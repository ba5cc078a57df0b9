// SPDX-License-Identifier: Apache-2.0
// Appending to the log while the sequencer folds on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "store/store.h"

namespace vigie::engine {

// A thread that appends one block at a time, in the order given. While one is under way nobody else
// may write the store: whoever wants to calls WaitIdle first. Submit and WaitIdle are the
// sequencer's.
class LogAppend {
 public:
  struct Block {
    int64_t first_position = 0;
    std::string bytes;
    // Called once, on the thread, when the block is on disk or was not written.
    std::function<void(const absl::Status&, double write_seconds)> done;
  };
  explicit LogAppend(store::Store* store);
  // Finishes what is under way.
  ~LogAppend();
  LogAppend(const LogAppend&) = delete;
  LogAppend& operator=(const LogAppend&) = delete;

  // Waits for the block before. The error is the first one of any block; `done` of this one is
  // called in any case.
  [[nodiscard]] absl::Status Submit(Block block);
  // Waits until nothing is under way; the first error of any block.
  [[nodiscard]] absl::Status WaitIdle();

 private:
  void Run();
  [[nodiscard]] bool idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !block_.has_value();
  }
  [[nodiscard]] bool has_work() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return block_.has_value() || stopping_;
  }

  store::Store* const store_;
  absl::Mutex mutex_;
  std::optional<Block> block_ ABSL_GUARDED_BY(mutex_);  // Under way, until it is done.
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vigie::engine
