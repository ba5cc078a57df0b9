// SPDX-License-Identifier: Apache-2.0
#include "engine/log_append.h"

#include <utility>

#include "base/clock.h"
#include "base/give_way.h"

namespace vigie::engine {

LogAppend::LogAppend(store::Store* store) : store_(store), thread_([this] { Run(); }) {}

LogAppend::~LogAppend() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::Status LogAppend::Submit(Block block) {
  absl::Status failure = WaitIdle();
  if (!failure.ok()) {
    block.done(failure, 0);
    return failure;
  }
  const absl::MutexLock lock(&mutex_);
  block_ = std::move(block);
  return absl::OkStatus();
}

absl::Status LogAppend::WaitIdle() {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &LogAppend::idle));
  return failure_;
}

void LogAppend::Run() {
  base::GoFirst();
  for (;;) {
    Block block;
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &LogAppend::has_work));
      if (idle()) return;
      block = std::move(*block_);
    }
    const double started = base::MonotonicSeconds();
    const absl::Status status = store_->AppendBlock(block.first_position, block.bytes);
    block.done(status, base::MonotonicSeconds() - started);
    // Only now, so that what follows is told after it.
    const absl::MutexLock lock(&mutex_);
    failure_.Update(status);
    block_.reset();
  }
}

}  // namespace vigie::engine
