// SPDX-License-Identifier: Apache-2.0
// The verdict on a scope from its counts (rules V1-V3, V7). Pure and additive.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "decision/tally.h"
#include "stats/evidence.h"
#include "vigie/config/v1/policy.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::decision {

// What a verdict must know of an origin of truth beside its counts.
struct OriginStanding {
  int64_t number = 1;  // Of the plan or draw among those of its kind, from 1, in order of the log.
  int64_t strata = 1;  // That share the draw's part of the error budget.
  bool by_unit = false;  // Then one unit has but one of them.
  bool counted = true;   // False while too few truths have come back (N2).
};

// Plans and draws by origin. An asserted audit needs none: it is one for ever.
class Standings {
 public:
  void Set(const TruthKey& key, const OriginStanding& standing) { standings_[key] = standing; }
  // A drawn audit that is not known does not count.
  [[nodiscard]] OriginStanding Of(const TruthKey& key) const;

 private:
  std::map<TruthKey, OriginStanding> standings_;
};

// One indicator against its threshold.
struct IndicatorFinding {
  vigie::v1::Indicator indicator = vigie::v1::INDICATOR_UNSPECIFIED;
  TruthKey origin;  // Of vigilance.
  TrialCounts counts;
  double threshold = 0;
  double log_e_below = 0;
  double log_e_above = 0;
  bool may_drive = true;       // False for I2 without coverage, for origins that do not count.
  bool drives = false;         // Toward EFFECTIVELY_AUTOMATED (V1).
  double log_bound_below = 0;  // ln 3/alpha; within vigilance ln 9/alpha and more, see Conclude.
  double log_bound_above = 0;  // ln 1/alpha.
};

// Agreement of the class "examined" with expert re-review of drawn decisions (section 3).
struct Accuracy {
  TrialCounts sensitivity;
  TrialCounts specificity;
  stats::Interval sensitivity_interval;
  stats::Interval specificity_interval;
  // The threshold of I2 on the scale of the class, at the ends of the intervals that favour a
  // finding of examination, and at the others.
  double threshold_below = 0;
  double threshold_above = 0;
  bool confirmed = false;  // I2 drives even at threshold_below.
};

// The verdict and what it rests on.
struct VerdictFinding {
  vigie::v1::Verdict verdict = vigie::v1::VERDICT_UNDETERMINED;
  vigie::v1::Certainty certainty = vigie::v1::CERTAINTY_UNSPECIFIED;
  std::vector<IndicatorFinding> indicators;  // I1, I2, then I3 by origin (at least one row).
  std::optional<Accuracy> accuracy;          // Nothing without a counted expert review.
};

// V1-V3 on the counts of a scope and period. `single_unit`: the scope is one unit, or part of one.
//
// The error budget of V1 is shared: a third each for I1, I2 and I3; within I3 a third each for
// seeded items, drawn audits and asserted audits; within seeded and drawn, plan or draw j pays
// LogSequencePrice(j), since their number has no bound; strata of one draw share equally.
[[nodiscard]] VerdictFinding Conclude(const Tally& tally, const vigie::config::v1::Policy& policy,
                                      const Standings& standings = {}, bool single_unit = false);

// What is still needed: the trials and where they lead (V3).
struct FurtherNeed {
  std::optional<int64_t> trials;  // Nothing when not reachable at this rate.
  vigie::v1::Direction direction = vigie::v1::DIRECTION_UNSPECIFIED;
};
[[nodiscard]] FurtherNeed NeedOf(const IndicatorFinding& indicator);

// V7: whether V1 holds also at the budget of the scope that was created as number `scope_number`,
// from 1, among all that are watched live.
[[nodiscard]] bool IsFlaggedLive(const VerdictFinding& found, int64_t scope_number);

// V7: ln of one e-value against "every indicator meets its threshold": the mean of the present E-
// over I1, I2 and I3, and within I3 over origins by their shares. What may not drive counts as 0.
[[nodiscard]] double LogScopeE(const VerdictFinding& found);

// I5: the evidence against the threshold of feasible workload, and whether it suffices for a
// warning. It enters no verdict.
[[nodiscard]] IndicatorFinding WeighWorkload(const Tally& tally,
                                             const vigie::config::v1::Policy& policy);

}  // namespace vigie::decision
