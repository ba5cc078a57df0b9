// SPDX-License-Identifier: Apache-2.0
#include "engine/actor_hours.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "base/cat.h"
#include "base/limits.h"
#include "engine/codec.h"
#include "store/keys.h"

namespace vigie::engine {
namespace {

constexpr int64_t kHourMs = int64_t{3600} * 1000;

int64_t HourOf(int64_t time_ms) {
  return time_ms >= 0 ? time_ms / kHourMs : (time_ms - kHourMs + 1) / kHourMs;
}

}  // namespace

std::optional<ActorHours::Change> ActorHours::Add(const decision::Pseudonym& actor,
                                                  const HourCell& cell, int64_t minimum_ms,
                                                  int64_t recorded_at_ms,
                                                  const absl::TimeZone& zone) {
  const Key key = {
      .organisation = cell.scope.organisation, .actor = actor, .hour = HourOf(cell.decisive_at_ms)};
  if (hours_.size() >= base::kMaxActorHours && !hours_.contains(key)) return std::nullopt;
  const auto [entry, fresh] = hours_.try_emplace(key);
  Hour& hour = entry->second;
  if (fresh) touched_.emplace(recorded_at_ms, key);
  Change change;
  change.others = hour.cells;
  const bool was_overfull = hour.minimum_ms > kHourMs;
  hour.minimum_ms += minimum_ms;
  change.fits = hour.minimum_ms <= kHourMs;
  change.became_overfull = !was_overfull && !change.fits;
  // An hour can lie in two days of a zone that is off by half an hour.
  const auto day_of = [&zone](int64_t at_ms) {
    return absl::ToCivilDay(absl::FromUnixMillis(at_ms), zone);
  };
  const auto same = std::find_if(hour.cells.begin(), hour.cells.end(), [&](const HourCell& other) {
    return other.scope == cell.scope && other.epoch == cell.epoch &&
           day_of(other.decisive_at_ms) == day_of(cell.decisive_at_ms);
  });
  if (same != hour.cells.end()) {
    ++same->count;
  } else {
    hour.cells.push_back(cell);
    hour.cells.back().count = 1;
  }
  hour.touched_ms = std::max(recorded_at_ms, (key.hour + 1) * kHourMs);
  if (!std::exchange(hour.dirty, true)) dirty_.push_back(key);
  return change;
}

void ActorHours::DropUntouchedSince(int64_t recorded_at_ms) {
  while (!touched_.empty() && touched_.top().first < recorded_at_ms) {
    const Key key = touched_.top().second;
    touched_.pop();
    const auto found = hours_.find(key);
    if (found->second.touched_ms >= recorded_at_ms) {
      touched_.emplace(found->second.touched_ms, key);
      continue;
    }
    hours_.erase(found);
    dropped_.push_back(key);
  }
}

std::string ActorHours::RowKey(const Key& key) {
  return base::Cat("h/", key.organisation, "/", store::PositionKey(key.hour),
                   std::string(key.actor.begin(), key.actor.end()));
}

void ActorHours::PutRows(std::vector<store::ViewChange>& changes) {
  for (const Key& key : dropped_) {
    changes.push_back({store::Family::kMeta, RowKey(key), std::nullopt});
  }
  dropped_.clear();
  for (const Key& key : dirty_) {
    const auto found = hours_.find(key);
    if (found == hours_.end()) continue;
    Hour& hour = found->second;
    hour.dirty = false;
    vigie::store::v1::ActorHourView row;
    row.set_organisation(key.organisation);
    row.set_actor(std::string(key.actor.begin(), key.actor.end()));
    row.set_hour(key.hour);
    row.set_minimum_ms(hour.minimum_ms);
    row.set_touched_ms(hour.touched_ms);
    for (const HourCell& cell : hour.cells) {
      auto* out = row.add_cells();
      *out->mutable_scope() = EncodeScope(cell.scope);
      out->set_epoch(cell.epoch);
      out->set_decisive_at_ms(cell.decisive_at_ms);
      out->set_count(cell.count);
    }
    changes.push_back({store::Family::kMeta, RowKey(key), row.SerializeAsString()});
  }
  dirty_.clear();
}

void ActorHours::LoadRow(const vigie::store::v1::ActorHourView& row) {
  Key key = {.organisation = row.organisation(), .hour = row.hour()};
  std::copy_n(row.actor().begin(), std::min(row.actor().size(), key.actor.size()),
              key.actor.begin());
  Hour& hour = hours_[key];
  hour.minimum_ms = row.minimum_ms();
  hour.touched_ms = row.touched_ms();
  for (const auto& cell : row.cells()) {
    hour.cells.push_back({.scope = DecodeScope(cell.scope()),
                          .epoch = cell.epoch(),
                          .decisive_at_ms = cell.decisive_at_ms(),
                          .count = cell.count()});
  }
  touched_.emplace(hour.touched_ms, key);
}

}  // namespace vigie::engine
