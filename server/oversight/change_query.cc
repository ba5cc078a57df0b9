// SPDX-License-Identifier: Apache-2.0
// Change points of a system, with the verdicts on both sides; and the hour-of-shift curve.
#include <algorithm>
#include <map>

#include "base/cat.h"
#include "base/status_macros.h"
#include "decision/verdict.h"
#include "oversight/decision_scan.h"
#include "oversight/oversight.h"
#include "oversight/summary.h"
#include "stats/sketch.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using engine::PublishedState;

constexpr int64_t kHourMs = int64_t{3600} * 1000;
constexpr int64_t kShiftGapMs = 6 * kHourMs;

// Calls `visit` for every closed decision of production that is not seeded.
absl::Status ForEachClosed(const store::Store::Reader& reader, decision::NameIndex organisation,
                           absl::FunctionRef<void(const engine::DecisionState&)> visit) {
  return ForEachDecision(reader, organisation, store::IdSpace::kDecision, "",
                         [&](std::string_view, const engine::DecisionState& state) {
                           const bool counts = state.stage == engine::Stage::kClosed &&
                                               !state.test && state.plan == 0;
                           if (counts) visit(state);
                           return absl::OkStatus();
                         });
}

// By time. The first version of system and screen is where use began, not a change.
std::vector<vigie::store::v1::ChangePointView> ChangesOf(
    const vigie::store::v1::SystemView& system) {
  std::vector<vigie::store::v1::ChangePointView> points(system.change_points().begin(),
                                                        system.change_points().end());
  std::stable_sort(points.begin(), points.end(), [](const auto& a, const auto& b) {
    return a.occurred_at_ms() < b.occurred_at_ms();
  });
  for (const ChangeKind kind : {CHANGE_KIND_SYSTEM_VERSION, CHANGE_KIND_SCREEN_VERSION}) {
    const auto first = std::find_if(points.begin(), points.end(),
                                    [kind](const auto& point) { return point.kind() == kind; });
    if (first != points.end()) points.erase(first);
  }
  return points;
}

SpanVerdict DescribeSpan(const decision::Tally& tally, const vigie::config::v1::Policy& policy,
                         const decision::Standings& standings) {
  SpanVerdict span;
  span.set_verdict(VERDICT_UNDETERMINED);
  span.set_suppression(SUPPRESSION_NONE);
  if (tally.closed < policy.disclosure().minimum_cell_count()) {
    span.set_suppression(SUPPRESSION_SMALL_CELL);
    return span;
  }
  const auto found = decision::Conclude(tally, policy, standings);
  span.set_verdict(found.verdict);
  span.set_certainty(found.certainty);
  span.set_closed_count(tally.closed);
  for (const auto& indicator : found.indicators) {
    PutIndicator(indicator, policy.evidence(), span.add_indicators());
  }
  return span;
}

}  // namespace

absl::StatusOr<ListChangePointsResponse> Oversight::ListChangePoints(
    const ListChangePointsRequest& request) {
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation,
                         ResolveOrganisation(request.organisation_id()));
  VIGIE_ASSIGN_OR_RETURN(const Fresh fresh, ReadFresh());
  struct Frame {
    decision::ScopeKey scope;
    std::vector<vigie::store::v1::ChangePointView> points;
    vigie::config::v1::Policy policy;
    std::shared_ptr<const decision::Standings> standings;
  };
  const Frame frame = engine_->published().Read([&](const PublishedState& state) {
    Frame read;
    read.scope = {.organisation = state.names.Find(organisation),
                  .system = state.names.Find(request.system_id())};
    read.policy = state.epochs.back().activated().policy();
    read.standings = state.StandingsOf(read.scope.organisation);
    for (const auto& system : state.systems) {
      if (system.system().organisation_id() == organisation &&
          system.system().system_id() == request.system_id()) {
        read.points = ChangesOf(system);
      }
    }
    return read;
  });
  if (frame.scope.system == 0) {
    return absl::NotFoundError("system_id: not known; list what is with ListSystems");
  }
  const int32_t epoch =
      engine_->published().Read([](const PublishedState& state) { return state.epoch(); });
  if (egress_->Decide(epoch, {})->Of(frame.scope) != SUPPRESSION_NONE) {
    return absl::FailedPreconditionError(
        "system_id: withheld, for its cell is small or would reveal a small one");
  }
  ListChangePointsResponse response;
  response.set_as_of(fresh.as_of);
  if (frame.points.empty()) return response;
  // Span i lies before point i, the last after all of them.
  std::vector<decision::Tally> spans(frame.points.size() + 1);
  VIGIE_RETURN_IF_ERROR(ForEachClosed(
      *fresh.reader, frame.scope.organisation, [&](const engine::DecisionState& state) {
        // Counts under other policies are never mixed (V6).
        if (state.system != frame.scope.system || state.epoch != epoch) return;
        const auto next = std::upper_bound(
            frame.points.begin(), frame.points.end(), state.finding.decisive_at_ms,
            [](int64_t time, const auto& point) { return time < point.occurred_at_ms(); });
        AddDecision(state, spans[static_cast<size_t>(next - frame.points.begin())]);
      }));
  for (size_t i = 0; i < frame.points.size(); ++i) {
    ChangePoint* out = response.add_change_points();
    out->set_kind(static_cast<ChangeKind>(frame.points[i].kind()));
    out->set_value(frame.points[i].value());
    out->set_occurred_at_ms(frame.points[i].occurred_at_ms());
    out->set_position(frame.points[i].position());
    *out->mutable_before() = DescribeSpan(spans[i], frame.policy, *frame.standings);
    *out->mutable_after() = DescribeSpan(spans[i + 1], frame.policy, *frame.standings);
  }
  return response;
}

absl::StatusOr<GetShiftCurveResponse> Oversight::GetShiftCurve(
    const GetShiftCurveRequest& request) {
  if (request.scope().unit_id().empty()) {
    return absl::InvalidArgumentError("scope.unit_id: want a unit; the curve is one of units");
  }
  VIGIE_ASSIGN_OR_RETURN(const decision::ScopeKey scope, ResolveScope(request.scope()));
  VIGIE_ASSIGN_OR_RETURN(const Fresh fresh, ReadFresh());
  int64_t minimum = 0;
  const int32_t epoch = engine_->published().Read([&](const PublishedState& state) {
    minimum = state.epochs.back().activated().policy().disclosure().minimum_cell_count();
    return state.epoch();
  });
  if (egress_->Decide(epoch, {})->Of(scope) != SUPPRESSION_NONE) {
    return absl::FailedPreconditionError(
        "scope: withheld, for its cell is small or would reveal a small one; ask for a wider "
        "scope");
  }
  struct Act {
    int64_t at_ms = 0;
    int64_t active_ms = -1;
    decision::Trial concrete = decision::Trial::kNone;
    bool limited_time = false;
    bool in_scope = false;
  };
  struct Hour {
    int64_t decisions = 0;
    decision::TrialCounts concrete;
    stats::Sketch active_time;
    int64_t limited_time = 0;
  };
  // A shift is told by all that its person decided, the curve by what was decided in the scope.
  std::map<decision::Pseudonym, std::vector<Act>> by_person;
  VIGIE_RETURN_IF_ERROR(
      ForEachClosed(*fresh.reader, scope.organisation, [&](const engine::DecisionState& state) {
        if (state.finding.actor == decision::Pseudonym{}) return;
        const bool in_scope =
            state.finding.unit == scope.unit && (scope.system == 0 || state.system == scope.system);
        by_person[state.finding.actor].push_back({.at_ms = state.finding.decisive_at_ms,
                                                  .active_ms = state.finding.active_ms.value_or(-1),
                                                  .concrete = state.finding.concrete_examination,
                                                  .limited_time = state.finding.limited_time,
                                                  .in_scope = in_scope});
      }));
  std::map<int64_t, Hour> hours;
  for (auto& [person, acts] : by_person) {
    std::stable_sort(acts.begin(), acts.end(),
                     [](const Act& a, const Act& b) { return a.at_ms < b.at_ms; });
    int64_t began_ms = 0;
    int64_t last_ms = INT64_MIN / 2;
    for (const Act& act : acts) {
      if (act.at_ms - last_ms >= kShiftGapMs) began_ms = act.at_ms;
      last_ms = act.at_ms;
      if (!act.in_scope) continue;
      Hour& hour = hours[(act.at_ms - began_ms) / kHourMs];
      ++hour.decisions;
      hour.concrete.Add(act.concrete);
      if (act.active_ms >= 0) hour.active_time.Add(act.active_ms);
      if (act.limited_time) ++hour.limited_time;
    }
  }
  GetShiftCurveResponse response;
  for (const auto& [hour, counts] : hours) {
    if (counts.decisions < minimum) {
      response.set_withheld_count(response.withheld_count() + 1);
      continue;
    }
    ShiftHour* row = response.add_hours();
    row->set_hour(static_cast<int32_t>(hour));
    row->set_decision_count(counts.decisions);
    if (counts.concrete.trials > 0) {
      row->mutable_concrete_examination()->set_successes(counts.concrete.successes);
      row->mutable_concrete_examination()->set_trials(counts.concrete.trials);
    }
    const auto median = counts.active_time.Quantile(.5);
    if (median.has_value()) row->set_median_active_ms(*median);
    row->set_limited_time_count(counts.limited_time);
  }
  response.set_as_of(fresh.as_of);
  return response;
}

}  // namespace vigie::oversight
