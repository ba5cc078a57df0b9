// SPDX-License-Identifier: Apache-2.0
#include "simulation/slow_tally.h"

namespace vigie::simulation {

void SlowCounts::Add(SlowTrial trial, int64_t sign) {
  if (trial == SlowTrial::kNone) return;
  if (trial == SlowTrial::kUnknown) {
    unknown += sign;
    return;
  }
  trials += sign;
  if (trial == SlowTrial::kSuccess) successes += sign;
}

void SlowTally::AddFinding(const SlowFinding& finding) {
  const auto trial = [](bool success) {
    return success ? SlowTrial::kSuccess : SlowTrial::kFailure;
  };
  ++closed;
  ++reasons[{finding.degree, 0}];
  for (const int reason : finding.reasons) ++reasons[{finding.degree, reason}];
  positive_act.Add(finding.positive_act);
  concrete_examination.Add(finding.concrete_examination);
  coverage.Add(finding.coverage);
  if (finding.exposed && !finding.suggested.empty() && !finding.chosen.empty()) {
    const bool taken_over = finding.chosen == finding.suggested;
    overrides.Add(trial(!taken_over));
    if (!finding.judged.empty() && finding.judged != finding.suggested) {
      switches.Add(trial(taken_over));
    }
  }
  batch += finding.batch ? 1 : 0;
  limited_time += finding.limited_time ? 1 : 0;
  active_times += finding.active_ms.has_value() ? 1 : 0;
}

void SlowTally::AddTo(SlowOrigin& origin, const SlowTruth& truth, const SlowFinding& finding,
                      int64_t sign) {
  if (!finding.exposed || finding.suggested.empty()) return;
  const bool wrong = finding.suggested != truth.codes;
  if (finding.chosen.empty()) {
    origin.wrong_unknown += wrong ? sign : 0;
    return;
  }
  origin.cells[wrong ? 1 : 0][finding.chosen != finding.suggested ? 1 : 0] += sign;
  if (finding.judged.empty()) return;
  const bool judged_right = finding.judged == truth.codes;
  const SlowTrial final_right =
      finding.chosen == truth.codes ? SlowTrial::kSuccess : SlowTrial::kFailure;
  if (!judged_right && !wrong) origin.rair.Add(final_right, sign);
  if (judged_right && wrong) origin.rsr.Add(final_right, sign);
}

void SlowTally::AddTruth(const SlowTruth& truth, const SlowFinding& finding, int64_t sign) {
  AddTo(origins[truth.origin], truth, finding, sign);
}

void SlowTally::AddAside(const SlowAside& aside, const SlowFinding& finding, int64_t sign) {
  for (size_t i = 0; i < rights.size(); ++i) rights[i] += sign * aside.rights[i];
  if (aside.opportunistic.has_value()) {
    AddTo(opportunistic, *aside.opportunistic, finding, sign);
  }
}

}  // namespace vigie::simulation
