// SPDX-License-Identifier: Apache-2.0
#include "rpc/watch_reactor.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "base/limits.h"

namespace vigie::rpc {
namespace {

constexpr char kWatchVerdicts[] = "vigie.v1.OversightService/WatchVerdicts";
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(200);

}  // namespace

WatchReactor* WatchReactor::Start(const Backend* backend, Watchers* watchers,
                                  grpc::CallbackServerContext* context,
                                  const vigie::v1::WatchVerdictsRequest& request) {
  std::shared_ptr<WatchReactor> reactor(new WatchReactor(backend, watchers, context, request));
  reactor->self_ = reactor;
  if (watchers->TryAdd(reactor)) {
    watchers->Notify();
  } else {
    reactor->End(absl::ResourceExhaustedError("daemon: too many watchers; retry later"));
  }
  return reactor.get();
}

WatchReactor::WatchReactor(const Backend* backend, Watchers* watchers,
                           grpc::CallbackServerContext* context,
                           const vigie::v1::WatchVerdictsRequest& request)
    : backend_(backend),
      watchers_(watchers),
      context_(context),
      started_seconds_(base::MonotonicSeconds()),
      feed_(&backend->engine->published(), backend->egress, request) {}

void WatchReactor::Tell() {
  const absl::MutexLock lock(&mutex_);
  if (writing_ || finished_) return;
  auto news = feed_.Next();
  if (!news.has_value()) return;
  response_ = *std::move(news);
  writing_ = true;
  StartWrite(&response_);
}

void WatchReactor::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("the client is gone"));
  {
    const absl::MutexLock lock(&mutex_);
    writing_ = false;
  }
  watchers_->Notify();
}

void WatchReactor::OnCancel() { End(absl::CancelledError("the client is gone")); }

void WatchReactor::End(const absl::Status& status) {
  const absl::MutexLock lock(&mutex_);
  if (std::exchange(finished_, true)) return;
  code_ = status.code();
  Finish(ToGrpc(status, context_));
}

void WatchReactor::OnDone() {
  watchers_->Remove(this);
  // Declared before the lock, so that the object outlives the guard of its own mutex.
  std::shared_ptr<WatchReactor> self;
  const absl::MutexLock lock(&mutex_);
  backend_->families->ObserveCall(kWatchVerdicts, static_cast<int>(code_),
                                  base::MonotonicSeconds() - started_seconds_);
  self_.swap(self);
}

Watchers::Watchers() : thread_([this] { Run(); }) {}

Watchers::~Watchers() { Stop(); }

bool Watchers::TryAdd(std::shared_ptr<WatchReactor> watcher) {
  const absl::MutexLock lock(&mutex_);
  if (stopping_ || watchers_.size() >= base::kMaxWatchers) return false;
  watchers_.push_back(std::move(watcher));
  return true;
}

void Watchers::Remove(const WatchReactor* watcher) {
  const absl::MutexLock lock(&mutex_);
  watchers_.erase(std::remove_if(watchers_.begin(), watchers_.end(),
                                 [watcher](const auto& entry) { return entry.get() == watcher; }),
                  watchers_.end());
}

void Watchers::Notify() {
  const absl::MutexLock lock(&mutex_);
  moved_ = true;
}

void Watchers::Stop() {
  std::vector<std::shared_ptr<WatchReactor>> ended;
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
    ended = watchers_;
  }
  for (const auto& watcher : ended) {
    watcher->End(absl::UnavailableError("daemon: stopping; watch again after it has started"));
  }
  if (thread_.joinable()) thread_.join();
}

void Watchers::Run() {
  for (;;) {
    std::vector<std::shared_ptr<WatchReactor>> told;
    {
      const absl::MutexLock lock(&mutex_);
      const auto stopping = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_; };
      const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || (moved_ && !watchers_.empty());
      };
      mutex_.Await(absl::Condition(&ready));
      if (stopping_) return;
      moved_ = false;
      told = watchers_;
      // Let news gather, so that a storm of turns becomes a few answers a second.
      mutex_.AwaitWithTimeout(absl::Condition(&stopping), kBetweenLooks);
    }
    for (const auto& watcher : told) watcher->Tell();
  }
}

}  // namespace vigie::rpc
