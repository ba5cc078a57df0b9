// SPDX-License-Identifier: Apache-2.0
// Threads for calls that read the disk or wait.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace vigie::rpc {

// A few threads and a bounded queue (kMaxWaitingReads). Any thread may submit.
class WorkerPool {
 public:
  explicit WorkerPool(int thread_count);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // RESOURCE_EXHAUSTED when the queue is full, UNAVAILABLE when stopping; `task` is not run then.
  [[nodiscard]] absl::Status Submit(std::function<void()> task);
  // Finishes what was submitted, then ends the threads. Idempotent.
  void Stop();

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace vigie::rpc
