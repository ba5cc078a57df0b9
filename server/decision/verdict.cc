// SPDX-License-Identifier: Apache-2.0
#include "decision/verdict.h"

#include <algorithm>
#include <cmath>

#include "stats/many.h"

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

// The union bound over the confirmatory indicators, and over the kinds of origin in one (V1).
constexpr double kIndicators = 3;
constexpr double kOriginKinds = 3;

IndicatorFinding Weigh(Indicator indicator, const TrialCounts& counts, double threshold,
                       double log_bound_below, const vigie::config::v1::Evidence& evidence) {
  IndicatorFinding found;
  found.indicator = indicator;
  found.counts = counts;
  found.threshold = threshold;
  found.log_e_below = stats::LogE(counts.Known(), threshold, stats::Side::kBelow);
  found.log_e_above = stats::LogE(counts.Known(), threshold, stats::Side::kAbove);
  found.log_bound_below = log_bound_below;
  found.log_bound_above = std::log(1 / evidence.alpha_above());
  return found;
}

// ln of one over an origin's share of the budget of vigilance.
double LogPriceOf(const TruthKey& key, const Standings& standings, bool single_unit) {
  const double kinds = std::log(kOriginKinds);
  const bool sequence = key.origin == TRUTH_ORIGIN_SEEDED || key.origin == TRUTH_ORIGIN_DRAWN_AUDIT;
  if (!sequence) return kinds;
  const OriginStanding standing = standings.Of(key);
  const bool alone = standing.by_unit && single_unit;
  return kinds + stats::LogSequencePrice(standing.number) +
         (alone ? 0 : std::log(static_cast<double>(standing.strata)));
}

double CoverageRatio(const Tally& tally) {
  const TrialCounts& coverage = tally.coverage;
  if (coverage.trials == 0) return 0;
  return static_cast<double>(coverage.successes) / static_cast<double>(coverage.trials);
}

std::vector<IndicatorFinding> WeighAll(const Tally& tally,
                                       const vigie::config::v1::Evidence& evidence,
                                       const Standings& standings, bool single_unit) {
  const double third = std::log(kIndicators / evidence.alpha_below());
  std::vector<IndicatorFinding> all;
  all.push_back(Weigh(INDICATOR_POSITIVE_ACT, tally.positive_act, evidence.positive_act_threshold(),
                      third, evidence));
  all.push_back(Weigh(INDICATOR_CONCRETE_EXAMINATION, tally.concrete_examination,
                      evidence.concrete_examination_threshold(), third, evidence));
  // V1: behaviour may condemn only where the records show enough of it.
  all.back().may_drive = CoverageRatio(tally) >= evidence.coverage_for_red_ratio();
  for (const OriginTally& origin : tally.origins) {
    all.push_back(Weigh(INDICATOR_VIGILANCE, origin.Vigilance(), evidence.vigilance_threshold(),
                        third + LogPriceOf(origin.key, standings, single_unit), evidence));
    all.back().origin = origin.key;
    all.back().may_drive = standings.Of(origin.key).counted;
  }
  if (tally.origins.empty()) {
    all.push_back(Weigh(INDICATOR_VIGILANCE, {}, evidence.vigilance_threshold(),
                        third + std::log(kOriginKinds), evidence));
  }
  for (IndicatorFinding& found : all) {
    found.drives = found.may_drive && found.log_e_below >= found.log_bound_below;
  }
  return all;
}

// V2: every indicator shown to be above, vigilance by at least one origin and denied by none.
bool IsConcreteAndSignificant(const Tally& tally, const std::vector<IndicatorFinding>& all,
                              const vigie::config::v1::Evidence& evidence) {
  bool vigilant = false;
  for (const IndicatorFinding& found : all) {
    const bool above = found.log_e_above >= found.log_bound_above;
    if (found.indicator != INDICATOR_VIGILANCE) {
      if (!above) return false;
      continue;
    }
    if (!found.may_drive) continue;
    vigilant |= above;
    if (found.log_e_below >= found.log_bound_above) return false;
  }
  return vigilant && CoverageRatio(tally) >= evidence.coverage_for_green_ratio();
}

// What expert re-review says of the class, and whether I2 holds on its scale too.
std::optional<Accuracy> AccuracyOf(const Tally& tally, const IndicatorFinding& examination,
                                   const vigie::config::v1::Evidence& evidence) {
  const auto& reviews = tally.reviews;
  Accuracy found;
  found.sensitivity = {.successes = reviews[1][1], .trials = reviews[1][1] + reviews[0][1]};
  found.specificity = {.successes = reviews[0][0], .trials = reviews[0][0] + reviews[1][0]};
  if (found.sensitivity.trials + found.specificity.trials == 0) return std::nullopt;
  const double alpha = evidence.alpha_interval();
  found.sensitivity_interval = stats::ConfidenceInterval(found.sensitivity.Known(), alpha);
  found.specificity_interval = stats::ConfidenceInterval(found.specificity.Known(), alpha);
  found.threshold_below = stats::ObservedThreshold(
      examination.threshold, found.sensitivity_interval.low, found.specificity_interval.high);
  found.threshold_above = stats::ObservedThreshold(
      examination.threshold, found.sensitivity_interval.high, found.specificity_interval.low);
  const bool testable = found.threshold_below > 0 && found.threshold_below < 1;
  found.confirmed = examination.drives && testable &&
                    stats::LogE(examination.counts.Known(), found.threshold_below,
                                stats::Side::kBelow) >= examination.log_bound_below;
  return found;
}

}  // namespace

OriginStanding Standings::Of(const TruthKey& key) const {
  const auto found = standings_.find(key);
  if (found != standings_.end()) return found->second;
  return {.counted = key.origin != TRUTH_ORIGIN_DRAWN_AUDIT};
}

VerdictFinding Conclude(const Tally& tally, const vigie::config::v1::Policy& policy,
                        const Standings& standings, bool single_unit) {
  VerdictFinding found;
  found.indicators = WeighAll(tally, policy.evidence(), standings, single_unit);
  found.accuracy = AccuracyOf(tally, found.indicators[1], policy.evidence());
  const auto drives = [](const IndicatorFinding& indicator) { return indicator.drives; };
  if (std::any_of(found.indicators.begin(), found.indicators.end(), drives)) {
    found.verdict = VERDICT_EFFECTIVELY_AUTOMATED;
    const bool corroborated = std::any_of(
        found.indicators.begin(), found.indicators.end(), [](const IndicatorFinding& indicator) {
          return indicator.drives && indicator.indicator != INDICATOR_CONCRETE_EXAMINATION;
        });
    const bool confirmed = found.accuracy.has_value() && found.accuracy->confirmed;
    found.certainty = corroborated || confirmed ? CERTAINTY_CORROBORATED : CERTAINTY_PROVISIONAL;
  } else if (IsConcreteAndSignificant(tally, found.indicators, policy.evidence())) {
    found.verdict = VERDICT_CONCRETE_AND_SIGNIFICANT;
  }
  return found;
}

FurtherNeed NeedOf(const IndicatorFinding& indicator) {
  const TrialCounts& counts = indicator.counts;
  const bool above =
      counts.trials == 0 || static_cast<double>(counts.successes) >=
                                indicator.threshold * static_cast<double>(counts.trials);
  FurtherNeed need;
  need.direction = above ? DIRECTION_ABOVE : DIRECTION_BELOW;
  need.trials = stats::FurtherTrials(counts.Known(), indicator.threshold,
                                     above ? stats::Side::kAbove : stats::Side::kBelow,
                                     above ? indicator.log_bound_above : indicator.log_bound_below);
  return need;
}

bool IsFlaggedLive(const VerdictFinding& found, int64_t scope_number) {
  const double price = stats::LogSequencePrice(scope_number);
  return std::any_of(
      found.indicators.begin(), found.indicators.end(), [price](const IndicatorFinding& indicator) {
        return indicator.drives && indicator.log_e_below >= indicator.log_bound_below + price;
      });
}

double LogScopeE(const VerdictFinding& found) {
  std::vector<double> logs;
  std::vector<double> weights;
  const double whole = found.indicators.front().log_bound_below;  // ln 3/alpha: one third.
  for (const IndicatorFinding& indicator : found.indicators) {
    logs.push_back(indicator.log_e_below);
    weights.push_back(
        indicator.may_drive ? std::exp(whole - indicator.log_bound_below) / kIndicators : 0);
  }
  return stats::LogMeanE(logs, weights);
}

IndicatorFinding WeighWorkload(const Tally& tally, const vigie::config::v1::Policy& policy) {
  const auto& evidence = policy.evidence();
  IndicatorFinding found =
      Weigh(INDICATOR_FEASIBLE_WORKLOAD, tally.workload, evidence.feasible_workload_threshold(),
            std::log(1 / evidence.alpha_below()), evidence);
  found.drives = found.log_e_below >= found.log_bound_below;
  return found;
}

}  // namespace vigie::decision
