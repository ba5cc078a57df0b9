// SPDX-License-Identifier: Apache-2.0
// How long the log and the decisions are kept.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "engine/published.h"
#include "engine/sequencer.h"
#include "store/store.h"
#include "vigie/v1/admin_service.pb.h"

namespace vigie::engine {

// Removes what was recorded before the ceiling: decisions that are closed and rest since, blocks of
// the log, refused events. Tallies, names, scopes, the register and policies stay. Every step says
// so in the log first and is durable before anything is deleted, so that a crash between steps
// leaves nothing uncounted; a start goes on where it was. Reads on a thread of its own, changes on
// the sequencer's.
class Retention {
 public:
  struct Options {
    int32_t ceiling_days = 0;  // Counted in days of the store's time zone; 0 = nothing is purged.
    bool by_itself = true;     // False: only when Purge is called.
  };
  // The pointers must outlive it. `cursor` says what was purged before.
  Retention(store::Store* store, Sequencer* sequencer, const Published* published,
            const base::Clock* clock, Options options, const vigie::store::v1::Cursor& cursor);
  ~Retention();
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  // Purges now, then once a day, if it does so by itself. Starts no thread where nothing is ever
  // purged.
  void Start();
  // Ends a purge under way at its next step. Before the sequencer stops.
  void Stop();

  // One pass; waits for one that is under way. UNAVAILABLE or CANCELLED when stopping.
  [[nodiscard]] absl::Status Purge();

  // All that was purged so far: before_ms, the last position, the counts. Any thread.
  [[nodiscard]] vigie::v1::LogPurge purged() const;
  // When the first block of the log was recorded, ms since 1970; 0 = it has none. Any thread.
  [[nodiscard]] int64_t OldestRecordMs() const;

 private:
  void Run();
  [[nodiscard]] int64_t HorizonMs() const;
  absl::Status PurgeDecisions(int64_t before_ms);
  absl::Status PurgeLog(int64_t before_ms);
  // Takes a turn with `command` and waits until it is durable.
  absl::Status TakeTurn(const Command& command);
  absl::StatusOr<int64_t> AppendDecisionPurge(Turn& turn, std::vector<std::string> keys,
                                              int64_t before_ms);

  store::Store* const store_;
  Sequencer* const sequencer_;
  const Published* const published_;
  const base::Clock* const clock_;
  const Options options_;
  std::atomic<bool> canceled_ = false;

  absl::Mutex pass_mutex_;  // Held for a whole pass.
  mutable absl::Mutex mutex_;
  vigie::v1::LogPurge purged_ ABSL_GUARDED_BY(mutex_);
  mutable int64_t oldest_ms_ ABSL_GUARDED_BY(mutex_) = 0;  // 0 = to be read.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vigie::engine
