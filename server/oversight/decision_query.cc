// SPDX-License-Identifier: Apache-2.0
// Questions about decisions: GetDecision and ListDecisions.
#include <algorithm>

#include "base/cat.h"
#include "base/status_macros.h"
#include "decision/timeline.h"
#include "engine/codec.h"
#include "oversight/chain.h"
#include "oversight/decision_scan.h"
#include "oversight/decision_view.h"
#include "oversight/explain.h"
#include "oversight/oversight.h"
#include "oversight/recorded_event.h"
#include "oversight/summary.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using decision::NameIndex;
using decision::ScopeKey;
using State = engine::DecisionState;
using engine::PublishedState;
using engine::Stage;

// Rows that one ListDecisions call looks at; a selective filter gets short pages, not long waits.
constexpr int kMaxRowsLookedAt = 100'000;

bool HasReason(const State& state, const google::protobuf::RepeatedField<int>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&state](int reason) {
    const auto& reasons = state.finding.reasons;
    return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
  });
}

bool Matches(const State& state, const ScopeKey& scope, const ListDecisionsRequest& request) {
  const auto& finding = state.finding;
  if (state.stage != Stage::kClosed && (request.degrees_size() > 0 || request.reasons_size() > 0)) {
    return false;
  }
  if (scope.system != 0 && state.system != scope.system) return false;
  if (scope.unit != 0 && finding.unit != scope.unit) return false;
  if (scope.version != 0 && finding.version != scope.version) return false;
  if (state.stage == Stage::kClosed && state.test != scope.test) return false;
  if (!InSpan(finding.decisive_at_ms, request.from_ms(), request.to_ms())) return false;
  const auto& degrees = request.degrees();
  if (!degrees.empty() &&
      std::find(degrees.begin(), degrees.end(), finding.degree) == degrees.end()) {
    return false;
  }
  return request.reasons().empty() || HasReason(state, request.reasons());
}

// Where a withheld scope could be counted from a list, the list does not say that it is there.
void HideWithheldScopes(const State& state, const Disclosure& disclosure, Scope* named) {
  if (state.stage != Stage::kClosed) return;
  const auto withheld = [&](NameIndex system, NameIndex version, NameIndex unit) {
    return disclosure.Of({.organisation = state.organisation,
                          .system = system,
                          .version = version,
                          .unit = unit,
                          .test = state.test}) != SUPPRESSION_NONE;
  };
  const auto& finding = state.finding;
  if (withheld(0, 0, finding.unit) || withheld(state.system, 0, finding.unit)) {
    named->clear_unit_id();
  }
  if (withheld(state.system, finding.version, 0)) named->clear_system_version();
}

// The order of rule L2.
void SortEvents(google::protobuf::RepeatedPtrField<RecordedEvent>* events) {
  std::sort(events->begin(), events->end(), [](const RecordedEvent& a, const RecordedEvent& b) {
    if (a.event().occurred_at_ms() != b.event().occurred_at_ms()) {
      return a.event().occurred_at_ms() < b.event().occurred_at_ms();
    }
    return a.position() < b.position();
  });
  for (const RecordedEvent& voiding : *events) {
    if (!voiding.event().has_voided()) continue;
    for (RecordedEvent& event : *events) {
      if (event.event().event_id() == voiding.event().voided().voided_event_id()) {
        event.set_voided(true);
      }
    }
  }
}

}  // namespace

absl::StatusOr<GetDecisionResponse> Oversight::GetDecision(const GetDecisionRequest& request) {
  if (const auto refusal = engine::CheckIdentifier("decision_id", request.decision_id(), true)) {
    return engine::ToStatus(*refusal);
  }
  VIGIE_ASSIGN_OR_RETURN(const Fresh fresh, ReadFresh());
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation,
                         ResolveOrganisation(request.organisation_id()));
  const decision::NameIndex number = engine_->published().Read(
      [&](const PublishedState& state) { return state.names.Find(organisation); });
  const std::string key =
      store::DecisionKey(number, store::IdSpace::kDecision, request.decision_id());
  VIGIE_ASSIGN_OR_RETURN(const auto row, fresh.reader->Get(store::Family::kDecisions, key));
  if (!row.has_value()) return absl::NotFoundError("decision_id: no event of it was recorded");
  VIGIE_ASSIGN_OR_RETURN(const State state, engine::DecodeDecision(key, *row));
  GetDecisionResponse response;
  *response.mutable_decision() = engine_->published().Read([&](const PublishedState& published) {
    return DescribeDecision(state, published, request.language());
  });
  int64_t purged_count = 0;
  for (const int64_t position : engine::EventPositions(state)) {
    auto recorded = ReadRecordedEvent(*fresh.reader, position);
    if (absl::IsNotFound(recorded.status())) {
      ++purged_count;
      continue;
    }
    VIGIE_RETURN_IF_ERROR(recorded.status());
    *response.add_events() = *std::move(recorded);
    const bool late = state.stage == Stage::kClosed &&
                      response.events().rbegin()->recorded_at_ms() > state.closed_at_ms;
    response.mutable_events()->rbegin()->set_late(late);
  }
  SortEvents(response.mutable_events());
  VIGIE_RETURN_IF_ERROR(FollowChain(*fresh.reader, number, &response));
  engine_->published().Read([&](const PublishedState& published) {
    const int32_t epoch = state.epoch != 0 ? state.epoch : published.epoch();
    *response.mutable_policy() = Reference(published.epochs[static_cast<size_t>(epoch) - 1], epoch);
  });
  response.set_as_of(fresh.as_of);
  for (std::string& sentence : ExplainDecision(response, purged_count, request.language())) {
    response.mutable_decision()->add_explanation(std::move(sentence));
  }
  return response;
}

absl::StatusOr<ListDecisionsResponse> Oversight::ListDecisions(
    const ListDecisionsRequest& request) {
  VIGIE_ASSIGN_OR_RETURN(const std::string from, ReadPageToken(request.page_token()));
  VIGIE_ASSIGN_OR_RETURN(const Fresh fresh, ReadFresh());
  VIGIE_ASSIGN_OR_RETURN(const ScopeKey scope,
                         ResolveScope(request.scope(), /*must_be_known=*/false));
  const auto disclosure = egress_->Decide(
      engine_->published().Read([](const PublishedState& state) { return state.epoch(); }), {});
  const bool part = scope.unit != 0 || scope.version != 0;
  if (part && disclosure->Of(scope) != SUPPRESSION_NONE) {
    return absl::FailedPreconditionError(
        "scope: withheld, for its cell is small or would reveal a small one; ask for a wider "
        "scope");
  }
  ListDecisionsResponse response;
  int looked_at = 0;
  const int page = PageSize(request.page_size());
  VIGIE_RETURN_IF_ERROR(ForEachDecision(
      *fresh.reader, scope.organisation, store::IdSpace::kDecision, from,
      [&](std::string_view key, const State& state) -> absl::Status {
        if (response.decisions_size() == page || looked_at++ == kMaxRowsLookedAt) {
          response.set_next_page_token(MakePageToken(key));
          return absl::CancelledError("the page is full");
        }
        if (!Matches(state, scope, request)) return absl::OkStatus();
        *response.add_decisions() = engine_->published().Read(
            [&](const PublishedState& published) { return DescribeDecision(state, published); });
        HideWithheldScopes(state, *disclosure,
                           response.mutable_decisions()->rbegin()->mutable_scope());
        return absl::OkStatus();
      }));
  response.set_as_of(fresh.as_of);
  return response;
}

}  // namespace vigie::oversight
