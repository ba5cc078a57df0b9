// SPDX-License-Identifier: Apache-2.0
#include "engine/scrub_thread.h"

#include <utility>

#include "base/log_line.h"

namespace vigie::engine {
namespace {

// A small store would be read again and again otherwise.
constexpr absl::Duration kRestBetweenRounds = absl::Hours(1);

}  // namespace

absl::Duration ScrubPause(int64_t bytes, int64_t bytes_per_second) {
  return absl::Seconds(static_cast<double>(bytes) / static_cast<double>(bytes_per_second));
}

ScrubThread::ScrubThread(const store::Store* store, const base::Clock* clock, Options options)
    : scrubber_(store), clock_(clock), options_(std::move(options)), thread_([this] { Run(); }) {}

ScrubThread::~ScrubThread() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

ScrubThread::Progress ScrubThread::progress() const {
  const absl::MutexLock lock(&mutex_);
  return progress_;
}

void ScrubThread::Run() {
  absl::Duration pause;
  while (Wait(pause)) {
    const auto step = scrubber_.Next();
    if (!step.ok()) {
      base::Log(base::Level::kError, "store", "stored bytes are damaged",
                {{"cause", step.status().message()}});
      options_.on_damage(step.status());
      return;
    }
    pause = ScrubPause(step->bytes, options_.bytes_per_second);
    if (step->ends_pass) pause += kRestBetweenRounds;
    const absl::MutexLock lock(&mutex_);
    progress_.bytes += step->bytes;
    if (step->ends_pass) progress_.finished_ms = clock_->NowMs();
  }
}

bool ScrubThread::Wait(absl::Duration pause) {
  const absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
}

}  // namespace vigie::engine
