// SPDX-License-Identifier: Apache-2.0
// The thread that reads the store again, slowly.
#pragma once

#include <cstdint>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "store/scrubber.h"

namespace vigie::engine {

// How long to wait after reading `bytes` so that on average no more than `bytes_per_second` are
// read.
[[nodiscard]] absl::Duration ScrubPause(int64_t bytes, int64_t bytes_per_second);

// Goes round the tables from its construction to its destruction, and rests between two rounds.
class ScrubThread {
 public:
  struct Options {
    int64_t bytes_per_second = 0;  // 1 or more.
    // Called once, on its thread, when something is damaged; it reads nothing more then.
    std::function<void(const absl::Status&)> on_damage;
  };
  // The pointers must outlive it.
  ScrubThread(const store::Store* store, const base::Clock* clock, Options options);
  ~ScrubThread();
  ScrubThread(const ScrubThread&) = delete;
  ScrubThread& operator=(const ScrubThread&) = delete;

  struct Progress {
    int64_t bytes = 0;        // Read and found whole since the start.
    int64_t finished_ms = 0;  // When the last round ended, by the clock; 0 = none has.
  };
  // Any thread.
  [[nodiscard]] Progress progress() const;

 private:
  void Run();
  // Whether to go on.
  bool Wait(absl::Duration pause);

  store::Scrubber scrubber_;
  const base::Clock* const clock_;
  const Options options_;
  mutable absl::Mutex mutex_;
  Progress progress_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vigie::engine
