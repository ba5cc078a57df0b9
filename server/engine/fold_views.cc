// SPDX-License-Identifier: Apache-2.0
// The fold, third part: its rows in the views. Rows of the meta family:
//
//   cursor              Cursor                n/<number>  a name         o/<decision key>  not
//   closed s/<number> SourceView   y/<number> SystemView   e/<number> PolicyEpoch   c/<number>
//   ScopeView b/<organisation>/<batch> BatchEvidence    k/<number> CalibrationView   p/<number>
//   ProbePlanView d/<number> AuditDrawView   a/<number> DetectorView   h/<organisation>/<hour,
//   actor> ActorHourView    (numbers as position keys, so that they sort)
#include <algorithm>
#include <iterator>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/codec.h"
#include "engine/fold.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using store::Family;
using store::ViewChange;

constexpr char kCursorKey[] = "cursor";
// Period tallies stay in memory this long after their period's end.
constexpr int64_t kKeepPeriodMs = int64_t{8} * 24 * 3600 * 1000;

std::string Numbered(std::string_view prefix, size_t number) {
  return base::Cat(prefix, store::PositionKey(static_cast<int64_t>(number)));
}

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(base::Cat("view row of ", what, ": cannot be read"));
}

}  // namespace

Fold::Flush Fold::BeginFlush() {
  DropWritten();
  flushing_ = true;
  Flush flush;
  flush.rows = std::exchange(pending_rows_, {});
  flush.position = cursor_.position();
  flush.closed_rows = flushing_rows_ = closed_rows_;
  // With room to spare: growing would look at every row again, within one turn.
  closed_rows_ = std::make_shared<ClosedRows>(flushing_rows_->size() * 5 / 4);
  PutDecisions(flush);
  PutTallies(flush);
  PutRegister(flush.rows);
  flush.rows.push_back({Family::kMeta, kCursorKey, cursor_.SerializeAsString()});
  return flush;
}

void Fold::AddRows(Flush& flush) {
  flush.added.reserve(flush.closed.size() + flush.open.size() + flush.opened.size() +
                      flush.tallies.size());
  std::string row;
  for (const auto* states : {&flush.closed, &flush.open}) {
    for (const DecisionState* state : *states) {
      EncodeDecision(*state, &row);
      flush.added.push_back({Family::kDecisions,
                             store::DecisionKey(state->organisation, state->space, state->id),
                             row});
    }
  }
  for (const DecisionState* state : flush.opened) {
    flush.added.push_back({Family::kMeta, OpenRowKey(*state), ""});
  }
  for (const auto& [id, tally] : std::exchange(flush.tallies, {})) {
    flush.added.push_back(
        {Family::kTallies, store::TallyKey(id.epoch, id.scope, id.period), EncodeTally(*tally)});
  }
}

std::vector<store::ViewRow> Fold::Flush::Rows() const {
  std::vector<store::ViewRow> all;
  all.reserve(rows.size() + closed_rows->size() + added.size());
  for (const ViewChange& row : rows) all.push_back(store::RowOf(row));
  closed_rows->ForEach([&all](std::string_view key, std::string_view row) {
    all.push_back({Family::kDecisions, key, row});
  });
  for (const ViewChange& row : added) all.push_back(store::RowOf(row));
  return all;
}

void Fold::EndFlush(Flush flush) {
  flushing_ = false;
  flushing_rows_ = nullptr;
  written_ = std::move(flush.closed);
}

// One flush after they were written: a period that is old and still counted in stays, and with it
// what finds it.
void Fold::DropOldTallies() {
  for (const TallyId& id : std::exchange(leaving_tallies_, {})) {
    const auto found = tallies_.find(id);
    if (found == tallies_.end() || found->second.dirty) continue;
    places_.clear();
    tallies_.erase(found);
    dropped_.push_back(id);
  }
}

std::vector<ViewChange> Fold::TakeChanges() {
  Flush flush = BeginFlush();
  AddRows(flush);
  std::vector<ViewChange> rows = std::move(flush.rows);
  flush.closed_rows->ForEach([&rows](std::string_view key, std::string_view row) {
    rows.push_back({Family::kDecisions, std::string(key), std::string(row)});
  });
  std::move(flush.added.begin(), flush.added.end(), std::back_inserter(rows));
  EndFlush(std::move(flush));
  DropWritten();
  return rows;
}

void Fold::PutDecisions(Flush& flush) {
  for (size_t i = 0; i < dirty_decisions_.size(); ++i) {
    DecisionState* state = dirty_decisions_[i];
    if (state == nullptr) continue;
    if (dirty_kinds_[i] == DirtyKind::kClosed) {
      flush.closed.push_back(state);
      continue;
    }
    flush.open.push_back(state);
    if (dirty_kinds_[i] == DirtyKind::kOpened) flush.opened.push_back(state);
  }
  dirty_decisions_.clear();
  dirty_kinds_.clear();
  ++next_flush_;
}

void Fold::PutTallies(Flush& flush) {
  AddCollected();
  DropOldTallies();
  flush.tallies.reserve(dirty_tallies_.size());
  for (const TallyId& id : dirty_tallies_) {
    TallyEntry& entry = tallies_[id];
    flush.tallies.emplace_back(id, entry.Copy());
    entry.dirty = false;
    // An old period may come back (late truth); it is read again then.
    if (id.period.kind != vigie::v1::PERIOD_KIND_CUMULATIVE &&
        decision::PeriodEndMs(id.period, zone()) + kKeepPeriodMs < now_ms_) {
      leaving_tallies_.push_back(id);
    }
  }
  dirty_tallies_.clear();
}

void Fold::PutRegister(std::vector<ViewChange>& changes) {
  for (; stored_names_ < names_.size(); ++stored_names_) {
    changes.push_back({Family::kMeta, Numbered("n/", static_cast<size_t>(stored_names_) + 1),
                       names_.Name(stored_names_ + 1)});
  }
  for (; stored_scopes_ < scopes_.size(); ++stored_scopes_) {
    changes.push_back({Family::kMeta, Numbered("c/", stored_scopes_),
                       EncodeScope(scopes_[stored_scopes_]).SerializeAsString()});
  }
  for (; stored_epochs_ < epochs_.size(); ++stored_epochs_) {
    changes.push_back({Family::kMeta, Numbered("e/", stored_epochs_),
                       epochs_[stored_epochs_].view.SerializeAsString()});
  }
  for (; stored_calibrations_ < calibrations_.size(); ++stored_calibrations_) {
    changes.push_back({Family::kMeta, Numbered("k/", stored_calibrations_),
                       calibrations_[stored_calibrations_].SerializeAsString()});
  }
  plans_.PutRows(changes);
  draws_.PutRows(changes);
  detectors_.PutRows(changes);
  actor_hours_.PutRows(changes);
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (!std::exchange(sources_[i].dirty, false)) continue;
    changes.push_back({Family::kMeta, Numbered("s/", i), sources_[i].view.SerializeAsString()});
  }
  for (size_t i = 0; i < systems_.size(); ++i) {
    if (!std::exchange(systems_[i].dirty, false)) continue;
    changes.push_back({Family::kMeta, Numbered("y/", i), systems_[i].view.SerializeAsString()});
  }
  for (auto& [key, batch] : batches_) {
    if (!std::exchange(batch.dirty, false)) continue;
    changes.push_back({Family::kMeta, base::Cat("b/", key.first, "/", key.second),
                       EncodeBatch(key.first, key.second, batch.facts, batch.recorded_at_ms)});
  }
}

absl::Status Fold::TakeUpZone() {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(cursor_.store().time_zone(), &zone)) {
    return absl::FailedPreconditionError(
        base::Cat("time_zone: got ", cursor_.store().time_zone(),
                  ", want a zone this machine knows; install tzdata"));
  }
  calendar_ = decision::Calendar(zone);
  return absl::OkStatus();
}

absl::Status Fold::Load() {
  VIGIE_ASSIGN_OR_RETURN(const auto row, views_->Get(Family::kMeta, kCursorKey));
  if (!row.has_value()) return absl::OkStatus();
  if (!cursor_.ParseFromString(*row)) return Damaged("the cursor");
  now_ms_ = cursor_.recorded_at_ms();
  if (cursor_.has_store()) VIGIE_RETURN_IF_ERROR(TakeUpZone());
  VIGIE_RETURN_IF_ERROR(LoadRegister());
  VIGIE_RETURN_IF_ERROR(LoadOpenDecisions());
  return LoadCumulativeTallies();
}

// Readers and /metrics want the cumulative tallies of the present epoch and of the one before.
absl::Status Fold::LoadCumulativeTallies() {
  const auto newest = static_cast<int32_t>(epochs_.size());
  for (int32_t epoch = std::max(1, newest - 1); epoch <= newest; ++epoch) {
    for (const decision::ScopeKey& scope : scopes_) {
      const TallyId id = {.epoch = epoch, .scope = scope, .period = {}};
      VIGIE_ASSIGN_OR_RETURN(
          const auto row,
          views_->Get(Family::kTallies, store::TallyKey(id.epoch, id.scope, id.period)));
      if (!row.has_value()) continue;
      VIGIE_ASSIGN_OR_RETURN(decision::Tally tally, DecodeTally(*row));
      tallies_.emplace(id, TallyEntry{.tally = std::move(tally), .touched = true});
      touched_.push_back(id);
    }
  }
  return absl::OkStatus();
}

absl::Status Fold::LoadRegister() {
  absl::Status damaged;
  const auto parse = [&damaged](auto& message, std::string_view value, std::string_view what) {
    const bool parsed = message.ParseFromArray(value.data(), static_cast<int>(value.size()));
    if (!parsed) damaged = Damaged(what);
    return parsed;
  };
  VIGIE_RETURN_IF_ERROR(
      views_->Scan(Family::kMeta, "n/", [&](std::string_view, std::string_view value) {
        names_.Intern(value);
        return true;
      }));
  stored_names_ = names_.size();
  VIGIE_RETURN_IF_ERROR(
      views_->Scan(Family::kMeta, "s/", [&](std::string_view, std::string_view value) {
        sv::SourceView view;
        if (!parse(view, value, "a source")) return false;
        AddSource(std::move(view));
        sources_.back().dirty = false;
        return true;
      }));
  VIGIE_RETURN_IF_ERROR(
      views_->Scan(Family::kMeta, "y/", [&](std::string_view, std::string_view value) {
        sv::SystemView view;
        if (!parse(view, value, "a system")) return false;
        SystemEntry& entry = SystemOf(names_.Find(view.system().organisation_id()),
                                      names_.Find(view.system().system_id()));
        entry.view = std::move(view);
        entry.dirty = false;
        return true;
      }));
  VIGIE_RETURN_IF_ERROR(
      views_->Scan(Family::kMeta, "k/", [&](std::string_view, std::string_view value) {
        return parse(calibrations_.emplace_back(), value, "a calibration");
      }));
  stored_calibrations_ = calibrations_.size();
  VIGIE_RETURN_IF_ERROR(
      views_->Scan(Family::kMeta, "e/", [&](std::string_view, std::string_view value) {
        sv::PolicyEpoch view;
        if (!parse(view, value, "a policy epoch")) return false;
        AddEpoch(std::move(view));
        return true;
      }));
  stored_epochs_ = epochs_.size();
  VIGIE_RETURN_IF_ERROR(
      views_->Scan(Family::kMeta, "c/", [&](std::string_view, std::string_view value) {
        sv::ScopeView view;
        if (!parse(view, value, "a scope")) return false;
        AddScope(DecodeScope(view));
        return true;
      }));
  stored_scopes_ = scopes_.size();
  VIGIE_RETURN_IF_ERROR(
      views_->Scan(Family::kMeta, "b/", [&](std::string_view, std::string_view value) {
        sv::BatchEvidence view;
        if (!parse(view, value, "a batch")) return false;
        Batch& batch = batches_[std::pair(view.organisation(), view.batch_id())];
        for (const auto& fact : view.facts()) batch.facts.push_back(DecodeFact(fact));
        batch.recorded_at_ms = view.recorded_at_ms();
        batch.dirty = false;
        batch_order_.emplace_back(view.recorded_at_ms(),
                                  std::pair(view.organisation(), view.batch_id()));
        return true;
      }));
  std::sort(batch_order_.begin(), batch_order_.end());
  VIGIE_RETURN_IF_ERROR(damaged);
  return LoadMeasures();
}

absl::Status Fold::LoadMeasures() {
  absl::Status damaged;
  // Calls `load` with each row of a prefix, parsed.
  const auto load_rows = [&](std::string_view prefix, auto row, const auto& load) {
    return views_->Scan(Family::kMeta, prefix, [&](std::string_view key, std::string_view value) {
      if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
        damaged = Damaged(key.substr(0, 1));
        return false;
      }
      load(row);
      return true;
    });
  };
  VIGIE_RETURN_IF_ERROR(load_rows("p/", sv::ProbePlanView(), [&](const sv::ProbePlanView& row) {
    damaged.Update(plans_.LoadRow(row));
  }));
  VIGIE_RETURN_IF_ERROR(load_rows("d/", sv::AuditDrawView(),
                                  [&](const sv::AuditDrawView& row) { draws_.LoadRow(row); }));
  VIGIE_RETURN_IF_ERROR(load_rows("a/", sv::DetectorView(),
                                  [&](const sv::DetectorView& row) { detectors_.LoadRow(row); }));
  VIGIE_RETURN_IF_ERROR(load_rows(
      "h/", sv::ActorHourView(), [&](const sv::ActorHourView& row) { actor_hours_.LoadRow(row); }));
  return damaged;
}

absl::Status Fold::LoadOpenDecisions() {
  std::vector<std::string> keys;
  VIGIE_RETURN_IF_ERROR(
      views_->Scan(Family::kMeta, "o/", [&](std::string_view key, std::string_view) {
        keys.emplace_back(key.substr(2));
        return true;
      }));
  for (const std::string& key : keys) {
    VIGIE_ASSIGN_OR_RETURN(const auto row, views_->Get(Family::kDecisions, key));
    if (!row.has_value()) return Damaged("an open decision");
    VIGIE_ASSIGN_OR_RETURN(DecisionState decoded, DecodeDecision(key, *row));
    auto state = std::make_unique<DecisionState>(std::move(decoded));
    state->first_flush = -1;  // One of an earlier run.
    by_serial_.Put(state->serial, state.get());
    Enqueue(*state);
    decisions_.Insert(std::move(state));
  }
  return absl::OkStatus();
}

void Fold::AddEpoch(sv::PolicyEpoch view) {
  epochs_.emplace_back();
  Epoch& epoch = epochs_.back();
  epoch.view = std::move(view);
  const auto& policy = epoch.view.activated().policy();
  epoch.rules.policy = &policy;
  for (const std::string& role : policy.examination().roles_without_authority()) {
    epoch.rules.roles_without_authority.push_back(names_.Intern(role));
  }
  for (size_t i = 0; i < calibrations_.size(); ++i) {
    const auto& calibration = calibrations_[i].calibration();
    const auto& wanted = policy.examination().calibrations();
    // What was closed after the epoch began is not part of it (R9).
    if (calibrations_[i].position() > epoch.view.position() ||
        std::find(wanted.begin(), wanted.end(), calibration.baseline().calibration_id()) ==
            wanted.end()) {
      continue;
    }
    epoch.baselines.try_emplace(std::pair(names_.Intern(calibration.organisation_id()),
                                          names_.Intern(calibration.baseline().decision_kind())),
                                Epoch::Baseline{.median_ms = calibration.baseline().median_ms(),
                                                .calibration = static_cast<int32_t>(i) + 1});
  }
  detectors_.BeginEpoch(policy);
}

void Fold::AddSource(sv::SourceView view) {
  source_numbers_.emplace(view.source().source_id(),
                          static_cast<decision::SourceIndex>(sources_.size()));
  SourceEntry entry;
  for (const int payload : view.source().payloads()) {
    entry.declared.Add(static_cast<vigie::v1::PayloadKind>(payload));
  }
  entry.view = std::move(view);
  sources_.push_back(std::move(entry));
}

void Fold::AddScope(const decision::ScopeKey& scope) {
  scope_numbers_.emplace(scope, scopes_.size());
  scopes_.push_back(scope);
}

}  // namespace vigie::engine
