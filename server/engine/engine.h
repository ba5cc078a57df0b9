// SPDX-License-Identifier: Apache-2.0
// The store, the fold and the sequencer as one thing that opens and stops.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "engine/fold.h"
#include "engine/published.h"
#include "engine/retention.h"
#include "engine/scrub_thread.h"
#include "engine/sequencer.h"
#include "policy/policy.h"
#include "store/disk_reserve.h"
#include "store/store.h"

namespace vigie::engine {

// What catching up at the start took.
struct CatchUp {
  int64_t records = 0;
  int64_t duration_ms = 0;
};

// Folds one stored block; DATA_LOSS when it does not follow what was folded before, or when log
// and fold disagree.
[[nodiscard]] absl::Status FoldBlock(int64_t first_position, std::string_view bytes, Fold& fold);

// Owns the data directory and everything that changes it. Any thread may use the accessors; each
// says who may call what it returns.
class Engine {
 public:
  struct Options {
    store::Store::Options store;
    Fold::Options fold;
    std::string time_zone;  // Of a new store; an old one keeps its own.
    policy::LoadedPolicy policy;
    Sequencer::Options sequencer;  // Its disk is set by Open.
    store::DiskReserve::Options disk;
    Retention::Options retention;
    int64_t scrub_bytes_per_second = 0;  // 0 = stored bytes are not read again.
    // Decisions whose keys Open reads, which takes a fraction of a second; more are read beside the
    // work.
    int64_t learned_at_once = 100'000;
  };

  // Opens the store, forgets views of an earlier format, catches the views up from the log, checks
  // the log against its anchor, begins a policy epoch when the policy is new, and starts the
  // sequencer. Errors as Store::Open.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Engine>> Open(Options options,
                                                                    const base::Clock* clock);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Drains the queue, writes the views, stops. Idempotent.
  void Stop();

  [[nodiscard]] Sequencer& sequencer() { return *sequencer_; }
  [[nodiscard]] const Published& published() const { return published_; }
  [[nodiscard]] Published& published() { return published_; }
  [[nodiscard]] const store::Store& store() const { return *store_; }
  [[nodiscard]] const store::DiskReserve& disk() const { return *disk_; }
  [[nodiscard]] ScrubThread::Progress scrub_progress() const;
  [[nodiscard]] Retention& retention() { return *retention_; }
  [[nodiscard]] const CatchUp& catch_up() const { return catch_up_; }

 private:
  explicit Engine(const base::Clock* clock) : clock_(clock) {}
  absl::Status ForgetOutdatedViews();
  absl::Status CatchUpFromLog();
  absl::Status CheckAnchor() const;
  absl::Status FinishPurge();
  absl::Status BeginEpochIfNew(const Options& options);
  void StartScrub(int64_t bytes_per_second);
  void LearnDecisions(int64_t learned_at_once);

  const base::Clock* clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ViewSource> views_;
  std::unique_ptr<Fold> fold_;
  Published published_;
  std::unique_ptr<store::DiskReserve> disk_;
  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<ScrubThread> scrub_;  // Null = off.
  std::thread learning_;
  std::atomic<bool> stop_learning_ = false;
  std::unique_ptr<Retention> retention_;
  CatchUp catch_up_;
};

}  // namespace vigie::engine
