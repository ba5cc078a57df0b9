// SPDX-License-Identifier: Apache-2.0
#include "rpc/worker_pool.h"

#include <utility>

#include "base/limits.h"

namespace vigie::rpc {

WorkerPool::WorkerPool(int thread_count) {
  for (int i = 0; i < thread_count; ++i) threads_.emplace_back([this] { Run(); });
}

WorkerPool::~WorkerPool() { Stop(); }

absl::Status WorkerPool::Submit(std::function<void()> task) {
  const absl::MutexLock lock(&mutex_);
  if (stopping_)
    return absl::UnavailableError("daemon: stopping; retry after it has started again");
  if (tasks_.size() >= base::kMaxWaitingReads) {
    return absl::ResourceExhaustedError("daemon: too many calls wait; retry after a moment");
  }
  tasks_.push_back(std::move(task));
  return absl::OkStatus();
}

void WorkerPool::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::Run() {
  for (;;) {
    std::function<void()> task;
    {
      const absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !tasks_.empty() || stopping_;
      };
      mutex_.Await(absl::Condition(&ready));
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace vigie::rpc
