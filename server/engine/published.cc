// SPDX-License-Identifier: Apache-2.0
#include "engine/published.h"

#include <utility>

namespace vigie::engine {
namespace {

absl::flat_hash_map<decision::NameIndex, std::shared_ptr<const decision::Standings>> MakeStandings(
    const PublishedState& state) {
  absl::flat_hash_map<decision::NameIndex, decision::Standings> made;
  for (const Plan& plan : state.plans) {
    made[state.names.Find(plan.committed->organisation_id())].Set(
        {.origin = vigie::v1::TRUTH_ORIGIN_SEEDED, .origin_id = plan.plan().plan_id()},
        {.number = plan.number});
  }
  const double minimum = state.epochs.back().activated().policy().truth().minimum_response_ratio();
  for (const Draw& draw : state.draws) {
    const bool by_unit = draw.draw().stratification() == vigie::v1::STRATIFICATION_UNIT;
    for (size_t i = 0; i < draw.returned.size(); ++i) {
      made[state.names.Find(draw.drawn->organisation_id())].Set(
          draw.KeyOf(i), {.number = draw.number,
                          .strata = static_cast<int64_t>(draw.returned.size()),
                          .by_unit = by_unit,
                          .counted = draw.Counts(i, minimum)});
    }
  }
  absl::flat_hash_map<decision::NameIndex, std::shared_ptr<const decision::Standings>> shared;
  for (auto& [organisation, standings] : made) {
    shared[organisation] = std::make_shared<const decision::Standings>(std::move(standings));
  }
  return shared;
}

}  // namespace

size_t Published::Update(Fold& fold) {
  // Copies are made before the lock, so that readers wait only for pointers to move.
  std::vector<Fold::SharedTally> changed = fold.TakeTouchedTallies();
  const std::vector<TallyId> dropped = fold.TakeDroppedTallies();
  const absl::MutexLock lock(&mutex_);
  for (const TallyId& id : dropped) state_.tallies.erase(id);
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
  UpdateMeasures(fold);
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
  return changed.size();
}

void Published::AwaitAcknowledged(absl::Duration longest) const {
  const int64_t wanted = acknowledged_;
  const auto published = [this, wanted]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return state_.as_of >= wanted || ended_;
  };
  {
    const absl::ReaderMutexLock lock(&mutex_);
    if (published()) return;
  }
  if (asked_) asked_();
  const absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&published), longest);
}

void Published::End() {
  const absl::MutexLock lock(&mutex_);
  ended_ = true;
}

void Published::UpdateMeasures(Fold& fold) {
  const bool new_epoch = standings_epoch_ != state_.epoch();
  standings_epoch_ = state_.epoch();
  const bool new_plans = fold.plans().TakeChanged();
  const bool new_draws = fold.draws().TakeChanged();
  if (new_plans) state_.plans.assign(fold.plans().all().begin(), fold.plans().all().end());
  if (new_draws) state_.draws.assign(fold.draws().all().begin(), fold.draws().all().end());
  for (size_t i = state_.calibrations.size(); i < fold.calibrations().size(); ++i) {
    state_.calibrations.push_back(fold.calibrations()[i]);
  }
  const auto& detectors = fold.detectors().all();
  state_.detector_count = static_cast<int64_t>(detectors.size());
  if (fold.detectors().TakeAlarmsChanged()) {
    state_.open_alarms.clear();
    state_.alarms_of_scope.clear();
    for (size_t i = 0; i < detectors.size(); ++i) {
      if (detectors[i].raised_position == 0) continue;
      state_.alarms_of_scope[detectors[i].key.scope].push_back(state_.open_alarms.size());
      state_.open_alarms.push_back({Detectors::AlarmId(i, detectors[i]), detectors[i]});
    }
  }
  if (!state_.epochs.empty() && (new_plans || new_draws || new_epoch)) {
    state_.standings = MakeStandings(state_);
  }
}

void Published::Flushed(int64_t view_position) {
  const absl::MutexLock lock(&mutex_);
  state_.view_position = view_position;
}

void Published::SetObserver(std::function<void(int64_t as_of)> observer) {
  const absl::MutexLock lock(&mutex_);
  observer_ = std::move(observer);
}

}  // namespace vigie::engine
