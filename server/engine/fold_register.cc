// SPDX-License-Identifier: Apache-2.0
// The fold: the register of sources and systems.
#include <algorithm>

#include "base/cat.h"
#include "base/limits.h"
#include "engine/fold.h"

namespace vigie::engine {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators and messages.
using decision::NameIndex;
using decision::SourceIndex;

void Fold::CountAtSource(const OfferedEvent& offered, SourceIndex source) {
  SourceEntry& entry = sources_[static_cast<size_t>(source)];
  const PayloadKind kind = offered.event->fact.payload;
  auto* delivered = entry.view.mutable_delivered();
  while (delivered->size() <= kind) delivered->Add(0);
  delivered->Set(kind, delivered->Get(kind) + 1);
  entry.view.set_lag_ms(now_ms_ - offered.event->head.occurred_at_ms);
  if (offered.sent_at_ms > 0) entry.view.set_clock_skew_ms(now_ms_ - offered.sent_at_ms);
  entry.view.set_last_recorded_at_ms(now_ms_);
  entry.touched = entry.dirty = true;
}

void Fold::CountAtSystem(const EventFacts& event, const EventNames& names) {
  SystemEntry& system = SystemOf(names.organisation, names.system);
  const int64_t occurred_at_ms = event.head.occurred_at_ms;
  system.view.set_event_count(system.view.event_count() + 1);
  system.touched = system.dirty = true;
  switch (event.fact.payload) {
    case PAYLOAD_KIND_SYSTEM_STOPPED:
      system.view.set_stopped(true);
      system.view.set_stopped_at_ms(occurred_at_ms);
      system.view.set_shown_while_stopped_count(0);
      return;
    case PAYLOAD_KIND_SYSTEM_RESUMED:
      system.view.set_stopped(false);
      return;
    case PAYLOAD_KIND_SHOWN:
      if (system.view.stopped() && occurred_at_ms > system.view.stopped_at_ms()) {
        system.view.set_shown_while_stopped_count(system.view.shown_while_stopped_count() + 1);
      }
      return NoteChangePoint(system, CHANGE_KIND_SCREEN_VERSION, event.change, occurred_at_ms);
    case PAYLOAD_KIND_ISSUED:
      return NoteChangePoint(system, CHANGE_KIND_SYSTEM_VERSION, event.head.system_version,
                             occurred_at_ms);
    case PAYLOAD_KIND_CONFIGURATION_CHANGED:
      return NoteChangePoint(system, CHANGE_KIND_CONFIGURATION, event.change, occurred_at_ms);
    default:
      return;
  }
}

// Versions are known by their earliest event, whatever the order of arrival; a configuration may be
// changed to the same thing twice.
void Fold::NoteChangePoint(SystemEntry& system, ChangeKind kind, std::string_view value,
                           int64_t occurred_at_ms) {
  if (value.empty()) return;
  auto* points = system.view.mutable_change_points();
  for (auto& point : *points) {
    if (point.kind() != kind || point.value() != value) continue;
    if (kind == CHANGE_KIND_CONFIGURATION && point.occurred_at_ms() != occurred_at_ms) continue;
    point.set_occurred_at_ms(std::min(point.occurred_at_ms(), occurred_at_ms));
    return;
  }
  if (points->size() >= base::kMaxChangePoints) return;
  auto* point = points->Add();
  point->set_kind(kind);
  point->set_value(std::string(value));
  point->set_occurred_at_ms(occurred_at_ms);
  point->set_position(now_position_);
}

void Fold::ApplySystem(const System& system) {
  const NameIndex organisation = names_.Intern(system.organisation_id());
  SystemEntry& entry = SystemOf(organisation, names_.Intern(system.system_id()));
  *entry.view.mutable_system() = system;
  entry.view.set_declared(true);
  entry.touched = entry.dirty = true;
}

void Fold::ApplySource(const Source& source) {
  SourceEntry& entry = sources_[static_cast<size_t>(SourceNumber(source.source_id()))];
  *entry.view.mutable_source() = source;
  entry.view.set_declared(true);
  entry.declared = {};
  for (const int payload : source.payloads()) {
    entry.declared.Add(static_cast<PayloadKind>(payload));
  }
  entry.touched = entry.dirty = true;
}

void Fold::ApplyProgress(const sv::SourceProgress& progress) {
  SourceEntry& source = sources_[static_cast<size_t>(SourceNumber(progress.source_id()))];
  source.view.set_source_incarnation(progress.source_incarnation());
  source.view.set_last_sequence(progress.last_sequence());
  source.touched = source.dirty = true;
}

bool Fold::HasRoomForSource(std::string_view source_id) const {
  return sources_.size() < base::kMaxSources || source_numbers_.contains(base::ToAbsl(source_id));
}

const SourceEntry* Fold::FindSource(std::string_view source_id) const {
  const auto found = source_numbers_.find(base::ToAbsl(source_id));
  return found == source_numbers_.end() ? nullptr : &sources_[static_cast<size_t>(found->second)];
}

SourceIndex Fold::SourceNumber(std::string_view source_id) {
  const auto found = source_numbers_.find(base::ToAbsl(source_id));
  if (found != source_numbers_.end()) return found->second;
  sv::SourceView view;
  view.mutable_source()->set_source_id(std::string(source_id));
  view.set_watermark_ms(INT64_MIN);
  AddSource(std::move(view));
  return static_cast<SourceIndex>(sources_.size() - 1);
}

SystemEntry& Fold::SystemOf(NameIndex organisation, NameIndex system) {
  const auto [entry, fresh] =
      system_numbers_.try_emplace(std::pair(organisation, system), systems_.size());
  if (fresh) {
    systems_.emplace_back();
    systems_.back().view.mutable_system()->set_organisation_id(names_.Name(organisation));
    systems_.back().view.mutable_system()->set_system_id(names_.Name(system));
  }
  return systems_[entry->second];
}

}  // namespace vigie::engine
