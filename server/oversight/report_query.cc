// SPDX-License-Identifier: Apache-2.0
// Many scopes at once (V7).
#include <algorithm>
#include <cmath>
#include <set>

#include "base/cat.h"
#include "base/status_macros.h"
#include "oversight/look.h"
#include "oversight/oversight.h"
#include "oversight/summary.h"
#include "stats/many.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using decision::ScopeKey;
using engine::PublishedState;

bool IsOfKind(const ScopeKey& scope, ScopeKind kind) {
  switch (kind) {
    case SCOPE_KIND_SYSTEM:
      return scope.system != 0 && scope.version == 0 && scope.unit == 0;
    case SCOPE_KIND_SYSTEM_VERSION:
      return scope.version != 0;
    case SCOPE_KIND_UNIT:
      return scope.unit != 0 && scope.system == 0;
    case SCOPE_KIND_SYSTEM_UNIT:
      return scope.unit != 0 && scope.system != 0;
    default:
      return false;
  }
}

struct Compared {
  ScopeKey scope;
  Scope named;
  Look look;
  decision::VerdictFinding found{};
  int64_t closed = 0;
  double log_e = 0;
};

bool HasTrials(const decision::VerdictFinding& found) {
  return std::any_of(found.indicators.begin(), found.indicators.end(),
                     [](const auto& indicator) { return indicator.counts.trials > 0; });
}

}  // namespace

absl::StatusOr<GetReportResponse> Oversight::GetReport(const GetReportRequest& request) {
  if (request.kind() == SCOPE_KIND_UNSPECIFIED || !ScopeKind_IsValid(request.kind())) {
    return absl::InvalidArgumentError("kind: want SYSTEM, SYSTEM_VERSION, UNIT or SYSTEM_UNIT");
  }
  VIGIE_ASSIGN_OR_RETURN(
      const decision::PeriodKey period,
      decision::ParsePeriod(request.period().kind(), request.period().first_day()));
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation,
                         ResolveOrganisation(request.organisation_id()));
  std::vector<Compared> scopes;
  GetReportResponse response;
  vigie::config::v1::Policy policy;
  int32_t epoch = 0;
  engine_->published().Read([&](const PublishedState& state) {
    epoch = state.epoch();
    policy = state.epochs.back().activated().policy();
    *response.mutable_policy() = Reference(state.epochs.back(), epoch);
    response.set_as_of(state.as_of);
    const decision::NameIndex number = state.names.Find(organisation);
    for (const ScopeKey& scope : state.scopes) {
      if (scope.test || scope.organisation != number || !IsOfKind(scope, request.kind())) continue;
      scopes.push_back({.scope = scope,
                        .named = NamedScope(scope, state.names),
                        .look = LookAt(state, scope, period, 0)});
    }
  });
  const auto disclosure = egress_->Decide(epoch, period);
  std::vector<Compared> compared;
  for (Compared& row : scopes) {
    const auto tally = egress_->FindTally({.epoch = epoch, .scope = row.scope, .period = period});
    row.found = ConcludeLook(*tally, policy, row.look).found;
    row.closed = tally->closed;
    if (!HasTrials(row.found)) {
      response.set_empty_count(response.empty_count() + 1);
    } else if (disclosure->Of(row.scope) != SUPPRESSION_NONE) {
      response.set_withheld_count(response.withheld_count() + 1);
    } else {
      row.log_e = decision::LogScopeE(row.found);
      compared.push_back(std::move(row));
    }
  }
  std::stable_sort(compared.begin(), compared.end(),
                   [](const Compared& a, const Compared& b) { return a.log_e > b.log_e; });
  std::vector<double> logs;
  for (const Compared& row : compared) logs.push_back(row.log_e);
  const double level = policy.evidence().false_discovery_ratio();
  const auto flagged = stats::EBenjaminiHochberg(logs, level);
  const std::set<size_t> chosen(flagged.begin(), flagged.end());
  for (size_t i = 0; i < compared.size(); ++i) {
    ReportRow* row = response.add_rows();
    *row->mutable_scope() = compared[i].named;
    row->set_verdict(compared[i].found.verdict);
    row->set_certainty(compared[i].found.certainty);
    row->set_log_e(std::isinf(compared[i].log_e) ? -1e300 : compared[i].log_e);
    row->set_flagged(chosen.contains(i));
    row->set_closed_count(compared[i].closed);
    if (compared[i].found.verdict == VERDICT_EFFECTIVELY_AUTOMATED) {
      response.set_naive_count(response.naive_count() + 1);
    }
  }
  response.set_compared_count(static_cast<int64_t>(compared.size()));
  response.set_flagged_count(static_cast<int64_t>(flagged.size()));
  response.set_false_discovery_ratio(level);
  response.add_caveats(base::Cat(
      "e-BH at ", level, " on the present evidence of ", compared.size(),
      " scopes: on average at most this share of the flagged ones are flagged wrongly (V7)."));
  response.add_caveats(base::Cat(response.withheld_count(), " withheld and ",
                                 response.empty_count(), " empty scopes are left out."));
  response.add_caveats("Thresholds are the policy's, not the law's.");
  return response;
}

}  // namespace vigie::oversight
