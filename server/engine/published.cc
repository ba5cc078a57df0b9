// SPDX-License-Identifier: Apache-2.0
#include "engine/published.h"

#include <utility>

namespace vigie::engine {

void Published::Update(Fold& fold) {
  // Copies are made before the lock, so that readers wait only for pointers to move.
  std::vector<std::pair<TallyId, std::shared_ptr<const decision::Tally>>> changed;
  for (const TallyId& id : fold.TakeTouchedTallies()) {
    const decision::Tally* tally = fold.FindTally(id);
    if (tally != nullptr) changed.emplace_back(id, std::make_shared<decision::Tally>(*tally));
  }
  const absl::MutexLock lock(&mutex_);
  for (auto& [id, tally] : changed) state_.tallies[id] = std::move(tally);
  for (int i = state_.names.size(); i < fold.names().size(); ++i) {
    state_.names.Intern(fold.names().Name(i + 1));
  }
  for (size_t i = state_.scopes.size(); i < fold.scopes().size(); ++i) {
    state_.scopes.push_back(fold.scopes()[i]);
  }
  for (size_t i = state_.epochs.size(); i < fold.epochs().size(); ++i) {
    state_.epochs.push_back(fold.epochs()[i].view);
  }
  state_.sources.resize(fold.sources().size());
  for (size_t i = 0; i < state_.sources.size(); ++i) {
    SourceEntry& source = fold.sources()[i];
    if (std::exchange(source.touched, false)) state_.sources[i] = source.view;
  }
  state_.systems.resize(fold.systems().size());
  for (size_t i = 0; i < state_.systems.size(); ++i) {
    SystemEntry& system = fold.systems()[i];
    if (std::exchange(system.touched, false)) state_.systems[i] = system.view;
  }
  const auto& cursor = fold.cursor();
  state_.as_of = cursor.position();
  state_.recorded_at_ms = cursor.recorded_at_ms();
  if (!state_.store.IsInitialized() || state_.store.store_id().empty()) {
    state_.store = cursor.store();
  }
  state_.open_count = static_cast<int64_t>(fold.open_count());
  state_.event_count = cursor.event_count();
  state_.scope_overflow_count = cursor.scope_overflow_count();
  state_.quarantine_kept_count = cursor.quarantine_kept_count();
  state_.quarantine_dropped_count = cursor.quarantine_dropped_count();
  if (observer_) observer_(state_.as_of);
}

void Published::Flushed(Fold& fold) {
  const std::vector<TallyId> dropped = fold.TakeDroppedTallies();
  const absl::MutexLock lock(&mutex_);
  state_.view_position = fold.cursor().position();
  for (const TallyId& id : dropped) state_.tallies.erase(id);
}

void Published::SetObserver(std::function<void(int64_t as_of)> observer) {
  const absl::MutexLock lock(&mutex_);
  observer_ = std::move(observer);
}

}  // namespace vigie::engine
