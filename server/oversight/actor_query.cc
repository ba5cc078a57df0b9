// SPDX-License-Identifier: Apache-2.0
// Figures of one person, found by scanning decisions. No per-person tally is ever stored.
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "oversight/decision_scan.h"
#include "oversight/oversight.h"
#include "oversight/summary.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

using engine::PublishedState;

}  // namespace

absl::StatusOr<vigie::v1::GetActorSummaryResponse> Oversight::GetActorSummary(
    const vigie::v1::GetActorSummaryRequest& request, const std::string& caller) {
  VIGIE_RETURN_IF_ERROR(CheckPurpose(request.reason(), "one person's figures are asked for"));
  if (const auto refusal = engine::CheckIdentifier("actor_id", request.actor_id(), true)) {
    return engine::ToStatus(*refusal);
  }
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation,
                         ResolveOrganisation(request.organisation_id()));
  const decision::Pseudonym actor = pseudonyms_->OfActor(organisation, request.actor_id());
  vigie::store::v1::Record record;
  auto* access = record.mutable_restricted_access();
  access->set_organisation_id(organisation);
  access->set_actor_pseudonym(std::string(actor.begin(), actor.end()));
  access->set_key_epoch(pseudonyms_->epoch());
  access->set_reason(request.reason());
  access->set_caller(caller);
  VIGIE_ASSIGN_OR_RETURN(const Fresh fresh, ReadFresh(std::move(record)));

  struct Frame {
    decision::NameIndex organisation = 0;
    decision::NameIndex system = 0;
    int32_t epoch = 0;
    vigie::store::v1::PolicyEpoch policy;
    Look look;
  };
  const Frame frame = engine_->published().Read([&](const PublishedState& state) {
    return Frame{.organisation = state.names.Find(organisation),
                 .system = state.names.Find(request.system_id()),
                 .epoch = state.epoch(),
                 .policy = state.epochs.back(),
                 .look = {.standings = state.StandingsOf(state.names.Find(organisation))}};
  });
  if (!request.system_id().empty() && frame.system == 0) {
    return absl::NotFoundError("system_id: not known; list what is with ListSystems");
  }
  decision::Tally tally;
  VIGIE_RETURN_IF_ERROR(ForEachDecision(
      *fresh.reader, frame.organisation, store::IdSpace::kDecision, "",
      [&](std::string_view, const engine::DecisionState& state) {
        const bool counts = state.stage == engine::Stage::kClosed && !state.test &&
                            state.epoch == frame.epoch && state.finding.actor == actor &&
                            (frame.system == 0 || state.system == frame.system);
        if (counts) AddDecision(state, tally);
        return absl::OkStatus();
      }));
  if (tally.closed == 0) {
    return absl::NotFoundError("actor_id: no closed decision of this person under this policy");
  }
  vigie::v1::GetActorSummaryResponse response;
  vigie::v1::Summary* summary = response.mutable_summary();
  FillFromTally(tally, frame.policy.activated().policy(), frame.look, summary);
  DropVerdict(summary);
  summary->mutable_scope()->set_organisation_id(organisation);
  summary->mutable_scope()->set_system_id(request.system_id());
  summary->mutable_scope()->set_environment(vigie::v1::ENVIRONMENT_PRODUCTION);
  summary->mutable_period()->set_kind(vigie::v1::PERIOD_KIND_CUMULATIVE);
  *summary->mutable_policy() = Reference(frame.policy, frame.epoch);
  summary->set_suppression(vigie::v1::SUPPRESSION_NONE);
  summary->set_as_of(fresh.as_of);
  response.set_access_position(fresh.record_position);
  return response;
}

}  // namespace vigie::oversight
