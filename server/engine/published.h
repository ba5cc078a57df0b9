// SPDX-License-Identifier: Apache-2.0
// What readers see of the fold's state: a copy, renewed some times a second and when asked for.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "decision/tally.h"
#include "decision/verdict.h"
#include "engine/fold.h"
#include "engine/names.h"
#include "engine/state.h"
#include "vigie/store/v1/view.pb.h"

namespace vigie::engine {

// The state as of one log position. Only what is on disk is ever published.
struct PublishedState {
  int64_t as_of = 0;
  int64_t recorded_at_ms = 0;
  Names names;
  std::vector<decision::ScopeKey> scopes;  // In order of creation.
  absl::flat_hash_map<TallyId, std::shared_ptr<const decision::Tally>> tallies;
  std::vector<vigie::store::v1::SourceView> sources;  // In order of first appearance.
  std::vector<vigie::store::v1::SystemView> systems;
  std::vector<vigie::store::v1::PolicyEpoch> epochs;
  vigie::store::v1::StoreCreated store;
  std::vector<Plan> plans;  // In order of commitment, as are the next two.
  std::vector<Draw> draws;
  std::vector<vigie::store::v1::CalibrationView> calibrations;
  struct OpenAlarm {
    std::string alarm_id;
    Detector detector;
  };
  std::vector<OpenAlarm> open_alarms;
  absl::flat_hash_map<decision::ScopeKey, std::vector<size_t>> alarms_of_scope;  // Indices.
  int64_t detector_count = 0;
  // Plans and draws of an organisation, as its verdicts need them; replaced when they change.
  absl::flat_hash_map<decision::NameIndex, std::shared_ptr<const decision::Standings>> standings;
  int64_t open_count = 0;
  int64_t event_count = 0;
  int64_t scope_overflow_count = 0;
  int64_t quarantine_kept_count = 0;
  int64_t quarantine_dropped_count = 0;
  int64_t view_position = 0;  // How far the views on disk are.

  // The tally, or null: it is empty, or only on disk.
  [[nodiscard]] std::shared_ptr<const decision::Tally> Tally(const TallyId& id) const {
    const auto found = tallies.find(id);
    return found == tallies.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::shared_ptr<const decision::Standings> StandingsOf(
      decision::NameIndex organisation) const {
    const auto found = standings.find(organisation);
    if (found != standings.end()) return found->second;
    return std::make_shared<const decision::Standings>();
  }
  [[nodiscard]] int32_t epoch() const { return static_cast<int32_t>(epochs.size()); }
};

// Holds the published state. Update, Flushed and End are the sequencer's; any thread may call the
// rest.
class Published {
 public:
  // A disk can take seconds to sync what is published with it.
  static constexpr absl::Duration kLongestWait = absl::Seconds(10);

  // Takes over what changed in the fold since the last update, and lets go of tallies that only the
  // views on disk hold now; how many tallies changed.
  size_t Update(Fold& fold);
  // Notes how far callers are told that their events are recorded. Before they are told.
  void Acknowledge(int64_t position) { acknowledged_ = position; }
  // Notes how far the views on disk are.
  void Flushed(int64_t view_position);

  // Runs `read` on the state, consistent while it runs; it must be short.
  template <typename Reading>
  auto Read(const Reading& read) const {
    const absl::ReaderMutexLock lock(&mutex_);
    return read(state_);
  }

  // Waits until all is published that was acknowledged when it was called, so that whoever was told
  // of an event finds it; `longest` at most, and not once nothing more is published. Any thread but
  // the sequencer's.
  void AwaitAcknowledged(absl::Duration longest = kLongestWait) const;
  // Nothing more is published: nobody waits for it any longer.
  void End();
  // What AwaitAcknowledged calls, on its thread, when it has to wait. Before the first wait.
  void SetAsked(std::function<void()> asked) { asked_ = std::move(asked); }

  // Called on the sequencer's thread after every update; must not wait or read.
  void SetObserver(std::function<void(int64_t as_of)> observer);

 private:
  void UpdateMeasures(Fold& fold) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::atomic<int64_t> acknowledged_ = 0;
  std::function<void()> asked_;
  mutable absl::Mutex mutex_;
  PublishedState state_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  int32_t standings_epoch_ ABSL_GUARDED_BY(mutex_) = 0;  // Epoch that standings were made for.
  std::function<void(int64_t)> observer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace vigie::engine
