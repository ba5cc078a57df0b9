// SPDX-License-Identifier: Apache-2.0
// Closing unaided baselines (R9).
#include <algorithm>

#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "oversight/decision_scan.h"
#include "oversight/measures.h"
#include "stats/sketch.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using engine::PublishedState;

constexpr int64_t kMinBaselineDecisions = 30;
constexpr std::array kRanks = {.05, .25, .50, .75, .95};

// What the unaided decisions of one kind say.
struct Unaided {
  std::vector<int64_t> times_ms;
  int64_t missing = 0;
  int64_t right = 0;
  int64_t answered = 0;  // With answer and truth.
};

// The times of production decisions of a kind and period. A decision that came twice with other
// content counts by what came last.
absl::StatusOr<Unaided> ReadUnaided(const store::Store::Reader& reader,
                                    decision::NameIndex organisation, decision::NameIndex kind,
                                    const std::vector<bool>& test_sources,
                                    const CloseBaselineRequest& request) {
  Unaided unaided;
  VIGIE_RETURN_IF_ERROR(
      ForEachDecision(reader, organisation, store::IdSpace::kUnaided, "",
                      [&](std::string_view, const engine::DecisionState& state) {
                        if (state.kind != kind || state.afterwards.empty()) return absl::OkStatus();
                        const decision::Fact& fact = state.afterwards.back();
                        if (!InSpan(fact.occurred_at_ms, request.from_ms(), request.to_ms()) ||
                            test_sources[static_cast<size_t>(fact.source)]) {
                          return absl::OkStatus();
                        }
                        if (fact.amount < 0 || fact.amount > base::kMaxSpanMs) {
                          ++unaided.missing;
                        } else {
                          unaided.times_ms.push_back(fact.amount);
                        }
                        if (!fact.codes.empty() && !fact.group.empty()) {
                          ++unaided.answered;
                          if (fact.codes == fact.group) ++unaided.right;
                        }
                        return absl::OkStatus();
                      }));
  std::sort(unaided.times_ms.begin(), unaided.times_ms.end());
  return unaided;
}

vigie::store::v1::Calibration MakeCalibration(const Unaided& unaided,
                                              const CloseBaselineRequest& request) {
  vigie::store::v1::Calibration calibration;
  Baseline* baseline = calibration.mutable_baseline();
  baseline->set_decision_kind(request.decision_kind());
  baseline->set_calibration_id(request.calibration_id());
  baseline->set_from_ms(request.from_ms());
  baseline->set_to_ms(request.to_ms());
  const auto count = static_cast<int64_t>(unaided.times_ms.size());
  baseline->set_decision_count(count);
  // R4: the ceil(n/2)-th smallest.
  baseline->set_median_ms(unaided.times_ms[static_cast<size_t>((count + 1) / 2 - 1)]);
  baseline->set_missing_count(unaided.missing);
  if (unaided.answered > 0) {
    baseline->mutable_right()->set_successes(unaided.right);
    baseline->mutable_right()->set_trials(unaided.answered);
  }
  stats::Sketch sketch;
  for (const int64_t time_ms : unaided.times_ms) sketch.Add(time_ms);
  for (const auto& bucket : sketch.Buckets()) {
    calibration.add_sketch_keys(bucket.key);
    calibration.add_sketch_counts(bucket.count);
  }
  for (const double rank : kRanks) {
    Quantile* quantile = baseline->add_active_time();
    quantile->set_rank(rank);
    quantile->set_value_ms(*sketch.Quantile(rank));
  }
  return calibration;
}

}  // namespace

absl::StatusOr<CloseBaselineResponse> Measures::CloseBaseline(const CloseBaselineRequest& request) {
  for (const auto& refusal :
       {engine::CheckIdentifier("decision_kind", request.decision_kind(), true),
        engine::CheckIdentifier("calibration_id", request.calibration_id(), false)}) {
    if (refusal.has_value()) return engine::ToStatus(*refusal);
  }
  VIGIE_RETURN_IF_ERROR(CheckSpan(request.from_ms(), request.to_ms()));
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation, Organisation(request.organisation_id()));
  VIGIE_ASSIGN_OR_RETURN(const Oversight::Fresh fresh, oversight_->ReadFresh());
  decision::NameIndex organisation_number = 0;
  decision::NameIndex kind = 0;
  std::vector<bool> test_sources;
  oversight_->engine().published().Read([&](const PublishedState& state) {
    organisation_number = state.names.Find(organisation);
    kind = state.names.Find(request.decision_kind());
    for (const auto& source : state.sources) {
      test_sources.push_back(source.source().environment() == ENVIRONMENT_TEST);
    }
  });
  if (kind == 0) {
    return absl::NotFoundError("decision_kind: no event of this kind was recorded");
  }
  VIGIE_ASSIGN_OR_RETURN(const Unaided unaided, ReadUnaided(*fresh.reader, organisation_number,
                                                            kind, test_sources, request));
  if (static_cast<int64_t>(unaided.times_ms.size()) < kMinBaselineDecisions) {
    return absl::FailedPreconditionError(base::Cat(
        "decision_kind: got ", unaided.times_ms.size(),
        " unaided decisions with a time, want at "
        "least ",
        kMinBaselineDecisions, "; record more UnaidedDecision events, or widen the period"));
  }
  vigie::store::v1::Calibration calibration = MakeCalibration(unaided, request);
  calibration.set_organisation_id(organisation);
  CloseBaselineResponse response;
  VIGIE_ASSIGN_OR_RETURN(
      const int64_t position,
      Append([&](engine::Fold& fold) -> absl::StatusOr<vigie::store::v1::Record> {
        if (fold.calibrations().size() >= base::kMaxCalibrations) {
          return absl::ResourceExhaustedError(
              base::Cat("calibration_id: got one more, want at most ", base::kMaxCalibrations));
        }
        Baseline* baseline = calibration.mutable_baseline();
        if (baseline->calibration_id().empty()) {
          baseline->set_calibration_id(base::Cat(request.decision_kind().substr(0, 56), "-",
                                                 fold.calibrations().size() + 1));
        }
        for (const auto& other : fold.calibrations()) {
          if (other.calibration().organisation_id() == organisation &&
              other.calibration().baseline().calibration_id() == baseline->calibration_id()) {
            return absl::AlreadyExistsError(
                "calibration_id: a baseline of this name is closed; choose another");
          }
        }
        vigie::store::v1::Record record;
        *record.mutable_calibration() = calibration;
        return record;
      }));
  *response.mutable_baseline() = calibration.baseline();
  response.set_log_position(position);
  return response;
}

ListBaselinesResponse Measures::ListBaselines() const {
  ListBaselinesResponse response;
  oversight_->engine().published().Read([&](const PublishedState& state) {
    const auto& epoch = state.epochs.back();
    const auto& named = epoch.activated().policy().examination().calibrations();
    for (const auto& view : state.calibrations) {
      const auto& calibration = view.calibration();
      BaselineState* row = response.add_baselines();
      row->set_organisation_id(calibration.organisation_id());
      *row->mutable_baseline() = calibration.baseline();
      row->set_log_position(view.position());
      const bool named_here = std::find(named.begin(), named.end(),
                                        calibration.baseline().calibration_id()) != named.end();
      row->set_in_force(named_here && view.position() < epoch.position());
    }
    response.set_as_of(state.as_of);
  });
  return response;
}

}  // namespace vigie::oversight
