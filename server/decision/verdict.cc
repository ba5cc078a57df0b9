// SPDX-License-Identifier: Apache-2.0
#include "decision/verdict.h"

#include <algorithm>
#include <cmath>

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

// The union bound over the confirmatory indicators, and within vigilance over its origins (V1).
constexpr double kIndicators = 3;
constexpr double kIndicatorsByOrigins = 9;

IndicatorFinding Weigh(Indicator indicator, const TrialCounts& counts, double threshold,
                       double below_share, const vigie::config::v1::Evidence& evidence) {
  IndicatorFinding found;
  found.indicator = indicator;
  found.counts = counts;
  found.threshold = threshold;
  found.log_e_below = stats::LogE(counts.Known(), threshold, stats::Side::kBelow);
  found.log_e_above = stats::LogE(counts.Known(), threshold, stats::Side::kAbove);
  found.log_bound_below = std::log(below_share / evidence.alpha_below());
  found.log_bound_above = std::log(1 / evidence.alpha_above());
  found.drives = found.log_e_below >= found.log_bound_below;
  return found;
}

double CoverageRatio(const Tally& tally) {
  const TrialCounts& coverage = tally.coverage;
  if (coverage.trials == 0) return 0;
  return static_cast<double>(coverage.successes) / static_cast<double>(coverage.trials);
}

std::vector<IndicatorFinding> WeighAll(const Tally& tally,
                                       const vigie::config::v1::Evidence& evidence) {
  std::vector<IndicatorFinding> all;
  all.push_back(Weigh(INDICATOR_POSITIVE_ACT, tally.positive_act, evidence.positive_act_threshold(),
                      kIndicators, evidence));
  all.push_back(Weigh(INDICATOR_CONCRETE_EXAMINATION, tally.concrete_examination,
                      evidence.concrete_examination_threshold(), kIndicators, evidence));
  // V1: behaviour may condemn only where the records show enough of it.
  if (CoverageRatio(tally) < evidence.coverage_for_red_ratio()) all.back().drives = false;
  for (const OriginTally& origin : tally.origins) {
    all.push_back(Weigh(INDICATOR_VIGILANCE, origin.Vigilance(), evidence.vigilance_threshold(),
                        kIndicatorsByOrigins, evidence));
    all.back().origin = origin.key;
  }
  if (tally.origins.empty()) {
    all.push_back(Weigh(INDICATOR_VIGILANCE, {}, evidence.vigilance_threshold(),
                        kIndicatorsByOrigins, evidence));
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
    vigilant |= above;
    if (found.log_e_below >= found.log_bound_above) return false;
  }
  return vigilant && CoverageRatio(tally) >= evidence.coverage_for_green_ratio();
}

}  // namespace

VerdictFinding Conclude(const Tally& tally, const vigie::config::v1::Policy& policy) {
  VerdictFinding found;
  found.indicators = WeighAll(tally, policy.evidence());
  const auto drives = [](const IndicatorFinding& indicator) { return indicator.drives; };
  if (std::any_of(found.indicators.begin(), found.indicators.end(), drives)) {
    found.verdict = VERDICT_EFFECTIVELY_AUTOMATED;
    const bool corroborated = std::any_of(
        found.indicators.begin(), found.indicators.end(), [](const IndicatorFinding& indicator) {
          return indicator.drives && indicator.indicator != INDICATOR_CONCRETE_EXAMINATION;
        });
    found.certainty = corroborated ? CERTAINTY_CORROBORATED : CERTAINTY_PROVISIONAL;
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

}  // namespace vigie::decision
