// SPDX-License-Identifier: Apache-2.0
// Plans of seeded items (N4).
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/time/civil_time.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "decision/codes.h"
#include "oversight/measures.h"
#include "privacy/random_bytes.h"
#include "store/digest.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using engine::PublishedState;

constexpr int kSaltBytes = 32;
constexpr int kMaxRatePermille = 200;
constexpr int kMaxPerActorDay = 20;
constexpr int kMaxStopAfter = 10;

absl::Status OutOfRange(std::string_view field, int64_t got, int64_t least, int64_t most) {
  return absl::InvalidArgumentError(
      base::Cat("plan.", field, ": got ", got, ", want ", least, " to ", most));
}

absl::Status CheckPlan(const ProbePlan& plan) {
  for (const auto& refusal : {engine::CheckIdentifier("plan.plan_id", plan.plan_id(), true),
                              engine::CheckIdentifier("plan.system_id", plan.system_id(), true)}) {
    if (refusal.has_value()) return engine::ToStatus(*refusal);
  }
  const auto reference = absl::StripAsciiWhitespace(plan.ethics_reference()).size();
  if (reference < base::kMinReasonChars || plan.ethics_reference().size() > base::kMaxTitleChars) {
    return absl::InvalidArgumentError(base::Cat(
        "plan.ethics_reference: got ", reference, " characters, want ", base::kMinReasonChars,
        " to ", base::kMaxTitleChars, ": the approval of the ethics body for planting cases"));
  }
  if (plan.rate_permille() < 1 || plan.rate_permille() > kMaxRatePermille) {
    return OutOfRange("rate_permille", plan.rate_permille(), 1, kMaxRatePermille);
  }
  if (plan.limit_per_actor_day() < 1 || plan.limit_per_actor_day() > kMaxPerActorDay) {
    return OutOfRange("limit_per_actor_day", plan.limit_per_actor_day(), 1, kMaxPerActorDay);
  }
  if (plan.stop_after_applied_count() < 1 || plan.stop_after_applied_count() > kMaxStopAfter) {
    return OutOfRange("stop_after_applied_count", plan.stop_after_applied_count(), 1,
                      kMaxStopAfter);
  }
  if (plan.stop_at_ms() < 0) {
    return OutOfRange("stop_at_ms", plan.stop_at_ms(), 0, INT64_MAX);
  }
  return absl::OkStatus();
}

absl::Status CheckItem(const ProbeItem& item, std::string_view path) {
  const auto check_codes = [&](std::string_view field, const auto& codes) -> absl::Status {
    if (codes.empty() || codes.size() > base::kMaxCodes) {
      return absl::InvalidArgumentError(base::Cat(path, ".", field, ": got ", codes.size(),
                                                  " codes, want 1 to ", base::kMaxCodes));
    }
    for (const Code& code : codes) {
      for (const auto& refusal :
           {engine::CheckIdentifier(base::Cat(path, ".", field, ".code"), code.code(), true),
            engine::CheckIdentifier(base::Cat(path, ".", field, ".system"), code.system(),
                                    false)}) {
        if (refusal.has_value()) return engine::ToStatus(*refusal);
      }
    }
    return absl::OkStatus();
  };
  if (const auto refusal =
          engine::CheckIdentifier(base::Cat(path, ".decision_id"), item.decision_id(), true)) {
    return engine::ToStatus(*refusal);
  }
  VIGIE_RETURN_IF_ERROR(check_codes("suggestions", item.suggestions()));
  VIGIE_RETURN_IF_ERROR(check_codes("truth", item.truth()));
  if (decision::CanonicalCodes(item.suggestions()) == decision::CanonicalCodes(item.truth())) {
    return absl::InvalidArgumentError(base::Cat(
        path,
        ".truth: got the codes of the suggestion, want others: a seeded suggestion is wrong"));
  }
  return absl::OkStatus();
}

absl::Status CheckItems(const CommitPlanRequest& request) {
  if (request.items().empty() || request.items_size() > base::kMaxProbeItems) {
    return absl::InvalidArgumentError(
        base::Cat("items: got ", request.items_size(), ", want 1 to ", base::kMaxProbeItems));
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.items_size(); ++i) {
    VIGIE_RETURN_IF_ERROR(CheckItem(request.items(i), base::Cat("items[", i, "]")));
    if (!seen.insert(request.items(i).decision_id()).second) {
      return absl::InvalidArgumentError(
          base::Cat("items[", i, "].decision_id: given twice, want each once"));
    }
  }
  return absl::OkStatus();
}

// The bytes that are hashed and sealed: fields in order, no unknown ones.
std::string Canonical(const ProbeManifest& manifest) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  manifest.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

absl::Status UnknownPlan() {
  return absl::NotFoundError("plan_id: no such plan; list them with ListPlans");
}

}  // namespace

absl::StatusOr<CommitPlanResponse> Measures::CommitPlan(const CommitPlanRequest& request,
                                                        const std::string& caller) {
  VIGIE_RETURN_IF_ERROR(CheckPlan(request.plan()));
  VIGIE_RETURN_IF_ERROR(CheckItems(request));
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation, Organisation(request.organisation_id()));
  ProbeManifest manifest;
  *manifest.mutable_items() = request.items();
  VIGIE_ASSIGN_OR_RETURN(*manifest.mutable_salt(), privacy::RandomBytes(kSaltBytes));
  vigie::store::v1::ProbePlanCommitted committed;
  committed.set_organisation_id(organisation);
  *committed.mutable_plan() = request.plan();
  committed.set_manifest(Canonical(manifest));
  committed.set_manifest_sha256(store::Sha256(committed.manifest()));
  committed.set_caller(caller);
  VIGIE_ASSIGN_OR_RETURN(
      const int64_t position,
      Append([&](engine::Fold& fold) -> absl::StatusOr<vigie::store::v1::Record> {
        if (fold.plans().all().size() >= base::kMaxPlans) {
          return absl::ResourceExhaustedError(
              base::Cat("plan.plan_id: got one more, want at most ", base::kMaxPlans));
        }
        if (fold.plans().FindPlan(organisation, request.plan().plan_id()) != nullptr) {
          return absl::AlreadyExistsError(
              "plan.plan_id: a plan of this name exists; choose another");
        }
        for (const ProbeItem& item : request.items()) {
          VIGIE_ASSIGN_OR_RETURN(const bool known, fold.Knows(organisation, item.decision_id()));
          if (known || fold.plans().Find(organisation, item.decision_id()) != nullptr) {
            return absl::AlreadyExistsError(
                "items.decision_id: one is in use already; commit before planting, with new ones");
          }
        }
        vigie::store::v1::Record record;
        *record.mutable_probe_plan_committed() = committed;
        return record;
      }));
  CommitPlanResponse response;
  response.set_manifest_sha256(absl::BytesToHexString(committed.manifest_sha256()));
  response.set_log_position(position);
  return response;
}

absl::StatusOr<HandOutItemResponse> Measures::HandOutItem(const HandOutItemRequest& request) {
  if (const auto refusal = engine::CheckIdentifier("actor_id", request.actor_id(), true)) {
    return engine::ToStatus(*refusal);
  }
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation, Organisation(request.organisation_id()));
  const decision::Pseudonym pseudonym = pseudonyms_->OfActor(organisation, request.actor_id());
  const std::string actor(pseudonym.begin(), pseudonym.end());
  HandOutItemResponse response;
  VIGIE_RETURN_IF_ERROR(
      Append([&](engine::Fold& fold) -> absl::StatusOr<vigie::store::v1::Record> {
        const engine::Plan* plan = fold.plans().FindPlan(organisation, request.plan_id());
        if (plan == nullptr) return UnknownPlan();
        const int64_t now_ms = clock_->NowMs();
        const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMillis(now_ms), fold.zone());
        VIGIE_ASSIGN_OR_RETURN(
            const int32_t item,
            engine::Plans::NextItem(*plan, actor,
                                    static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1)), now_ms,
                                    fold.ClosedCount(organisation, plan->plan().system_id())));
        ProbeManifest manifest;
        manifest.ParseFromString(plan->committed->manifest());
        *response.mutable_item() = manifest.items(item);
        response.set_remaining_count(manifest.items_size() - item - 1);
        vigie::store::v1::Record record;
        auto* handed_out = record.mutable_probe_handed_out();
        handed_out->set_organisation_id(organisation);
        handed_out->set_plan_id(request.plan_id());
        handed_out->set_item(item);
        handed_out->set_actor_pseudonym(actor);
        handed_out->set_key_epoch(pseudonyms_->epoch());
        return record;
      }).status());
  return response;
}

absl::StatusOr<StopPlanResponse> Measures::StopPlan(const StopPlanRequest& request,
                                                    const std::string& caller) {
  VIGIE_RETURN_IF_ERROR(CheckPurpose(request.reason(), "the plan is stopped"));
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation, Organisation(request.organisation_id()));
  VIGIE_ASSIGN_OR_RETURN(
      const int64_t position,
      Append([&](engine::Fold& fold) -> absl::StatusOr<vigie::store::v1::Record> {
        const engine::Plan* plan = fold.plans().FindPlan(organisation, request.plan_id());
        if (plan == nullptr) return UnknownPlan();
        if (plan->view.stopped_position() != 0) {
          return absl::FailedPreconditionError("plan_id: the plan is stopped already");
        }
        vigie::store::v1::Record record;
        auto* stopped = record.mutable_probe_plan_stopped();
        stopped->set_organisation_id(organisation);
        stopped->set_plan_id(request.plan_id());
        stopped->set_reason(request.reason());
        stopped->set_caller(caller);
        return record;
      }));
  StopPlanResponse response;
  response.set_log_position(position);
  return response;
}

absl::StatusOr<RevealPlanResponse> Measures::RevealPlan(const RevealPlanRequest& request,
                                                        const std::string& caller) {
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation, Organisation(request.organisation_id()));
  VIGIE_ASSIGN_OR_RETURN(
      const int64_t position,
      Append([&](engine::Fold& fold) -> absl::StatusOr<vigie::store::v1::Record> {
        const engine::Plan* plan = fold.plans().FindPlan(organisation, request.plan_id());
        if (plan == nullptr) return UnknownPlan();
        if (!plan->IsOver(clock_->NowMs())) {
          return absl::FailedPreconditionError(
              "plan_id: the plan runs; stop it first, for a revealed item is no test any more");
        }
        vigie::store::v1::Record record;
        auto* revealed = record.mutable_probe_plan_revealed();
        revealed->set_organisation_id(organisation);
        revealed->set_plan_id(request.plan_id());
        revealed->set_caller(caller);
        return record;
      }));
  RevealPlanResponse response;
  response.set_log_position(position);
  return response;
}

ListPlansResponse Measures::ListPlans() const {
  ListPlansResponse response;
  oversight_->engine().published().Read([&](const PublishedState& state) {
    for (const engine::Plan& plan : state.plans) {
      PlanState* row = response.add_plans();
      row->set_organisation_id(plan.committed->organisation_id());
      *row->mutable_plan() = plan.plan();
      row->set_manifest_sha256(absl::BytesToHexString(plan.committed->manifest_sha256()));
      row->set_item_count(plan.item_count);
      row->set_handed_out_count(plan.view.hand_outs_size());
      row->set_closed_count(plan.view.closed_count());
      row->set_applied_count(plan.view.applied_count());
      row->set_committed_position(plan.view.position());
      row->set_committed_at_ms(plan.view.committed_at_ms());
      row->set_stopped_position(plan.view.stopped_position());
      row->set_stop_reason(plan.view.stop_reason());
      row->set_revealed_position(plan.view.revealed_position());
    }
    response.set_as_of(state.as_of);
  });
  return response;
}

absl::StatusOr<GetManifestResponse> Measures::GetManifest(const GetManifestRequest& request) const {
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation, Organisation(request.organisation_id()));
  return oversight_->engine().published().Read(
      [&](const PublishedState& state) -> absl::StatusOr<GetManifestResponse> {
        for (const engine::Plan& plan : state.plans) {
          if (plan.committed->organisation_id() != organisation ||
              plan.plan().plan_id() != request.plan_id()) {
            continue;
          }
          if (plan.view.revealed_position() == 0) {
            return absl::FailedPreconditionError("plan_id: sealed; stop the plan and reveal it");
          }
          GetManifestResponse response;
          response.mutable_manifest()->ParseFromString(plan.committed->manifest());
          response.set_canonical(plan.committed->manifest());
          response.set_manifest_sha256(absl::BytesToHexString(plan.committed->manifest_sha256()));
          return response;
        }
        return UnknownPlan();
      });
}

}  // namespace vigie::oversight
