// SPDX-License-Identifier: Apache-2.0
// The fold, fourth part: baselines, seeded items, draws, reviews, workload and change.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"
#include "engine/fold.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators only.
using decision::Fact;
using decision::ScopeKey;
using decision::Tally;
using decision::Trial;

bool Holds(const HourCell& cell, int32_t epoch, const ScopeKey& scope) {
  if (cell.epoch != epoch) return false;
  const auto scopes = decision::ScopesOf(cell.scope);
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

}  // namespace

absl::Status Fold::ApplyMeasure(const sv::Record& record, int64_t position) {
  switch (record.body_case()) {
    case sv::Record::kCalibration: {
      sv::CalibrationView view;
      *view.mutable_calibration() = record.calibration();
      view.set_position(position);
      calibrations_.push_back(std::move(view));
      return absl::OkStatus();
    }
    case sv::Record::kAlarmAcknowledged:
      detectors_.Acknowledge(record.alarm_acknowledged().alarm_id());
      plans_.AcknowledgeApplied(record.alarm_acknowledged().alarm_id());
      return absl::OkStatus();
    case sv::Record::kProbePlanCommitted: {
      const auto& committed = record.probe_plan_committed();
      names_.Intern(committed.organisation_id());
      return plans_.Commit(committed, position, now_ms_,
                           ClosedCount(committed.organisation_id(), committed.plan().system_id()));
    }
    case sv::Record::kProbeHandedOut: {
      const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMillis(now_ms_), zone());
      plans_.HandOut(record.probe_handed_out(),
                     static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1)), position);
      return absl::OkStatus();
    }
    case sv::Record::kProbePlanStopped: {
      const auto& stopped = record.probe_plan_stopped();
      plans_.Stop(stopped.organisation_id(), stopped.plan_id(), position, stopped.reason());
      return absl::OkStatus();
    }
    case sv::Record::kProbePlanRevealed: {
      const auto& revealed = record.probe_plan_revealed();
      plans_.Reveal(revealed.organisation_id(), revealed.plan_id(), position);
      return absl::OkStatus();
    }
    case sv::Record::kAuditDrawn:
      names_.Intern(record.audit_drawn().organisation_id());
      draws_.Add(record.audit_drawn(), position, now_ms_);
      return absl::OkStatus();
    default:
      return absl::InternalError("log record: not a measure");
  }
}

const SeededItem* Fold::SeededItemOf(const DecisionState& state) const {
  if (state.space != store::IdSpace::kDecision) return nullptr;
  // Without an event yet, the one at hand is the first.
  const int64_t first_position = EventCount(state) == 0 ? now_position_ : FirstPosition(state);
  const SeededItem* item = plans_.Find(names_.Name(state.organisation), state.id);
  if (item == nullptr) return nullptr;
  return plans_.all()[item->plan].view.position() < first_position ? item : nullptr;
}

int64_t Fold::ClosedCount(std::string_view organisation_id, std::string_view system_id) const {
  const auto found =
      system_numbers_.find(std::pair(names_.Find(organisation_id), names_.Find(system_id)));
  return found == system_numbers_.end() ? 0 : systems_[found->second].view.closed_count();
}

absl::StatusOr<bool> Fold::Knows(std::string_view organisation_id, std::string_view decision_id) {
  const decision::NameIndex organisation = names_.Find(organisation_id);
  if (organisation == 0) return false;
  VIGIE_ASSIGN_OR_RETURN(
      const DecisionState* state,
      FindDecision(
          {.organisation = organisation, .space = store::IdSpace::kDecision, .id = decision_id},
          store::PassingHash(decision_id)));
  return state != nullptr;
}

// I5. Without a time minimum nobody can say how long the decision needed.
bool Fold::HasUnknownWorkload(const DecisionState& state) {
  const auto& finding = state.finding;
  return finding.actor != decision::Pseudonym{} && !state.test && !finding.minimum_ms.has_value();
}

// I5. A decision that fills its hour beyond its end turns the earlier ones of that hour too.
absl::Status Fold::CountWorkload(const DecisionState& state) {
  const auto& finding = state.finding;
  if (finding.actor == decision::Pseudonym{} || state.test || HasUnknownWorkload(state)) {
    return absl::OkStatus();
  }
  const TallyPlace place = PlaceOf(state);
  const std::optional<ActorHours::Change> change = actor_hours_.Add(
      finding.actor,
      {.scope = place.finest, .epoch = place.epoch, .decisive_at_ms = place.decisive_at_ms},
      *finding.minimum_ms, now_ms_, zone());
  if (!change.has_value()) {
    return ForEachTally(place, [](Tally& tally, const ScopeKey&) { ++tally.workload.unknown; });
  }
  VIGIE_RETURN_IF_ERROR(ForEachTally(place, [&](Tally& tally, const ScopeKey& wanted) {
    tally.workload.Add(change->fits ? Trial::kSuccess : Trial::kFailure);
    tally.minimum_ms += *finding.minimum_ms;
    const bool first =
        std::none_of(change->others.begin(), change->others.end(),
                     [&](const HourCell& cell) { return Holds(cell, place.epoch, wanted); });
    if (!first) return;
    ++tally.actor_hours;
    if (!change->fits) ++tally.overfull_hours;
  }));
  if (!change->became_overfull) return absl::OkStatus();
  for (auto cell = change->others.begin(); cell != change->others.end(); ++cell) {
    VIGIE_RETURN_IF_ERROR(ForEachTally(
        {.finest = cell->scope, .epoch = cell->epoch, .decisive_at_ms = cell->decisive_at_ms},
        [&](Tally& tally, const ScopeKey& wanted) {
          tally.workload.successes -= cell->count;
          const bool first = std::none_of(change->others.begin(), cell, [&](const HourCell& other) {
            return Holds(other, cell->epoch, wanted);
          });
          if (first) ++tally.overfull_hours;
        }));
  }
  return absl::OkStatus();
}

// The first review of a drawn decision says how far the class "examined" can be trusted. A draw
// stratified by degree selects on that very class, so its reviews say nothing about it.
absl::Status Fold::CountReview(const DecisionState& state, const Fact& review, bool first) {
  const auto places = draws_.PlacesOf(names_.Name(state.organisation), state.id);
  const bool drawn = std::any_of(places.begin(), places.end(), [&](const Draws::Place& place) {
    return draws_.all()[place.draw].draw().stratification() != STRATIFICATION_DEGREE;
  });
  const Trial classed = state.finding.concrete_examination;
  const bool known = classed == Trial::kSuccess || classed == Trial::kFailure;
  const bool counts = drawn && first && known;
  return ForEachTally(PlaceOf(state), [&](Tally& tally, const ScopeKey&) {
    if (counts) {
      ++tally.reviews[classed == Trial::kSuccess][review.kind == EXPERT_FINDING_EXAMINED];
    } else {
      ++tally.review_uncounted;
    }
  });
}

// V4. Test decisions are not watched (L11).
void Fold::WatchActs(const DecisionState& state, ScopeSlot& slot) {
  if (state.test) return;
  const Detectors::Moment moment = {.position = now_position_, .recorded_at_ms = now_ms_};
  const auto watch = [&](Indicator indicator, Trial trial, std::optional<size_t>& number) {
    if (trial != Trial::kSuccess && trial != Trial::kFailure) return;
    if (!number.has_value()) {
      number = detectors_.NumberOf({.scope = slot.scope, .indicator = indicator});
    }
    detectors_.Add(*number, trial == Trial::kSuccess, moment);
  };
  watch(INDICATOR_POSITIVE_ACT, state.finding.positive_act, slot.positive_act);
  watch(INDICATOR_CONCRETE_EXAMINATION, state.finding.concrete_examination,
        slot.concrete_examination);
}

// V4. The truths of a drawn audit come back in whatever order, and count only when nearly all are
// there: nothing to watch one by one.
void Fold::WatchTruth(const DecisionState& state, const ScopeKey& scope) {
  if (state.test || !state.truth.has_value()) return;
  const auto& finding = state.finding;
  const auto origin = state.truth->key.origin;
  const bool trial = finding.exposed && !finding.suggested.empty() && !finding.chosen.empty() &&
                     finding.suggested != state.truth->codes;
  if (!trial || origin == TRUTH_ORIGIN_DRAWN_AUDIT) return;
  detectors_.Add(
      detectors_.NumberOf({.scope = scope, .indicator = INDICATOR_VIGILANCE, .origin = origin}),
      finding.chosen != finding.suggested, {.position = now_position_, .recorded_at_ms = now_ms_});
}

}  // namespace vigie::engine
