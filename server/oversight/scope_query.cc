// SPDX-License-Identifier: Apache-2.0
// Questions about scopes: GetSummary and ListScopes.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "oversight/alarms.h"
#include "oversight/draw_view.h"
#include "oversight/estimand.h"
#include "oversight/explain.h"
#include "oversight/look.h"
#include "oversight/oversight.h"
#include "oversight/summary.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using decision::PeriodKey;
using decision::ScopeKey;
using engine::PublishedState;

// What of the published state an answer needs, copied out of the lock.
struct Frame {
  int64_t as_of = 0;
  int64_t recorded_at_ms = 0;
  int32_t epoch = 0;
  vigie::store::v1::PolicyEpoch policy;
  std::optional<vigie::store::v1::PolicyEpoch> previous;
  std::string time_zone;
  Scope named;
  Look look;
  std::vector<Alarm> alarms;
  std::vector<DrawResponse> draws;
  SourceFrame sources;
  int64_t open_count = 0;  // Of the system; 0 for other scopes.
};

// Draws behind a scope's vigilance of drawn audits.
std::vector<DrawResponse> DrawsOf(const PublishedState& state, const ScopeKey& scope) {
  std::vector<DrawResponse> rows;
  const double minimum = state.epochs.back().activated().policy().truth().minimum_response_ratio();
  for (const engine::Draw& draw : state.draws) {
    if (state.names.Find(draw.drawn->organisation_id()) != scope.organisation) continue;
    const bool by_unit = draw.draw().stratification() == STRATIFICATION_UNIT;
    for (size_t i = 0; i < draw.returned.size(); ++i) {
      const auto& stratum = draw.draw().strata(static_cast<int>(i));
      if (by_unit && scope.unit != 0 && stratum.name() != state.names.Name(scope.unit)) continue;
      rows.push_back(DescribeStratum(draw, i, minimum));
    }
  }
  return rows;
}

Frame MakeFrame(const engine::Published& published, const ScopeKey& scope,
                const PeriodKey& period) {
  return published.Read([&](const PublishedState& state) {
    Frame frame;
    frame.look = LookAt(state, scope, period, ScopeNumber(state, scope));
    frame.alarms = AlarmsOf(state, &scope);
    frame.draws = DrawsOf(state, scope);
    frame.sources = DescribeSources(state);
    for (const auto& system : state.systems) {
      const bool same = scope.system != 0 && scope.unit == 0 && scope.version == 0 &&
                        system.system().system_id() == state.names.Name(scope.system) &&
                        system.system().organisation_id() == state.names.Name(scope.organisation);
      if (same) frame.open_count = system.open_count();
    }
    frame.as_of = state.as_of;
    frame.recorded_at_ms = state.recorded_at_ms;
    frame.epoch = state.epoch();
    frame.policy = state.epochs.back();
    if (state.epoch() > 1) frame.previous = state.epochs[state.epochs.size() - 2];
    frame.time_zone = state.store.time_zone();
    frame.named = NamedScope(scope, state.names);
    return frame;
  });
}

// V6: the verdict of the epoch before, for 90 days.
void PutPreviousEpoch(const Frame& frame, const ScopeKey& scope, Egress& egress, Summary* summary) {
  if (!frame.previous.has_value()) return;
  const int64_t until_ms = frame.policy.activated_at_ms() + base::kPreviousEpochMs;
  if (frame.recorded_at_ms > until_ms) return;
  const int32_t epoch = frame.epoch - 1;
  if (egress.Decide(epoch, {})->Of(scope) != SUPPRESSION_NONE) return;
  const auto tally = egress.FindTally({.epoch = epoch, .scope = scope, .period = {}});
  // An alarm that was open when the epoch ended withholds its green too (V4).
  Look look = frame.look;
  look.alarm_open = look.alarm_open && look.alarm_position < frame.policy.position();
  const auto found = ConcludeLook(*tally, frame.previous->activated().policy(), look).found;
  PreviousEpoch* previous = summary->mutable_previous_epoch();
  *previous->mutable_policy() = Reference(*frame.previous, epoch);
  previous->set_verdict(found.verdict);
  previous->set_certainty(found.certainty);
  previous->set_until_ms(until_ms);
}

bool IsFinal(const Frame& frame, const PeriodKey& period) {
  if (period.kind == PERIOD_KIND_CUMULATIVE) return false;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(frame.time_zone, &zone)) return false;
  const int64_t grace_ms = frame.policy.activated().policy().closing().period_grace_ms();
  return frame.recorded_at_ms - grace_ms > decision::PeriodEndMs(period, zone);
}

ScopeVerdict ShortVerdict(const Scope& named, Suppression suppression, const decision::Tally& tally,
                          const vigie::config::v1::Policy& policy, const Look& look) {
  ScopeVerdict verdict;
  *verdict.mutable_scope() = named;
  verdict.set_suppression(suppression);
  verdict.set_verdict(VERDICT_UNDETERMINED);
  if (suppression != SUPPRESSION_NONE) return verdict;
  const Conclusion conclusion = ConcludeLook(tally, policy, look);
  verdict.set_verdict(conclusion.found.verdict);
  verdict.set_certainty(conclusion.found.certainty);
  verdict.set_change_alarm_open(conclusion.change_alarm_open);
  verdict.set_live_flag(conclusion.live_flag);
  verdict.set_closed_count(tally.closed);
  return verdict;
}

}  // namespace

absl::StatusOr<GetSummaryResponse> Oversight::GetSummary(const GetSummaryRequest& request) {
  VIGIE_ASSIGN_OR_RETURN(
      const PeriodKey period,
      decision::ParsePeriod(request.period().kind(), request.period().first_day()));
  VIGIE_ASSIGN_OR_RETURN(const ScopeKey scope, ResolveScope(request.scope()));
  const Frame frame = MakeFrame(engine_->published(), scope, period);
  GetSummaryResponse response;
  Summary* summary = response.mutable_summary();
  *summary->mutable_scope() = frame.named;
  summary->mutable_period()->set_kind(period.kind);
  summary->mutable_period()->set_first_day(decision::FirstDayText(period));
  *summary->mutable_policy() = Reference(frame.policy, frame.epoch);
  summary->set_final(IsFinal(frame, period));
  summary->set_suppression(egress_->Decide(frame.epoch, period)->Of(scope));
  if (summary->suppression() != SUPPRESSION_NONE) {
    summary->set_verdict(VERDICT_UNDETERMINED);
    summary->add_caveats("Figures are withheld: the cell is too small, or would reveal one.");
  } else {
    const auto tally = egress_->FindTally({.epoch = frame.epoch, .scope = scope, .period = period});
    FillFromTally(*tally, frame.policy.activated().policy(), frame.look, summary);
    if (period.kind != PERIOD_KIND_CUMULATIVE) summary->set_live_flag(false);
    *summary->mutable_alarms() = {frame.alarms.begin(), frame.alarms.end()};
    *summary->mutable_draws() = {frame.draws.begin(), frame.draws.end()};
    summary->mutable_workload()->set_open_count(frame.open_count);
    *summary->mutable_estimand() =
        EstimandOf(*summary, frame.policy.activated().policy(), frame.sources, request.language());
  }
  if (period.kind != PERIOD_KIND_CUMULATIVE) {
    summary->add_caveats("The verdict of a period is a look of its own (V5).");
  } else {
    PutPreviousEpoch(frame, scope, *egress_, summary);
  }
  summary->set_as_of(frame.as_of);
  for (std::string& sentence : ExplainSummary(*summary, request.language())) {
    summary->add_explanation(std::move(sentence));
  }
  return response;
}

absl::StatusOr<ListScopesResponse> Oversight::ListScopes(const ListScopesRequest& request) {
  int64_t from = 0;
  if (!request.page_token().empty() &&
      (!absl::SimpleAtoi(request.page_token(), &from) || from < 0)) {
    return absl::InvalidArgumentError("page_token: not one this server gave; start without it");
  }
  const bool test = request.environment() == ENVIRONMENT_TEST;
  const auto page = static_cast<size_t>(PageSize(request.page_size()));
  struct Row {
    ScopeKey scope;
    Scope named;
    std::shared_ptr<const decision::Tally> tally;
    Look look;
  };
  std::vector<Row> rows;
  ListScopesResponse response;
  vigie::config::v1::Policy policy;
  int32_t epoch = 0;
  engine_->published().Read([&](const PublishedState& state) {
    response.set_as_of(state.as_of);
    response.set_overflow_count(state.scope_overflow_count);
    epoch = state.epoch();
    policy = state.epochs.back().activated().policy();
    const decision::NameIndex organisation = state.names.Find(request.organisation_id());
    for (size_t i = static_cast<size_t>(from); i < state.scopes.size(); ++i) {
      const ScopeKey& scope = state.scopes[i];
      if (scope.test != test) continue;
      if (!request.organisation_id().empty() && scope.organisation != organisation) continue;
      if (rows.size() == page) {
        response.set_next_page_token(base::Cat(i));
        break;
      }
      auto tally = state.Tally({.epoch = epoch, .scope = scope, .period = {}});
      if (tally == nullptr) tally = std::make_shared<const decision::Tally>();
      rows.push_back({scope, NamedScope(scope, state.names), std::move(tally),
                      LookAt(state, scope, {}, static_cast<int64_t>(i) + 1)});
    }
  });
  const auto disclosure = egress_->Decide(epoch, {});
  for (const Row& row : rows) {
    *response.add_scopes() =
        ShortVerdict(row.named, disclosure->Of(row.scope), *row.tally, policy, row.look);
  }
  return response;
}

}  // namespace vigie::oversight
