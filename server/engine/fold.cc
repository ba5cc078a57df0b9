// SPDX-License-Identifier: Apache-2.0
#include "engine/fold.h"

#include <algorithm>

#include "base/cat.h"
#include "base/limits.h"
#include "base/prefetch.h"
#include "base/status_macros.h"
#include "decision/timeline.h"
#include "engine/event_facts.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators and messages.
using decision::Fact;
using decision::NameIndex;
using decision::SourceIndex;

constexpr int kMaxBatchFacts = 64;  // Evidence remembered for one batch (R8).
// Facts of one decision are held apart from all others, and are large: many a decision that stays
// open has few, and nearly all have no more than the second number.
constexpr size_t kFewFacts = 2;
constexpr size_t kLikelyFacts = 6;
// Decisions before one that becomes due: its state is fetched, then its facts and its places.
constexpr size_t kFarAhead = 4;
constexpr size_t kNearAhead = 2;
// Decisions; so that no turn waits until all of a flush are dropped and they are gone before the
// next.
constexpr size_t kDroppedEachBlock = 1024;

}  // namespace

Fold::Fold(const ViewSource* views, Options options)
    : views_(views), options_(std::move(options)) {}
Fold::~Fold() = default;

absl::StatusOr<bool> Fold::BeginBlock(int64_t recorded_at_ms) {
  // A turn that wrote nothing has not happened: the time of the log is that of its last block.
  now_ms_ = std::max(cursor_.recorded_at_ms(), recorded_at_ms);
  // The block that carries this time starts at the next position.
  now_position_ = cursor_.position() + 1;
  return CloseDue();
}

// What grows old is dropped only by a block that says how late it is, or views would differ from a
// fold of their log.
void Fold::EndBlock(int64_t last_position, std::string block_sha256) {
  DropWritten(kDroppedEachBlock);
  DropOldBatches();
  if (!epochs_.empty()) {
    const auto& closing = epochs_.back().view.activated().policy().closing();
    actor_hours_.DropUntouchedSince(
        now_ms_ -
        std::max(closing.expiry_ms() + closing.settle_delay_ms(), closing.period_grace_ms()));
  }
  cursor_.set_position(last_position);
  cursor_.set_recorded_at_ms(now_ms_);
  cursor_.set_block_sha256(std::move(block_sha256));
}

absl::StatusOr<Offer> Fold::TryEvent(const OfferedEvent& offered) {
  Weighed weighed;
  return Weigh(offered, weighed);
}

absl::StatusOr<Offer> Fold::OfferEvent(const OfferedEvent& offered) {
  Weighed weighed;
  VIGIE_ASSIGN_OR_RETURN(Offer offer, Weigh(offered, weighed));
  if (offer.fate == EVENT_FATE_RECORDED) {
    now_position_ = offered.position;
    VIGIE_RETURN_IF_ERROR(Admit(offered, weighed));
  }
  return offer;
}

absl::StatusOr<Offer> Fold::Weigh(const OfferedEvent& offered, Weighed& weighed) {
  const EventFacts& event = *offered.event;
  const auto refused = [](Refusal refusal) {
    return Offer{.fate = EVENT_FATE_REFUSED, .refusal = std::move(refusal)};
  };
  weighed.names = event.names_hash == last_names_hash_ ? last_names_
                                                       : FindNames(event.head, last_names_, names_);
  if (weighed.names.organisation != 0) {
    VIGIE_ASSIGN_OR_RETURN(weighed.state, FindDecision({.organisation = weighed.names.organisation,
                                                        .space = SpaceOf(event),
                                                        .id = IdOf(event)},
                                                       event.id_hash));
  }
  if (const DecisionState* state = weighed.state; state != nullptr) {
    switch (RepeatOf(*state, offered.event_hash, offered.content_hash)) {
      case Repeat::kNone:
        break;
      case Repeat::kSame:
        return Offer{.fate = EVENT_FATE_DUPLICATE, .refusal = std::nullopt};
      case Repeat::kChanged:
        return refused(MakeRefusal(REFUSAL_REASON_CONTENT_CHANGED, "event_id",
                                   "an event_id recorded before with other content",
                                   "a new event_id, or Voided and a new event",
                                   absl::StatusCode::kAlreadyExists));
    }
  }
  if (auto refusal = CheckLimits(offered, weighed)) return refused(*std::move(refusal));
  return Offer{};
}

std::optional<Refusal> Fold::CheckLimits(const OfferedEvent& offered,
                                         const Weighed& weighed) const {
  const DecisionState* state = weighed.state;
  const EventNames& names = weighed.names;
  const auto full = [](RefusalReason reason, std::string_view field, std::string_view got,
                       int64_t limit) {
    return MakeRefusal(reason, field, got, base::Cat("at most ", limit),
                       absl::StatusCode::kResourceExhausted);
  };
  if (state != nullptr) {
    if (EventCount(*state) >= base::kMaxDecisionEvents) {
      return full(REFUSAL_REASON_DECISION_FULL, "decision_id", "one event more",
                  base::kMaxDecisionEvents);
    }
    const auto disagrees = [](std::string_view field) {
      return MakeRefusal(REFUSAL_REASON_DECISION_DISAGREES, field,
                         "another than earlier events of this decision said",
                         "the same in all events of one decision",
                         absl::StatusCode::kFailedPrecondition);
    };
    if (names.system != state->system) return disagrees("system_id");
    const bool says_kind = !offered.event->head.decision_kind.empty() && state->kind != 0;
    if (says_kind && names.kind != state->kind) return disagrees("decision_kind");
  } else if (by_serial_.size() >= base::kMaxOpenDecisions) {
    return full(REFUSAL_REASON_DECISION_FULL, "decision_id", "one open decision more",
                base::kMaxOpenDecisions);
  }
  // What was purged is not known to be a duplicate any more, and its tallies were kept.
  const int64_t occurred_at_ms = offered.event->head.occurred_at_ms;
  if (state == nullptr && occurred_at_ms < cursor_.purged_before_ms()) {
    return MakeRefusal(REFUSAL_REASON_OUT_OF_RANGE, "occurred_at_ms",
                       base::Cat(occurred_at_ms, " in a decision that is not known"),
                       base::Cat(cursor_.purged_before_ms(), " or later; older ones were purged"),
                       absl::StatusCode::kOutOfRange);
  }
  // An event brings at most six names.
  if (names_.size() + 6 > base::kMaxNames) {
    return full(REFUSAL_REASON_TOO_MANY_NAMES, "unit_id", "a new name", base::kMaxNames);
  }
  if (sources_.size() >= base::kMaxSources &&
      !source_numbers_.contains(base::ToAbsl(offered.source_id))) {
    return full(REFUSAL_REASON_TOO_MANY_NAMES, "source_id", "a new source", base::kMaxSources);
  }
  const auto new_system = [&] {
    return !system_numbers_.contains(std::pair(names.organisation, names.system));
  };
  if (systems_.size() >= base::kMaxSystems && new_system()) {
    return full(REFUSAL_REASON_TOO_MANY_NAMES, "system_id", "a new system", base::kMaxSystems);
  }
  return std::nullopt;
}

absl::Status Fold::Admit(const OfferedEvent& offered, Weighed weighed) {
  const EventFacts& event = *offered.event;
  InternNames(event.head, weighed.names, names_);
  last_names_ = weighed.names;
  last_names_hash_ = event.names_hash;
  DecisionState* state = weighed.state;
  if (state == nullptr) state = NewDecision(event, weighed.names);
  if (state->kind == 0) state->kind = weighed.names.kind;
  const SourceIndex source = SourceNumber(offered.source_id);
  CountAtSource(offered, source);
  CountAtSystem(event, weighed.names);
  Fact fact = TakeFact(*offered.event, weighed.names);
  fact.source = source;
  fact.position = offered.position;
  fact.event_hash = offered.event_hash;
  fact.content_hash = offered.content_hash;
  cursor_.set_event_count(cursor_.event_count() + 1);

  if (state->stage == Stage::kClosed) {
    state->fingerprints.push_back(FingerprintOf(fact.event_hash, fact.content_hash));
    state->positions.push_back(fact.position);
  }
  state->last_recorded_ms = now_ms_;
  auto& sources = state->sources;
  if (std::find(sources.begin(), sources.end(), fact.source) == sources.end()) {
    sources.push_back(fact.source);
  }
  MarkDirty(*state);
  if (fact.payload == PAYLOAD_KIND_EVIDENCE_OPENED && !fact.group.empty()) {
    NoteBatchEvidence(*state, fact);
  }
  if (state->space != store::IdSpace::kDecision) {
    state->afterwards.push_back(std::move(fact));
    return absl::OkStatus();
  }
  // Only what comes after the commitment is seeded; then every effect is one too many (N4).
  if (fact.payload == PAYLOAD_KIND_APPLIED) {
    const SeededItem* item = SeededItemOf(*state);
    if (item != nullptr) plans_.NoteApplied(item->plan, offered.position, now_ms_);
  }
  if (state->stage == Stage::kClosed) return AfterClose(*state, std::move(fact));
  if (decision::Opens(fact.payload)) state->stage = Stage::kOpen;
  if (state->facts.size() == kFewFacts) state->facts.reserve(kLikelyFacts);
  state->facts.push_back(std::move(fact));
  UpdateDue(*state);
  return absl::OkStatus();
}

DecisionState* Fold::NewDecision(const EventFacts& event, const EventNames& names) {
  std::unique_ptr<DecisionState> state = BlankDecision();
  state->id = IdOf(event);
  state->organisation = names.organisation;
  state->space = SpaceOf(event);
  state->system = names.system;
  state->hash = store::DecisionHash(state->organisation, state->space, event.id_hash);
  cursor_.set_last_serial(cursor_.last_serial() + 1);
  state->serial = cursor_.last_serial();
  DecisionState* raw = decisions_.Insert(std::move(state));
  if (raw->space == store::IdSpace::kDecision) {
    by_serial_.Put(raw->serial, raw);
    raw->facts.reserve(kFewFacts);
    SystemEntry& system = SystemOf(raw->organisation, raw->system);
    system.view.set_open_count(system.view.open_count() + 1);
  } else {
    raw->stage = Stage::kClosed;  // Nothing of it waits.
  }
  return raw;
}

void Fold::NoteBatchEvidence(const DecisionState& state, const Fact& fact) {
  const auto key = std::pair(state.organisation, fact.group);
  if (batches_.size() >= base::kMaxBatchGroups && !batches_.contains(key)) return;
  Batch& batch = batches_[key];
  if (batch.facts.size() < kMaxBatchFacts) batch.facts.push_back(fact);
  batch.recorded_at_ms = now_ms_;
  batch.dirty = true;
  batch_order_.emplace_back(now_ms_, key);
}

void Fold::RememberBatchEvidence(EventFacts event, int64_t position) {
  DecisionState foreign;
  EventNames names = FindNames(event.head, {}, names_);
  InternNames(event.head, names, names_);
  foreign.organisation = names.organisation;
  Fact fact = TakeFact(event, names);
  fact.position = position;
  NoteBatchEvidence(foreign, fact);
}

void Fold::DropOldBatches() {
  if (epochs_.empty()) return;
  const auto& closing = epochs_.back().view.activated().policy().closing();
  const int64_t kept_ms = closing.expiry_ms() + closing.settle_delay_ms();
  while (!batch_order_.empty() && batch_order_.front().first + kept_ms < now_ms_) {
    const auto [noted_ms, key] = batch_order_.front();
    batch_order_.pop_front();
    const auto found = batches_.find(key);
    if (found == batches_.end() || found->second.recorded_at_ms != noted_ms) continue;
    pending_rows_.push_back(
        {store::Family::kMeta, base::Cat("b/", key.first, "/", key.second), std::nullopt});
    batches_.erase(found);
  }
}

// L4. A closing act ends the decision after settle_delay; without one it expires; what never
// opened waits for its TTL.
void Fold::UpdateDue(DecisionState& state) {
  const auto& closing = epochs_.back().view.activated().policy().closing();
  std::vector<uint64_t> voided;
  for (const Fact& fact : state.facts) {
    if (fact.payload == PAYLOAD_KIND_VOIDED) voided.push_back(fact.voided_hash);
  }
  int64_t earliest_act_ms = INT64_MAX;
  int64_t latest_ms = 0;
  for (const Fact& fact : state.facts) {
    latest_ms = std::max(latest_ms, fact.occurred_at_ms);
    if (decision::StartsClosing(fact) &&
        std::find(voided.begin(), voided.end(), fact.event_hash) == voided.end()) {
      earliest_act_ms = std::min(earliest_act_ms, fact.occurred_at_ms);
    }
  }
  if (earliest_act_ms != INT64_MAX) {
    if (state.closing_recorded_ms == 0) state.closing_recorded_ms = now_ms_;
    state.due_recorded_ms = state.closing_recorded_ms + closing.settle_delay_ms();
    state.due_occurred_ms = earliest_act_ms + closing.settle_delay_ms();
  } else if (state.stage == Stage::kOpen) {
    state.closing_recorded_ms = 0;
    state.due_recorded_ms = now_ms_ + closing.expiry_ms();
    state.due_occurred_ms = latest_ms + closing.expiry_ms();
  } else {
    state.due_recorded_ms = now_ms_ + closing.pending_ttl_ms();
    state.due_occurred_ms = INT64_MAX;
  }
  Enqueue(state);
}

// Queues only what became due earlier; an entry that is too early is put back when it is popped.
// A decision waits in the queue of each of its sources: whichever watermark is the last one to pass
// closes it, before a restart and after.
void Fold::Enqueue(DecisionState& state) {
  const auto is_open = [this](int64_t serial) { return by_serial_.Contains(serial); };
  if (state.due_recorded_ms < state.queued_recorded_ms) {
    state.queued_recorded_ms = state.due_recorded_ms;
    due_.Push(state.due_recorded_ms, state.serial);
    due_.DropClosed(is_open);
  }
  if (state.due_occurred_ms == INT64_MAX) return;
  const bool later = state.due_occurred_ms > state.queued_occurred_ms;
  const bool earlier = state.due_occurred_ms < state.queued_occurred_ms;
  for (size_t i = 0; i < state.sources.size(); ++i) {
    SourceEntry& source = sources_[static_cast<size_t>(state.sources[i])];
    // A source whose watermark has passed the time queued before may have let its entry go.
    const bool let_go = later && source.view.watermark_ms() >= state.queued_occurred_ms;
    if (earlier || let_go || i >= state.queued_sources) {
      source.due.Push(state.due_occurred_ms, state.serial);
      source.due.DropClosed(is_open);
    }
  }
  if (earlier || later) state.queued_occurred_ms = state.due_occurred_ms;
  state.queued_sources = state.sources.size();
}

absl::StatusOr<bool> Fold::CloseDue() {
  bool closed = false;
  while (const auto entry = due_.Pop(now_ms_)) {
    DecisionState* const found = by_serial_.Find(entry->second);
    if (found == nullptr) continue;
    DecisionState& state = *found;
    if (state.due_recorded_ms > entry->first) {
      state.queued_recorded_ms = state.due_recorded_ms;
      due_.Push(state.due_recorded_ms, state.serial);
      continue;
    }
    VIGIE_RETURN_IF_ERROR(Close(ForChange(state)));
    closed = true;
  }
  return closed;
}

// What closes next was last looked at when its last event came.
void Fold::FetchAhead(const DueQueue& due) const {
  if (const auto serial = due.Ahead(kFarAhead)) {
    const DecisionState* const state = by_serial_.Find(*serial);
    if (state != nullptr) base::PrefetchBytes(state, sizeof(DecisionState));
  }
  if (const auto serial = due.Ahead(kNearAhead)) {
    const DecisionState* const state = by_serial_.Find(*serial);
    if (state == nullptr) return;
    base::PrefetchBytes(state->facts.data(), state->facts.size() * sizeof(Fact));
    decisions_.FetchAhead(state->hash);
    closed_rows_->FetchAhead(state->hash);
  }
}

// L4: the watermark of every source of the decision must have passed.
absl::Status Fold::ApplyWatermark(const sv::Watermark& watermark) {
  const SourceIndex number = SourceNumber(watermark.source_id());
  SourceEntry& source = sources_[static_cast<size_t>(number)];
  source.view.set_watermark_ms(std::max(source.view.watermark_ms(), watermark.watermark_ms()));
  source.touched = source.dirty = true;
  const int64_t passed_ms = source.view.watermark_ms();
  while (const auto entry = source.due.Pop(passed_ms)) {
    FetchAhead(source.due);
    DecisionState* const found = by_serial_.Find(entry->second);
    if (found == nullptr) continue;
    DecisionState& state = *found;
    if (state.due_occurred_ms > entry->first) {
      if (state.due_occurred_ms != INT64_MAX) source.due.Push(state.due_occurred_ms, state.serial);
      continue;
    }
    const bool passed =
        std::all_of(state.sources.begin(), state.sources.end(), [&](SourceIndex index) {
          return sources_[static_cast<size_t>(index)].view.watermark_ms() >= state.due_occurred_ms;
        });
    // Otherwise the entry of the source that is behind closes it.
    if (!passed) continue;
    VIGIE_RETURN_IF_ERROR(Close(ForChange(state)));
  }
  return absl::OkStatus();
}

absl::Status Fold::ApplyRecord(const sv::Record& record, int64_t position) {
  now_position_ = position;
  switch (record.body_case()) {
    case sv::Record::kRefusedEvent:
      ApplyRefused(record.refused_event(), position);
      return absl::OkStatus();
    case sv::Record::kWatermark:
      return ApplyWatermark(record.watermark());
    case sv::Record::kPolicyActivated:
      ApplyPolicy(record.policy_activated(), position);
      return absl::OkStatus();
    case sv::Record::kSystem:
      ApplySystem(record.system());
      return absl::OkStatus();
    case sv::Record::kSource:
      ApplySource(record.source());
      return absl::OkStatus();
    case sv::Record::kSequenceLost: {
      const auto& lost = record.sequence_lost();
      SourceEntry& source = sources_[static_cast<size_t>(SourceNumber(lost.source_id()))];
      source.view.set_lost_count(source.view.lost_count() + lost.last_sequence() -
                                 lost.first_sequence() + 1);
      source.touched = source.dirty = true;
      return absl::OkStatus();
    }
    case sv::Record::kQuarantineReleased:
      pending_rows_.push_back({store::Family::kQuarantine,
                               store::PositionKey(record.quarantine_released().position()),
                               std::nullopt});
      cursor_.set_quarantine_kept_count(cursor_.quarantine_kept_count() - 1);
      return absl::OkStatus();
    case sv::Record::kStoreCreated:
      *cursor_.mutable_store() = record.store_created();
      return TakeUpZone();
    case sv::Record::kLogPurge:
      return ApplyPurge(record.log_purge(), position);
    case sv::Record::kTick:
    case sv::Record::kRestrictedAccess:
      return absl::OkStatus();
    case sv::Record::kCalibration:
    case sv::Record::kAlarmAcknowledged:
    case sv::Record::kProbePlanCommitted:
    case sv::Record::kAuditDrawn:
    case sv::Record::kProbeHandedOut:
    case sv::Record::kProbePlanStopped:
    case sv::Record::kProbePlanRevealed:
      return ApplyMeasure(record, position);
    case sv::Record::kEvent:
    case sv::Record::BODY_NOT_SET:
      break;
  }
  return absl::FailedPreconditionError(
      "log record: of a kind this version does not know; a newer vigied wrote it");
}

void Fold::ApplyRefused(const sv::RefusedEvent& refused, int64_t position) {
  SourceEntry& source = sources_[static_cast<size_t>(SourceNumber(refused.source_id()))];
  source.view.set_refused_count(source.view.refused_count() + 1);
  source.touched = source.dirty = true;
  if (QuarantineIsFull()) {
    cursor_.set_quarantine_dropped_count(cursor_.quarantine_dropped_count() + 1);
    return;
  }
  sv::QuarantineView row;
  *row.mutable_refused() = refused;
  row.set_recorded_at_ms(now_ms_);
  pending_rows_.push_back(
      {store::Family::kQuarantine, store::PositionKey(position), row.SerializeAsString()});
  cursor_.set_quarantine_kept_count(cursor_.quarantine_kept_count() + 1);
}

void Fold::ApplyPolicy(const sv::PolicyActivated& activated, int64_t position) {
  sv::PolicyEpoch view;
  *view.mutable_activated() = activated;
  view.set_activated_at_ms(now_ms_);
  view.set_position(position);
  AddEpoch(std::move(view));
}

size_t Fold::waiting_count() const {
  size_t count = due_.size();
  for (const SourceEntry& source : sources_) count += source.due.size();
  return count;
}

}  // namespace vigie::engine
