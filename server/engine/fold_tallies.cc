// SPDX-License-Identifier: Apache-2.0
// The fold, second part: closing, truth and the tallies they change.
#include <algorithm>

#include "base/status_macros.h"
#include "decision/timeline.h"
#include "decision/truth.h"
#include "engine/codec.h"
#include "engine/fold.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Enumerators only.
using decision::Fact;
using decision::PeriodKey;
using decision::ScopeKey;
using decision::SourceIndex;
using decision::Tally;

// What can still change an answer after close (L5).
bool MattersAfterClose(PayloadKind payload) {
  return payload == PAYLOAD_KIND_TRUTH_ESTABLISHED || payload == PAYLOAD_KIND_EXPERT_REVIEWED ||
         payload == PAYLOAD_KIND_VOIDED;
}

// What is expected to come later, so that coming later is not late (L5).
bool IsExpectedLater(PayloadKind payload) {
  return payload == PAYLOAD_KIND_TRUTH_ESTABLISHED || payload == PAYLOAD_KIND_EXPERT_REVIEWED ||
         payload == PAYLOAD_KIND_REVERSED || payload == PAYLOAD_KIND_CONTESTED ||
         payload == PAYLOAD_KIND_RECOURSE_REVIEWED || payload == PAYLOAD_KIND_PATIENT_INFORMED;
}

int64_t UncountedTruths(const std::vector<Fact>& facts, const vigie::config::v1::Policy& policy) {
  return std::count_if(facts.begin(), facts.end(), [&policy](const Fact& fact) {
    return fact.payload == PAYLOAD_KIND_TRUTH_ESTABLISHED &&
           !decision::IsCountedOrigin(static_cast<TruthOrigin>(fact.kind), policy);
  });
}

}  // namespace

// L4, L10. The facts that no answer needs any more leave with it.
absl::Status Fold::Close(DecisionState& state) {
  by_serial_.erase(state.serial);
  state.stage = Stage::kClosed;
  state.closed_at_ms = now_ms_;
  state.epoch = static_cast<int32_t>(epochs_.size());
  MarkDirty(state);
  const bool opened = std::any_of(state.facts.begin(), state.facts.end(),
                                  [](const Fact& fact) { return decision::Opens(fact.payload); });
  decision::Case decided;
  decided.facts = state.facts;
  decided.expired = state.closing_recorded_ms == 0;
  for (const SourceIndex index : state.sources) {
    const SourceEntry& source = sources_[static_cast<size_t>(index)];
    decided.declared.Add(source.view.declared() ? source.declared
                                                : decision::PayloadSet::OfUndeclaredSource());
    state.test |= source.view.source().environment() == ENVIRONMENT_TEST;
  }
  for (const Fact& fact : state.facts) {
    if (fact.payload != PAYLOAD_KIND_DECIDED || fact.group.empty()) continue;
    const auto batch = batches_.find(std::pair(state.organisation, fact.group));
    if (batch != batches_.end()) decided.batch_evidence = batch->second.facts;
  }
  const Epoch& epoch = epochs_.back();
  state.finding = decision::Judge(decided, epoch.rules);
  for (Fact& fact : state.facts) {
    if (MattersAfterClose(fact.payload)) state.afterwards.push_back(std::move(fact));
  }
  std::vector<Fact>().swap(state.facts);
  // A decision that never opened leaves no trace in the tallies: its TTL ran out (L1).
  if (!opened) return absl::OkStatus();
  const int64_t uncounted = UncountedTruths(state.afterwards, epoch.view.activated().policy());
  VIGIE_RETURN_IF_ERROR(ForEachTally(
      state,
      [&](Tally& tally) {
        tally.AddFinding(state.finding);
        tally.truth_uncounted += uncounted;
      },
      /*count_period_late=*/true));
  return RecountTruth(state);
}

// L5: kept with the decision, counted, and without influence on degree and tally; truth apart.
absl::Status Fold::AfterClose(DecisionState& state, Fact fact) {
  const PayloadKind payload = fact.payload;
  const auto origin = static_cast<TruthOrigin>(fact.kind);
  const auto& policy = epochs_[static_cast<size_t>(state.epoch) - 1].view.activated().policy();
  if (MattersAfterClose(payload)) state.afterwards.push_back(std::move(fact));
  if (!IsExpectedLater(payload)) {
    ++state.late_count;
    VIGIE_RETURN_IF_ERROR(ForEachTally(
        state, [](Tally& tally) { ++tally.late_event; }, false));
    // It may cancel a truth that was counted.
    return payload == PAYLOAD_KIND_VOIDED ? RecountTruth(state) : absl::OkStatus();
  }
  if (payload != PAYLOAD_KIND_TRUTH_ESTABLISHED) return absl::OkStatus();
  if (!decision::IsCountedOrigin(origin, policy)) {
    return ForEachTally(
        state, [](Tally& tally) { ++tally.truth_uncounted; }, false);
  }
  return RecountTruth(state);
}

// N3: the strongest truth counts, at the later of close and truth; a replacement subtracts the old
// trial.
absl::Status Fold::RecountTruth(DecisionState& state) {
  const auto& policy = epochs_[static_cast<size_t>(state.epoch) - 1].view.activated().policy();
  auto strongest = decision::StrongestTruth(state.afterwards, policy);
  if (strongest == state.truth) return absl::OkStatus();
  const auto before = std::exchange(state.truth, std::move(strongest));
  return ForEachTally(
      state,
      [&](Tally& tally) {
        if (before.has_value()) {
          tally.AddTruth(before->key, before->codes, state.finding, -1);
          ++tally.truth_revised;
        }
        if (state.truth.has_value()) {
          tally.AddTruth(state.truth->key, state.truth->codes, state.finding, 1);
        }
      },
      false);
}

ScopeKey Fold::FinestScope(const DecisionState& state) const {
  return {.organisation = state.organisation,
          .system = state.system,
          .version = state.finding.version,
          .unit = state.finding.unit,
          .test = state.test};
}

// A period that is final takes no more; what comes later counts in `period_late` (L10).
absl::Status Fold::ForEachTally(const DecisionState& state,
                                const std::function<void(Tally&)>& change, bool count_period_late) {
  const int64_t grace_ms = epochs_.back().view.activated().policy().closing().period_grace_ms();
  const auto periods = decision::PeriodsOf(state.finding.decisive_at_ms, zone_);
  for (const ScopeKey& wanted : decision::ScopesOf(FinestScope(state))) {
    const ScopeKey scope = ScopeOrOther(wanted);
    for (const PeriodKey& period : periods) {
      const bool cumulative = period.kind == PERIOD_KIND_CUMULATIVE;
      const bool final = !cumulative && now_ms_ - grace_ms > decision::PeriodEndMs(period, zone_);
      if (final && !count_period_late) continue;
      VIGIE_ASSIGN_OR_RETURN(
          Tally * tally, MutableTally({.epoch = state.epoch, .scope = scope, .period = period}));
      if (final) {
        ++tally->period_late;
      } else {
        change(*tally);
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Tally*> Fold::MutableTally(const TallyId& id) {
  auto found = tallies_.find(id);
  if (found == tallies_.end()) {
    TallyEntry entry;
    VIGIE_ASSIGN_OR_RETURN(
        const auto row,
        views_->Get(store::Family::kTallies, store::TallyKey(id.epoch, id.scope, id.period)));
    if (row.has_value()) {
      VIGIE_ASSIGN_OR_RETURN(entry.tally, DecodeTally(*row));
    }
    found = tallies_.emplace(id, std::move(entry)).first;
  }
  TallyEntry& entry = found->second;
  if (!std::exchange(entry.dirty, true)) dirty_tallies_.push_back(id);
  if (!std::exchange(entry.touched, true)) touched_.push_back(id);
  entry.tally.changed_at = now_position_;
  return &entry.tally;
}

std::vector<TallyId> Fold::TakeTouchedTallies() {
  for (const TallyId& id : touched_) {
    const auto found = tallies_.find(id);
    if (found != tallies_.end()) found->second.touched = false;
  }
  return std::exchange(touched_, {});
}

const Tally* Fold::FindTally(const TallyId& id) const {
  const auto found = tallies_.find(id);
  return found == tallies_.end() ? nullptr : &found->second.tally;
}

// At most max_scopes scopes, in log order; a later one folds into `_other` of its kind.
ScopeKey Fold::ScopeOrOther(const ScopeKey& wanted) {
  if (scope_numbers_.contains(wanted)) return wanted;
  if (scopes_.size() < static_cast<size_t>(options_.max_scopes)) {
    AddScope(wanted);
    return wanted;
  }
  cursor_.set_scope_overflow_count(cursor_.scope_overflow_count() + 1);
  const decision::NameIndex other = names_.Intern(kOtherName);
  ScopeKey folded = wanted;
  if (folded.version != 0) {
    folded.version = other;
    folded.system = other;
  } else {
    if (folded.unit != 0) folded.unit = other;
    if (folded.system != 0) folded.system = other;
  }
  if (folded == wanted) folded.organisation = other;
  if (!scope_numbers_.contains(folded)) AddScope(folded);
  return folded;
}

}  // namespace vigie::engine
