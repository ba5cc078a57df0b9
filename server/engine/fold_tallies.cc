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
using decision::ScopeKey;
using decision::SourceIndex;
using decision::Tally;

// What is expected to come later, so that coming later is not late (L5).
bool IsExpectedLater(PayloadKind payload) {
  return payload == PAYLOAD_KIND_TRUTH_ESTABLISHED || payload == PAYLOAD_KIND_EXPERT_REVIEWED ||
         payload == PAYLOAD_KIND_REVERSED || payload == PAYLOAD_KIND_CONTESTED ||
         payload == PAYLOAD_KIND_RECOURSE_REVIEWED || payload == PAYLOAD_KIND_PATIENT_INFORMED;
}

// What can still change an answer after close (L5).
bool MattersAfterClose(PayloadKind payload) {
  return IsExpectedLater(payload) || payload == PAYLOAD_KIND_VOIDED;
}

constexpr size_t kMaxPlaces = 65'536;
// Bounds what they hold, and how long adding it keeps the sequencer.
constexpr size_t kMaxCollectingPlaces = 4096;

}  // namespace

absl::Status Fold::Close(DecisionState& state) {
  VIGIE_RETURN_IF_ERROR(CountClosed(state));
  KeepRow(state);
  return absl::OkStatus();
}

// L4, L10. The facts that no answer needs any more leave with it.
absl::Status Fold::CountClosed(DecisionState& state) {
  by_serial_.Erase(state.serial);
  KeepFingerprints(state);
  state.stage = Stage::kClosed;
  state.closed_at_ms = now_ms_;
  state.epoch = static_cast<int32_t>(epochs_.size());
  if (std::exchange(state.first_flush, INT64_MAX) < next_flush_) {
    pending_rows_.push_back({store::Family::kMeta, OpenRowKey(state), std::nullopt});
  }
  const bool opened = std::any_of(state.facts.begin(), state.facts.end(),
                                  [](const Fact& fact) { return decision::Opens(fact.payload); });
  JudgeAtClose(state);
  SystemEntry& system = systems_[system_numbers_.at(std::pair(state.organisation, state.system))];
  system.view.set_open_count(system.view.open_count() - 1);
  system.touched = system.dirty = true;
  // A decision that never opened leaves no trace in the tallies: its TTL ran out (L1).
  if (!opened) return absl::OkStatus();
  if (options_.on_close) options_.on_close(state);
  if (const SeededItem* item = SeededItemOf(state)) return CloseSeeded(state, *item);
  if (!state.test) system.view.set_closed_count(system.view.closed_count() + 1);
  int64_t uncounted = 0;
  int64_t reviews = 0;
  for (const Fact& fact : state.afterwards) {
    const bool truth = fact.payload == PAYLOAD_KIND_TRUTH_ESTABLISHED;
    if (truth && !OriginOf(state, fact).has_value()) ++uncounted;
    if (fact.payload == PAYLOAD_KIND_EXPERT_REVIEWED) ++reviews;
  }
  const auto buckets = decision::TimeBuckets::Of(state.finding);
  const bool unknown_workload = HasUnknownWorkload(state);
  VIGIE_RETURN_IF_ERROR(CountAtPlace(
      state,
      [&](Tally& tally, const ScopeKey&) {
        tally.AddFinding(state.finding, buckets);
        tally.truth_uncounted += uncounted;
        tally.review_uncounted += reviews;
        if (unknown_workload) ++tally.workload.unknown;
      },
      [&](ScopeSlot& slot) { WatchActs(state, slot); }));
  VIGIE_RETURN_IF_ERROR(CountWorkload(state));
  VIGIE_RETURN_IF_ERROR(CountAside(state, {}));
  return RecountTruth(state);
}

// Sections 1 and 2, on the facts as they stand.
void Fold::JudgeAtClose(DecisionState& state) {
  const Epoch& epoch = epochs_.back();
  decision::Case decided;
  decided.facts = state.facts;
  decided.expired = state.closing_recorded_ms == 0;
  const auto baseline = epoch.baselines.find(std::pair(state.organisation, state.kind));
  if (baseline != epoch.baselines.end()) {
    decided.unaided_median_ms = baseline->second.median_ms;
    state.calibration = baseline->second.calibration;
  }
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
  state.finding = decision::Judge(decided, epoch.rules);
  for (Fact& fact : state.facts) {
    if (MattersAfterClose(fact.payload)) state.afterwards.push_back(std::move(fact));
  }
  std::vector<Fact>().swap(state.facts);
}

// N4: a seeded decision counts in vigilance alone, by the truth that was sealed, and only when
// Vigie handed it out and had not revealed it.
absl::Status Fold::CloseSeeded(DecisionState& state, const SeededItem& item) {
  state.plan = static_cast<int32_t>(item.plan) + 1;
  plans_.NoteClosed(item.plan);
  const bool counts = plans_.all()[item.plan].Counts(item.item, state.positions.front());
  if (!counts) return absl::OkStatus();
  const std::string& plan_id = plans_.all()[item.plan].plan().plan_id();
  state.truth = decision::CountedTruth{.key = {.origin = TRUTH_ORIGIN_SEEDED, .origin_id = plan_id},
                                       .codes = item.truth};
  return ForEachTally(
      PlaceOf(state),
      [&](Tally& tally, const ScopeKey&) {
        tally.AddTruth(state.truth->key, state.truth->codes, state.finding, 1);
      },
      /*count_period_late=*/false, [&](const ScopeSlot& slot) { WatchTruth(state, slot.scope); });
}

// N2: a drawn audit counts for the decisions that were drawn, and nothing counts as seeded because
// a source says so.
std::optional<decision::TruthKey> Fold::OriginOf(const DecisionState& state,
                                                 const Fact& truth) const {
  if (truth.kind == TRUTH_ORIGIN_DRAWN_AUDIT) {
    const auto place = draws_.Find(names_.Name(state.organisation), state.id, truth.group);
    if (!place.has_value()) return std::nullopt;
    return draws_.all()[place->draw].KeyOf(place->stratum);
  }
  const auto& policy = epochs_[static_cast<size_t>(state.epoch) - 1].view.activated().policy();
  return decision::AssertedOrigin(truth, policy);
}

// L5: kept with the decision, counted, and without influence on degree and tally; truth and review
// apart.
absl::Status Fold::AfterClose(DecisionState& state, Fact fact) {
  const PayloadKind payload = fact.payload;
  const auto earlier = [&](PayloadKind kind) {
    return std::any_of(state.afterwards.begin(), state.afterwards.end(), [&](const Fact& other) {
      return other.payload == kind && other.kind == fact.kind && other.group == fact.group;
    });
  };
  if (payload == PAYLOAD_KIND_TRUTH_ESTABLISHED && fact.kind == TRUTH_ORIGIN_DRAWN_AUDIT &&
      !earlier(payload)) {
    const auto place = draws_.Find(names_.Name(state.organisation), state.id, fact.group);
    if (place.has_value()) draws_.NoteReturned(*place);
  }
  if (state.plan != 0) {
    // Seeded: nothing that comes later enters any count (N4).
    if (!IsExpectedLater(payload)) ++state.late_count;
    if (MattersAfterClose(payload)) state.afterwards.push_back(std::move(fact));
    return absl::OkStatus();
  }
  if (payload == PAYLOAD_KIND_EXPERT_REVIEWED) {
    const bool first = std::none_of(
        state.afterwards.begin(), state.afterwards.end(),
        [](const Fact& other) { return other.payload == PAYLOAD_KIND_EXPERT_REVIEWED; });
    VIGIE_RETURN_IF_ERROR(CountReview(state, fact, first));
  }
  const bool counts =
      payload != PAYLOAD_KIND_TRUTH_ESTABLISHED || OriginOf(state, fact).has_value();
  // A Voided that comes after close is a flag of the decision and takes nothing back; a later truth
  // does (N3).
  if (!IsExpectedLater(payload)) {
    ++state.late_count;
    return ForEachTally(PlaceOf(state), [](Tally& tally, const ScopeKey&) { ++tally.late_event; });
  }
  const decision::Aside before = decision::AsideOf(state.afterwards, state.finding.actor);
  state.afterwards.push_back(std::move(fact));
  VIGIE_RETURN_IF_ERROR(CountAside(state, before));
  if (payload != PAYLOAD_KIND_TRUTH_ESTABLISHED) return absl::OkStatus();
  if (!counts) {
    return ForEachTally(PlaceOf(state),
                        [](Tally& tally, const ScopeKey&) { ++tally.truth_uncounted; });
  }
  return RecountTruth(state);
}

// L5, N2: tallies of their own, which no verdict reads.
absl::Status Fold::CountAside(const DecisionState& state, const decision::Aside& before) {
  const decision::Aside after = decision::AsideOf(state.afterwards, state.finding.actor);
  if (after == before) return absl::OkStatus();
  return ForEachTally(PlaceOf(state), [&](Tally& tally, const ScopeKey&) {
    decision::AddAside(before, state.finding, -1, tally);
    decision::AddAside(after, state.finding, 1, tally);
  });
}

// N3: the strongest truth counts, at the later of close and truth; a replacement subtracts the old
// trial. The truth of a seeded item is the sealed one for good.
absl::Status Fold::RecountTruth(DecisionState& state) {
  if (state.plan != 0) return absl::OkStatus();
  auto strongest = decision::StrongestTruth(
      state.afterwards, [&](const Fact& truth) { return OriginOf(state, truth); });
  if (strongest == state.truth) return absl::OkStatus();
  const auto before = std::exchange(state.truth, std::move(strongest));
  return ForEachTally(
      PlaceOf(state),
      [&](Tally& tally, const ScopeKey&) {
        if (before.has_value()) {
          tally.AddTruth(before->key, before->codes, state.finding, -1);
          ++tally.truth_revised;
        }
        if (state.truth.has_value()) {
          tally.AddTruth(state.truth->key, state.truth->codes, state.finding, 1);
        }
      },
      /*count_period_late=*/false,
      [&](const ScopeSlot& slot) {
        if (!before.has_value()) WatchTruth(state, slot.scope);
      });
}

TallyPlace Fold::PlaceOf(const DecisionState& state) const {
  return {.finest = {.organisation = state.organisation,
                     .system = state.system,
                     .version = state.finding.version,
                     .unit = state.finding.unit,
                     .test = state.test},
          .epoch = state.epoch,
          .decisive_at_ms = state.finding.decisive_at_ms};
}

// Of the decision's own epoch, so that what was left out is not taken back later.
int64_t Fold::FinalBeforeMs(int32_t epoch) const {
  const auto& policy = epochs_[static_cast<size_t>(epoch) - 1].view.activated().policy();
  return now_ms_ - policy.closing().period_grace_ms();
}

// A period that is final takes no more; what comes later counts in `period_late` (L10).
absl::Status Fold::ForEachTally(const TallyPlace& place, TallyChange change, bool count_period_late,
                                ScopeVisit at_scope) {
  return CountNow(TalliesOf(place), place, change, count_period_late, at_scope);
}

absl::Status Fold::CountNow(PlaceTallies& tallies, const TallyPlace& place, TallyChange change,
                            bool count_period_late, ScopeVisit at_scope) {
  const int64_t final_before_ms = FinalBeforeMs(place.epoch);
  const decision::Calendar::Periods& periods = calendar_.Of(place.decisive_at_ms);
  for (ScopeSlot& slot : tallies.scopes) {
    for (size_t i = 0; i < periods.keys.size(); ++i) {
      const bool final = periods.end_ms[i] < final_before_ms;
      if (final && !count_period_late) continue;
      if (slot.tallies[i] == nullptr) {
        const TallyId id = {.epoch = place.epoch, .scope = slot.scope, .period = periods.keys[i]};
        VIGIE_ASSIGN_OR_RETURN(slot.tallies[i], FindOrReadTally(id));
      }
      MarkChanged(*slot.tallies[i]);
      Tally& tally = slot.tallies[i]->second.tally;
      tally.changed_at = now_position_;
      if (final) {
        ++tally.period_late;
      } else {
        change(tally, slot.wanted);
      }
    }
    at_scope(slot);
  }
  return absl::OkStatus();
}

absl::Status Fold::CountAtPlace(const DecisionState& state, TallyChange change,
                                ScopeVisit at_scope) {
  const TallyPlace place = PlaceOf(state);
  PlaceTallies& tallies = TalliesOf(place);
  if (&tallies == &folded_place_) {
    return CountNow(tallies, place, change, /*count_period_late=*/true, at_scope);
  }
  VIGIE_ASSIGN_OR_RETURN(Tally* const collected, CollectAt(tallies, place));
  change(*collected, place.finest);
  collected->changed_at = now_position_;
  for (ScopeSlot& slot : tallies.scopes) at_scope(slot);
  return absl::OkStatus();
}

absl::StatusOr<Tally*> Fold::CollectAt(PlaceTallies& tallies, const TallyPlace& place) {
  const decision::Calendar::Periods& periods = calendar_.Of(place.decisive_at_ms);
  const int64_t final_before_ms = FinalBeforeMs(place.epoch);
  std::array<bool, 4> final{};
  for (size_t i = 0; i < final.size(); ++i) final[i] = periods.end_ms[i] < final_before_ms;
  const bool otherwise = tallies.collected != nullptr && tallies.final != final;
  if (otherwise || collecting_.size() >= kMaxCollectingPlaces) AddCollected();
  if (tallies.collected != nullptr) return tallies.collected.get();
  // What is missing is read now, so that adding cannot fail.
  for (ScopeSlot& slot : tallies.scopes) {
    for (size_t i = 0; i < final.size(); ++i) {
      if (slot.tallies[i] != nullptr) continue;
      const TallyId id = {.epoch = place.epoch, .scope = slot.scope, .period = periods.keys[i]};
      VIGIE_ASSIGN_OR_RETURN(slot.tallies[i], FindOrReadTally(id));
    }
  }
  tallies.final = final;
  tallies.collected = std::make_unique<Tally>();
  collecting_.push_back(&tallies);
  return tallies.collected.get();
}

// Counts are sums, so that it does not matter when they are added.
void Fold::AddCollected() {
  for (PlaceTallies* place : collecting_) {
    const std::unique_ptr<const Tally> collected = std::move(place->collected);
    for (const ScopeSlot& slot : place->scopes) {
      for (size_t i = 0; i < slot.tallies.size(); ++i) {
        MarkChanged(*slot.tallies[i]);
        Tally& tally = slot.tallies[i]->second.tally;
        if (place->final[i]) {
          tally.period_late += collected->closed;
          tally.changed_at = std::max(tally.changed_at, collected->changed_at);
        } else {
          tally.Merge(*collected);
        }
      }
    }
  }
  collecting_.clear();
}

Fold::PlaceTallies& Fold::TalliesOf(const TallyPlace& place) {
  const PlaceKey key = {.finest = place.finest,
                        .epoch = place.epoch,
                        .day = calendar_.Of(place.decisive_at_ms).keys[1].first_day};
  const auto found = places_.find(key);
  if (found != places_.end()) return found->second;
  PlaceTallies tallies;
  bool folded = false;
  for (const ScopeKey& wanted : decision::ScopesOf(place.finest)) {
    tallies.scopes.push_back({.wanted = wanted, .scope = ScopeOrOther(wanted)});
    folded |= tallies.scopes.back().scope != wanted;
  }
  // Every decision beyond the limit is counted as such, so its place is not remembered.
  if (folded) return folded_place_ = std::move(tallies);
  if (places_.size() >= kMaxPlaces) {
    AddCollected();
    places_.clear();
  }
  return places_[key] = std::move(tallies);
}

absl::StatusOr<Fold::TallyNode*> Fold::FindOrReadTally(const TallyId& id) {
  const auto found = tallies_.find(id);
  if (found != tallies_.end()) return &*found;
  TallyEntry entry;
  VIGIE_ASSIGN_OR_RETURN(
      const auto row,
      views_->Get(store::Family::kTallies, store::TallyKey(id.epoch, id.scope, id.period)));
  if (row.has_value()) {
    VIGIE_ASSIGN_OR_RETURN(entry.tally, DecodeTally(*row));
  }
  return &*tallies_.emplace(id, std::move(entry)).first;
}

void Fold::MarkChanged(TallyNode& node) {
  TallyEntry& entry = node.second;
  if (!std::exchange(entry.dirty, true)) dirty_tallies_.push_back(node.first);
  if (!std::exchange(entry.touched, true)) touched_.push_back(node.first);
  entry.copy = nullptr;
}

const std::shared_ptr<const Tally>& Fold::TallyEntry::Copy() {
  if (copy == nullptr) copy = std::make_shared<const Tally>(tally);
  return copy;
}

std::vector<Fold::SharedTally> Fold::TakeTouchedTallies() {
  AddCollected();
  std::vector<SharedTally> copies;
  copies.reserve(touched_.size());
  for (const TallyId& id : std::exchange(touched_, {})) {
    const auto found = tallies_.find(id);
    if (found == tallies_.end()) continue;
    found->second.touched = false;
    copies.emplace_back(id, found->second.Copy());
  }
  return copies;
}

const Tally* Fold::FindTally(const TallyId& id) {
  AddCollected();
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
