// SPDX-License-Identifier: Apache-2.0
// The one thread that changes state.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "engine/anchor_writer.h"
#include "engine/fold.h"
#include "engine/log_append.h"
#include "engine/published.h"
#include "engine/turn.h"
#include "engine/view_flush.h"
#include "engine/work.h"
#include "store/disk_reserve.h"
#include "store/store.h"

namespace vigie::engine {

// A refusal that passes with time carries its Violation as a payload under this name, so that a
// door can tell programs the reason.
inline constexpr char kViolationPayload[] = "vigie.v1.Violation";

// Drains a bounded queue; each turn appends at most one block, with one synced write shared by all
// that wait, folds it and acknowledges; what readers see and the views follow. Any thread may call
// TryPush.
class Sequencer {
 public:
  struct Options {
    int max_queued_events = 65'536;
    // Called once, on the sequencer's thread, after the first failed write: the process must end.
    std::function<void(const absl::Status&)> on_fatal;
    std::function<void(const TurnReport&)> on_turn;
    // See ViewFlush.
    int64_t background_from_rows = ViewFlush::Options().background_from_rows;
    // Whether the anchor is written by another thread while turns go on.
    bool anchor_in_background = true;
    // Asked before work is taken in; null = there is always room. Must outlive the sequencer.
    store::DiskReserve* disk = nullptr;
  };
  // What a command may do when the disk is down to its reserve. Whatever appends keeps it;
  // questions may use it, which write at most the views of what was taken in before.
  enum class Reserve { kKeep, kMayUse };
  // The pointers must outlive it. `fold` is the sequencer's alone from Start to Stop.
  Sequencer(Fold* fold, store::Store* store, Published* published, const base::Clock* clock,
            Options options);
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  void Start();
  // Refuses new work, finishes what is queued, writes the views, ends the thread.
  void Stop();

  // RESOURCE_EXHAUSTED when the queue is full or the disk is down to its reserve, UNAVAILABLE when
  // stopping. On error `work.done` is not called.
  [[nodiscard]] absl::Status TryPush(EventWork work);
  [[nodiscard]] absl::Status TryPush(Command command, Reserve reserve = Reserve::kKeep);
  [[nodiscard]] int64_t QueuedEvents() const;

 private:
  using Work = std::variant<EventWork, Command>;
  struct Queued {
    Work work;
    int64_t bytes = 0;  // Of its events.
  };
  struct Taken {
    std::vector<Work> work;
    int64_t bytes = 0;  // What its events need in the log, at most, about.
    bool stop = false;
  };

  void Run();
  Taken Take();
  absl::Status TakeTurn(std::vector<Work> work, int64_t bytes);
  absl::Status FoldTurn(std::vector<Work>& work, Turn& turn);
  absl::Status FinishTurn(const std::vector<Work>& work, Turn turn, double started, bool commanded);
  absl::Status GoAhead(std::vector<Work> work, Turn turn, double started);
  [[nodiscard]] bool MayGoAhead() const;
  [[nodiscard]] bool TakeReadersWait();
  absl::Status ProcessEvents(EventWork& work, Turn& turn);
  absl::Status ProcessEvent(const EventWork& work, PreparedEvent& event, bool repeated, Turn& turn,
                            vigie::v1::EventResult& result);
  absl::Status Refuse(const EventWork& work, const PreparedEvent& event, const Refusal& refusal,
                      bool keep, Turn& turn, vigie::v1::EventResult& result);
  void Abandon(std::vector<Work>& work, size_t from);
  std::string Seal(Turn& turn);
  void Publish(bool forced);
  [[nodiscard]] bool PublishIsDue() const;
  absl::Status MaybeFlush(bool forced);
  void WakeForViews();
  void WakeForReaders();
  void MeasureDisk();
  [[nodiscard]] bool IsPaused() const;
  [[nodiscard]] int64_t NextTickMs() const;
  [[nodiscard]] absl::Duration WaitLimit() const;
  void Fail(const absl::Status& status);

  Fold* const fold_;
  store::Store* const store_;
  Published* const published_;
  const base::Clock* const clock_;
  const Options options_;

  bool unpublished_ = false;
  double last_publish_seconds_ = 0;
  int publish_every_ms_ = 0;
  int64_t unflushed_records_ = 0;
  int64_t last_flush_ms_ = 0;
  AnchorWriter anchor_;
  int64_t last_measure_ms_ = 0;
  absl::Status failure_;

  mutable absl::Mutex mutex_;
  std::deque<Queued> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t queued_events_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool views_ready_ ABSL_GUARDED_BY(mutex_) = false;
  bool readers_wait_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  LogAppend log_;
  ViewFlush flush_;  // Its thread uses the mutex, so it ends first.
  std::thread thread_;
};

}  // namespace vigie::engine
