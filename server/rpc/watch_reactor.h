// SPDX-License-Identifier: Apache-2.0
// Watchers of verdicts, and the thread that tells them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "oversight/verdict_feed.h"
#include "rpc/call.h"
#include "vigie/v1/oversight_service.pb.h"

namespace vigie::rpc {

class Watchers;

// One WatchVerdicts call. At most one answer is under way; what changes meanwhile is in the next.
// Lifetime as StreamEventsReactor: shared with Watchers, let go in OnDone.
class WatchReactor final : public grpc::ServerWriteReactor<vigie::v1::WatchVerdictsResponse> {
 public:
  static WatchReactor* Start(const Backend* backend, Watchers* watchers,
                             grpc::CallbackServerContext* context,
                             const vigie::v1::WatchVerdictsRequest& request);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // Writes what is new, unless an answer is under way.
  void Tell();
  void End(const absl::Status& status);

 private:
  WatchReactor(const Backend* backend, Watchers* watchers, grpc::CallbackServerContext* context,
               const vigie::v1::WatchVerdictsRequest& request);

  const Backend* const backend_;
  Watchers* const watchers_;
  grpc::CallbackServerContext* const context_;
  const double started_seconds_;
  std::shared_ptr<WatchReactor> self_;

  absl::Mutex mutex_;
  oversight::VerdictFeed feed_ ABSL_GUARDED_BY(mutex_);
  vigie::v1::WatchVerdictsResponse response_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::StatusCode code_ ABSL_GUARDED_BY(mutex_) = absl::StatusCode::kOk;
};

// All watchers, and one thread that looks for news when the published state has moved, at most
// every 200 ms. Any thread may call it.
class Watchers {
 public:
  Watchers();
  ~Watchers();
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  // False when there are kMaxWatchers already, or it is stopping.
  [[nodiscard]] bool TryAdd(std::shared_ptr<WatchReactor> watcher);
  void Remove(const WatchReactor* watcher);
  // The published state has moved; wakes the thread.
  void Notify();
  // Ends all calls with UNAVAILABLE and the thread. Idempotent.
  void Stop();

 private:
  void Run();

  absl::Mutex mutex_;
  std::vector<std::shared_ptr<WatchReactor>> watchers_ ABSL_GUARDED_BY(mutex_);
  bool moved_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vigie::rpc
