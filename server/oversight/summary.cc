// SPDX-License-Identifier: Apache-2.0
#include "oversight/summary.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/escaping.h"
#include "decision/reasons.h"
#include "decision/verdict.h"
#include "stats/evidence.h"
#include "stats/normal.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using decision::OriginTally;
using decision::Tally;
using decision::TrialCounts;

constexpr std::array kQuantileRanks = {.01, .05, .10, .25, .50, .75, .90, .95, .99};

void Put(const TrialCounts& counts, Proportion* out) {
  out->set_successes(counts.successes);
  out->set_trials(counts.trials);
}

// All five degrees always, so that a zero is seen; decisions without a degree when there are any.
void PutDegrees(const Tally& tally, Summary* summary) {
  for (const Degree degree : {DEGREE_AUTOMATED, DEGREE_TOKEN, DEGREE_CONCRETE, DEGREE_SIGNIFICANT,
                              DEGREE_UNDETERMINED, DEGREE_UNSPECIFIED}) {
    const int64_t count = tally.Count(degree);
    if (count == 0 && degree == DEGREE_UNSPECIFIED) continue;
    DegreeCount* row = summary->add_degrees();
    row->set_degree(degree);
    row->set_count(count);
    for (const decision::ReasonTally& entry : tally.reasons) {
      if (entry.degree != degree || entry.reason == REASON_UNSPECIFIED) continue;
      ReasonCount* reason = row->add_reasons();
      reason->set_reason(entry.reason);
      reason->set_rule(std::string(decision::RuleOf(entry.reason)));
      reason->set_count(entry.count);
    }
  }
}

// The strongest origin that counts: not seeded (N4), with at least one truth, and no part of a
// stratified draw, whose parts are never pooled (N2).
const OriginTally* RelianceOrigin(const Tally& tally, const Look& look) {
  for (const OriginTally& origin : tally.origins) {
    if (origin.key.origin == TRUTH_ORIGIN_SEEDED) continue;
    if (origin.key.origin == TRUTH_ORIGIN_DRAWN_AUDIT) {
      const auto standing = look.standings != nullptr ? look.standings->Of(origin.key)
                                                      : decision::OriginStanding{.counted = false};
      const bool whole = standing.strata == 1 || (standing.by_unit && look.single_unit);
      if (!standing.counted || !whole) continue;
    }
    if (origin.HasTruths()) return &origin;
  }
  return nullptr;
}

void PutReliance(const Tally& tally, const Look& look, Reliance* out) {
  if (tally.switches.trials > 0) Put(tally.switches, out->mutable_switch_fraction());
  const OriginTally* strongest = RelianceOrigin(tally, look);
  if (strongest == nullptr) return;
  const OriginTally& origin = *strongest;
  const auto& right = origin.cells[OriginTally::kRight];
  const auto& wrong = origin.cells[OriginTally::kWrong];
  out->set_origin(origin.key.origin);
  out->set_ai_right_accepted(right[OriginTally::kTaken]);
  out->set_ai_right_not_accepted(right[OriginTally::kNotTaken]);
  out->set_ai_wrong_accepted(wrong[OriginTally::kTaken]);
  out->set_ai_wrong_not_accepted(wrong[OriginTally::kNotTaken]);
  if (origin.rair.trials > 0) Put(origin.rair, out->mutable_rair());
  if (origin.rsr.trials > 0) Put(origin.rsr, out->mutable_rsr());
  const stats::Detection detection = {
      .hits = wrong[OriginTally::kNotTaken],
      .wrong = wrong[OriginTally::kTaken] + wrong[OriginTally::kNotTaken],
      .false_alarms = right[OriginTally::kNotTaken],
      .right = right[OriginTally::kTaken] + right[OriginTally::kNotTaken]};
  if (detection.wrong > 0 && detection.right > 0) out->set_d_prime(stats::DPrime(detection));
}

void PutQuantiles(const stats::Sketch& sketch, google::protobuf::RepeatedPtrField<Quantile>* out) {
  for (const double rank : kQuantileRanks) {
    const std::optional<double> value = sketch.Quantile(rank);
    if (!value.has_value()) return;
    Quantile* quantile = out->Add();
    quantile->set_rank(rank);
    quantile->set_value_ms(*value);
  }
}

int64_t ReasonTotal(const Tally& tally, Reason reason) {
  int64_t total = 0;
  for (const decision::ReasonTally& entry : tally.reasons) {
    if (entry.reason == reason) total += entry.count;
  }
  return total;
}

void PutDescription(const Tally& tally, Description* out) {
  out->set_closed_count(tally.closed);
  out->set_independent_count(ReasonTotal(tally, REASON_INDEPENDENT));
  out->set_no_decision_count(ReasonTotal(tally, REASON_NO_DECISION));
  out->set_suppressed_count(ReasonTotal(tally, REASON_SUPPRESSED_BEFORE_DISPLAY));
  if (tally.overrides.trials > 0) Put(tally.overrides, out->mutable_override());
  PutQuantiles(tally.active_time, out->mutable_active_time());
  PutQuantiles(tally.judgement_time, out->mutable_judgement_time());
  out->set_late_event_count(tally.late_event);
  out->set_period_late_count(tally.period_late);
  out->set_truth_revised_count(tally.truth_revised);
  out->set_truth_uncounted_count(tally.truth_uncounted);
  out->set_batch_count(tally.batch);
  const decision::TrialCounts opportunistic = tally.opportunistic.Vigilance();
  if (opportunistic.trials > 0) Put(opportunistic, out->mutable_opportunistic_vigilance());
  const auto of = [&tally](decision::Right right) {
    return tally.rights[static_cast<size_t>(right)];
  };
  Rights* rights = out->mutable_rights();
  rights->set_reversed_count(of(decision::Right::kReversed));
  rights->set_contested_count(of(decision::Right::kContested));
  rights->set_recourse_reviewed_count(of(decision::Right::kRecourseReviewed));
  rights->set_same_reviewer_count(of(decision::Right::kSameReviewer));
  rights->set_patient_informed_count(of(decision::Right::kPatientInformed));
}

void PutCaveats(const Tally& tally, Summary* summary) {
  summary->add_caveats("Thresholds are the policy's, not the law's.");
  if (summary->verdict() == VERDICT_UNDETERMINED && !summary->change_alarm_open()) {
    summary->add_caveats(
        "The records do not suffice for a verdict; this is not a finding of compliance.");
  }
  if (summary->certainty() == CERTAINTY_PROVISIONAL) {
    summary->add_caveats("Provisional: only behaviour says so; no structure, seed or audit does.");
  }
  if (summary->change_alarm_open()) {
    summary->add_caveats(
        "A change alarm is open: a good verdict is withheld until it is "
        "acknowledged (V4).");
  }
  if (summary->workload().capacity_warning()) {
    summary->add_caveats(
        "CAPACITY: more decisions than the hours of the people hold at the "
        "policy's minimum times (I5).");
  }
  const bool audited = std::any_of(tally.origins.begin(), tally.origins.end(), [](const auto& t) {
    return t.key.origin == TRUTH_ORIGIN_ASSERTED_AUDIT;
  });
  if (audited) {
    summary->add_caveats(
        "Vigilance counts a random audit that the source asserts; Vigie did not draw it (N2).");
  }
  if (ReasonTotal(tally, REASON_BASELINE_ABSENT) > 0) {
    summary->add_caveats(
        "No unaided baseline is named by the policy for some decisions, so that part of their time "
        "minimum is absent (R4, R9).");
  }
}

void PutWorkload(const Tally& tally, const vigie::config::v1::Policy& policy, Workload* out) {
  if (tally.workload.trials > 0) Put(tally.workload, out->mutable_feasible());
  out->set_unknown(tally.workload.unknown);
  out->set_actor_hour_count(tally.actor_hours);
  out->set_overfull_hour_count(tally.overfull_hours);
  out->set_minimum_ms(tally.minimum_ms);
  out->set_limited_time_count(tally.limited_time);
  out->set_capacity_warning(decision::WeighWorkload(tally, policy).drives);
}

void PutAccuracy(const decision::Accuracy& found, int64_t uncounted, ExaminationAccuracy* out) {
  const auto put = [](const stats::Interval& interval, Interval* to) {
    to->set_low(interval.low);
    to->set_high(interval.high);
  };
  if (found.sensitivity.trials > 0) Put(found.sensitivity, out->mutable_sensitivity());
  if (found.specificity.trials > 0) Put(found.specificity, out->mutable_specificity());
  put(found.sensitivity_interval, out->mutable_sensitivity_interval());
  put(found.specificity_interval, out->mutable_specificity_interval());
  out->set_observed_threshold_below(found.threshold_below);
  out->set_observed_threshold_above(found.threshold_above);
  out->set_confirmed(found.confirmed);
  out->set_uncounted(uncounted);
}

}  // namespace

PolicyReference Reference(const vigie::store::v1::PolicyEpoch& view, int64_t epoch) {
  const auto& policy = view.activated().policy();
  PolicyReference reference;
  reference.set_id(policy.id());
  reference.set_version(policy.version());
  reference.set_sha256(absl::BytesToHexString(view.activated().sha256()));
  reference.set_approver(policy.approver());
  reference.set_review_by(policy.review_by());
  reference.set_epoch(epoch);
  return reference;
}

Scope NamedScope(const decision::ScopeKey& scope, const engine::Names& names) {
  Scope named;
  named.set_organisation_id(names.Name(scope.organisation));
  named.set_system_id(names.Name(scope.system));
  named.set_system_version(names.Name(scope.version));
  named.set_unit_id(names.Name(scope.unit));
  named.set_environment(scope.test ? ENVIRONMENT_TEST : ENVIRONMENT_PRODUCTION);
  return named;
}

void PutIndicator(const decision::IndicatorFinding& found,
                  const vigie::config::v1::Evidence& evidence, IndicatorEvidence* out) {
  out->set_indicator(found.indicator);
  out->set_origin(found.origin.origin);
  out->set_origin_id(found.origin.origin_id);
  out->set_successes(found.counts.successes);
  out->set_trials(found.counts.trials);
  out->set_unknown(found.counts.unknown);
  out->set_threshold(found.threshold);
  out->set_log_e_below(found.log_e_below);
  out->set_log_e_above(found.log_e_above);
  const stats::Interval interval =
      stats::ConfidenceInterval(found.counts.Known(), evidence.alpha_interval());
  out->mutable_interval()->set_low(interval.low);
  out->mutable_interval()->set_high(interval.high);
  const decision::FurtherNeed need = decision::NeedOf(found);
  out->set_further_direction(need.direction);
  if (need.trials.has_value()) out->set_further_trials(*need.trials);
}

void FillFromTally(const Tally& tally, const vigie::config::v1::Policy& policy, const Look& look,
                   Summary* summary) {
  const Conclusion conclusion = ConcludeLook(tally, policy, look);
  const decision::VerdictFinding& found = conclusion.found;
  summary->set_change_alarm_open(conclusion.change_alarm_open);
  summary->set_live_flag(conclusion.live_flag);
  summary->set_verdict(found.verdict);
  summary->set_certainty(found.certainty);
  for (const decision::IndicatorFinding& indicator : found.indicators) {
    PutIndicator(indicator, policy.evidence(), summary->add_indicators());
    if (!indicator.drives) continue;
    Driver* driver = summary->add_drivers();
    driver->set_indicator(indicator.indicator);
    driver->set_origin(indicator.origin.origin);
    driver->set_origin_id(indicator.origin.origin_id);
  }
  if (tally.coverage.trials > 0) Put(tally.coverage, summary->mutable_coverage());
  PutDegrees(tally, summary);
  PutReliance(tally, look, summary->mutable_reliance());
  PutDescription(tally, summary->mutable_description());
  PutWorkload(tally, policy, summary->mutable_workload());
  if (found.accuracy.has_value()) {
    PutAccuracy(*found.accuracy, tally.review_uncounted, summary->mutable_examination_accuracy());
  }
  PutCaveats(tally, summary);
}

void DropVerdict(Summary* summary) {
  summary->set_verdict(VERDICT_UNSPECIFIED);
  summary->set_certainty(CERTAINTY_UNSPECIFIED);
  summary->clear_drivers();
  summary->set_live_flag(false);
  summary->clear_workload();
  summary->clear_caveats();
  summary->add_caveats("No verdict is given on a person.");
}

}  // namespace vigie::oversight
