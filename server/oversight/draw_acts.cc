// SPDX-License-Identifier: Apache-2.0
// Drawing decisions for expert truth (N2).
#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/codec.h"
#include "oversight/decision_scan.h"
#include "oversight/draw_view.h"
#include "oversight/measures.h"
#include "oversight/summary.h"
#include "privacy/random_bytes.h"
#include "store/digest.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using engine::PublishedState;

constexpr int kSeedBytes = 16;

// Decisions that could be drawn, by the name of their stratum.
using Population = std::map<std::string, std::vector<std::string>>;

bool CanBeDrawn(const engine::DecisionState& state, const decision::ScopeKey& scope,
                const DrawAuditRequest& request) {
  const auto& finding = state.finding;
  // Seeded decisions are drawn like any other, or a draw would tell them apart (N4); their answers
  // count as returned and for nothing else.
  return state.stage == engine::Stage::kClosed && !state.test && finding.exposed &&
         !finding.suggested.empty() && (scope.system == 0 || state.system == scope.system) &&
         (scope.version == 0 || finding.version == scope.version) &&
         (scope.unit == 0 || finding.unit == scope.unit) &&
         InSpan(finding.decisive_at_ms, request.from_ms(), request.to_ms());
}

// Units that are withheld are one stratum, so that no draw shows a small cell.
constexpr char kSmallUnits[] = "_small";

std::string StratumOf(const engine::DecisionState& state, Stratification stratification,
                      const std::vector<std::string>& names, const Disclosure& disclosure) {
  switch (stratification) {
    case STRATIFICATION_UNIT: {
      const decision::ScopeKey unit = {.organisation = state.organisation,
                                       .unit = state.finding.unit};
      if (disclosure.Of(unit) != SUPPRESSION_NONE) return kSmallUnits;
      return names[static_cast<size_t>(state.finding.unit)];
    }
    case STRATIFICATION_DEGREE:
      return std::string(absl::StripPrefix(Degree_Name(state.finding.degree), "DEGREE_"));
    default:
      return {};
  }
}

// The decisions with the smallest digests of seed and identifier: anyone with seed and population
// draws the same.
std::vector<std::string> Sample(std::vector<std::string> population, const std::string& seed,
                                size_t count) {
  std::vector<std::pair<std::string, std::string>> ranked;
  ranked.reserve(population.size());
  for (std::string& id : population) {
    ranked.emplace_back(store::Sha256(base::Cat(seed, "\n", id)), std::move(id));
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> sample;
  for (size_t i = 0; i < count; ++i) sample.push_back(std::move(ranked[i].second));
  return sample;
}

// Fills strata and samples from the draw's fraction and seed.
absl::Status DrawSamples(Population&& population, vigie::store::v1::AuditDrawn& drawn) {
  AuditDraw* draw = drawn.mutable_draw();
  size_t total = 0;
  for (auto& [name, ids] : population) {
    const size_t size = ids.size();
    const auto count = static_cast<size_t>(std::ceil(draw->fraction() * static_cast<double>(size)));
    total += count;
    if (total > base::kMaxDrawnDecisions) {
      return absl::ResourceExhaustedError(
          base::Cat("fraction: got more than ", base::kMaxDrawnDecisions,
                    " decisions, want fewer; draw a smaller share"));
    }
    Stratum* stratum = draw->add_strata();
    stratum->set_name(name);
    stratum->set_population_count(static_cast<int64_t>(size));
    stratum->set_sample_count(static_cast<int64_t>(count));
    stratum->set_inclusion_ratio(static_cast<double>(count) / static_cast<double>(size));
    auto* sample = drawn.add_samples();
    for (std::string& id : Sample(std::move(ids), draw->seed(), count)) {
      sample->add_decision_ids(std::move(id));
    }
  }
  return absl::OkStatus();
}

// The decisions of a draw, as answers show them; systems are still to be named.
void PutDecisions(const vigie::store::v1::AuditDrawn& drawn,
                  google::protobuf::RepeatedPtrField<DrawnDecision>* out) {
  for (int i = 0; i < drawn.samples_size(); ++i) {
    for (const std::string& id : drawn.samples(i).decision_ids()) {
      DrawnDecision* row = out->Add();
      row->set_decision_id(id);
      row->set_stratum(drawn.draw().strata(i).name());
    }
  }
}

// Names the system of each, which the truth that comes back has to name too.
absl::Status NameSystems(Oversight& oversight, std::string_view organisation_id,
                         google::protobuf::RepeatedPtrField<DrawnDecision>* decisions) {
  std::vector<std::string> names;
  decision::NameIndex organisation = 0;
  oversight.engine().published().Read([&](const PublishedState& state) {
    for (int i = 0; i <= state.names.size(); ++i) names.push_back(state.names.Name(i));
    organisation = state.names.Find(organisation_id);
  });
  const auto reader = oversight.engine().store().Read();
  for (DrawnDecision& drawn : *decisions) {
    const std::string key =
        store::DecisionKey(organisation, store::IdSpace::kDecision, drawn.decision_id());
    VIGIE_ASSIGN_OR_RETURN(const auto row, reader->Get(store::Family::kDecisions, key));
    if (!row.has_value()) continue;
    VIGIE_ASSIGN_OR_RETURN(const engine::DecisionState state, engine::DecodeDecision(key, *row));
    drawn.set_system_id(names[static_cast<size_t>(state.system)]);
  }
  return absl::OkStatus();
}

absl::Status CheckRequest(const DrawAuditRequest& request) {
  if (!(request.fraction() > 0 && request.fraction() <= 1)) {
    return absl::InvalidArgumentError(
        base::Cat("fraction: got ", request.fraction(), ", want over 0 to 1"));
  }
  if (!Stratification_IsValid(request.stratification())) {
    return absl::InvalidArgumentError("stratification: want none, UNIT or DEGREE");
  }
  VIGIE_RETURN_IF_ERROR(CheckSpan(request.from_ms(), request.to_ms()));
  if (request.draw_id().find('/') != std::string::npos) {
    return absl::InvalidArgumentError("draw_id: got a slash, want none: it parts off the stratum");
  }
  for (const auto& refusal : {engine::CheckIdentifier("draw_id", request.draw_id(), false),
                              engine::CheckIdentifier("seed", request.seed(), false)}) {
    if (refusal.has_value()) return engine::ToStatus(*refusal);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DrawAuditResponse> Measures::DrawAudit(const DrawAuditRequest& request,
                                                      const std::string& caller) {
  VIGIE_RETURN_IF_ERROR(CheckRequest(request));
  VIGIE_ASSIGN_OR_RETURN(const Oversight::Fresh fresh, oversight_->ReadFresh());
  VIGIE_ASSIGN_OR_RETURN(const decision::ScopeKey scope, oversight_->ResolveScope(request.scope()));
  if (scope.test) {
    return absl::InvalidArgumentError("scope.environment: got TEST, want PRODUCTION");
  }
  const auto disclosure = oversight_->egress().Decide(
      oversight_->engine().published().Read([](const auto& state) { return state.epoch(); }), {});
  if (disclosure->Of(scope) != SUPPRESSION_NONE) {
    return absl::FailedPreconditionError(
        "scope: withheld, for its cell is small or would reveal a small one; draw from a wider "
        "scope");
  }
  vigie::store::v1::AuditDrawn drawn;
  std::vector<std::string> names;
  oversight_->engine().published().Read([&](const PublishedState& state) {
    for (int i = 0; i <= state.names.size(); ++i) names.push_back(state.names.Name(i));
    *drawn.mutable_draw()->mutable_scope() = NamedScope(scope, state.names);
  });
  Population population;
  VIGIE_RETURN_IF_ERROR(ForEachDecision(
      *fresh.reader, scope.organisation, store::IdSpace::kDecision, "",
      [&](std::string_view, const engine::DecisionState& state) {
        if (CanBeDrawn(state, scope, request)) {
          population[StratumOf(state, request.stratification(), names, *disclosure)].push_back(
              state.id);
        }
        return absl::OkStatus();
      }));
  if (population.empty()) {
    return absl::FailedPreconditionError(
        "scope: no closed decision to draw from; widen scope or period");
  }
  AuditDraw* draw = drawn.mutable_draw();
  drawn.set_organisation_id(draw->scope().organisation_id());
  drawn.set_caller(caller);
  draw->set_draw_id(request.draw_id());
  draw->set_from_ms(request.from_ms());
  draw->set_to_ms(request.to_ms());
  draw->set_stratification(request.stratification());
  draw->set_fraction(request.fraction());
  draw->set_population_as_of(fresh.as_of);
  draw->set_seed(request.seed());
  if (request.seed().empty()) {
    VIGIE_ASSIGN_OR_RETURN(const std::string bytes, privacy::RandomBytes(kSeedBytes));
    draw->set_seed(absl::BytesToHexString(bytes));
  }
  VIGIE_RETURN_IF_ERROR(DrawSamples(std::move(population), drawn));
  VIGIE_ASSIGN_OR_RETURN(
      const int64_t position,
      Append([&](engine::Fold& fold) -> absl::StatusOr<vigie::store::v1::Record> {
        if (fold.draws().all().size() >= base::kMaxDraws) {
          return absl::ResourceExhaustedError(
              base::Cat("draw_id: got one more, want at most ", base::kMaxDraws));
        }
        if (draw->draw_id().empty()) {
          draw->set_draw_id(base::Cat("draw-", fold.draws().all().size() + 1));
        }
        if (fold.draws().FindDraw(drawn.organisation_id(), draw->draw_id()) != nullptr) {
          return absl::AlreadyExistsError("draw_id: a draw of this name exists; choose another");
        }
        vigie::store::v1::Record record;
        *record.mutable_audit_drawn() = drawn;
        return record;
      }));
  DrawAuditResponse response;
  *response.mutable_draw() = *draw;
  response.set_log_position(position);
  PutDecisions(drawn, response.mutable_decisions());
  VIGIE_RETURN_IF_ERROR(
      NameSystems(*oversight_, drawn.organisation_id(), response.mutable_decisions()));
  return response;
}

ListDrawsResponse Measures::ListDraws() const {
  ListDrawsResponse response;
  oversight_->engine().published().Read([&](const PublishedState& state) {
    const double minimum =
        state.epochs.back().activated().policy().truth().minimum_response_ratio();
    for (const engine::Draw& draw : state.draws) {
      *response.add_draws() = DescribeDraw(draw, minimum);
    }
    response.set_as_of(state.as_of);
  });
  return response;
}

absl::StatusOr<GetDrawResponse> Measures::GetDraw(const GetDrawRequest& request) const {
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation, Organisation(request.organisation_id()));
  GetDrawResponse response;
  const bool found = oversight_->engine().published().Read([&](const PublishedState& state) {
    for (const engine::Draw& draw : state.draws) {
      if (draw.drawn->organisation_id() != organisation ||
          draw.draw().draw_id() != request.draw_id()) {
        continue;
      }
      *response.mutable_state() = DescribeDraw(
          draw, state.epochs.back().activated().policy().truth().minimum_response_ratio());
      PutDecisions(*draw.drawn, response.mutable_decisions());
      return true;
    }
    return false;
  });
  if (!found) return absl::NotFoundError("draw_id: no such draw; list them with ListDraws");
  VIGIE_RETURN_IF_ERROR(NameSystems(*oversight_, organisation, response.mutable_decisions()));
  return response;
}

}  // namespace vigie::oversight
