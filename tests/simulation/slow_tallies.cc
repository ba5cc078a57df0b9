// SPDX-License-Identifier: Apache-2.0
// The slow model: tallies counted from the decisions, whenever they are asked for (L10, V5).
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "simulation/slow_model.h"

namespace vigie::simulation {

using namespace vigie::v1;  // Enumerators only.

std::vector<SlowModel::Period> SlowModel::PeriodsOf(int64_t time_ms) const {
  const absl::CivilDay epoch(1970, 1, 1);
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMillis(time_ms), zone_);
  const auto first_of_week =
      mutation_ == Mutation::kL10WeeksBeginOnSunday ? absl::Weekday::sunday : absl::Weekday::monday;
  const absl::CivilDay week = absl::PrevWeekday(day + 1, first_of_week);
  const absl::CivilDay month(day.year(), day.month(), 1);
  const absl::CivilDay next_month(absl::CivilMonth(month) + 1);
  const auto end = [this](absl::CivilDay next) {
    return absl::ToUnixMillis(absl::FromCivil(next, zone_));
  };
  return {{{PERIOD_KIND_CUMULATIVE, 0}, INT64_MAX},
          {{PERIOD_KIND_DAY, day - epoch}, end(day + 1)},
          {{PERIOD_KIND_WEEK, week - epoch}, end(week + 7)},
          {{PERIOD_KIND_MONTH, month - epoch}, end(next_month)}};
}

void SlowModel::Apply(const SlowDecision::Moment& moment, const SlowFinding& finding,
                      SlowTally& tally) {
  if (moment.close) tally.AddFinding(finding);
  tally.late_event += moment.late;
  tally.truth_uncounted += moment.truth_uncounted;
  tally.review_uncounted += moment.review_uncounted;
  tally.AddAside(moment.aside_before, finding, -1);
  tally.AddAside(moment.aside_after, finding, 1);
  if (!moment.truth_changed) return;
  if (moment.truth_before.has_value()) {
    tally.AddTruth(*moment.truth_before, finding, -1);
    ++tally.truth_revised;
  }
  if (moment.truth_after.has_value()) tally.AddTruth(*moment.truth_after, finding, 1);
}

std::map<SlowTallyKey, SlowTally> SlowModel::Tallies() const {
  std::map<SlowTallyKey, SlowTally> tallies;
  for (const auto& [key, decision] : decisions_) {
    if (!decision.closed) continue;
    const SlowFinding& finding = decision.finding;
    std::set<SlowScope> scopes;
    for (const std::string& system : {std::string(), decision.system}) {
      for (const std::string& unit : {std::string(), finding.unit}) {
        scopes.insert({decision.organisation, system, "", unit, decision.test});
      }
    }
    scopes.insert({decision.organisation, decision.system, finding.version, "", decision.test});
    const int64_t grace_ms =
        policies_[static_cast<size_t>(decision.epoch) - 1].closing().period_grace_ms();
    for (const auto& [period, end_ms] : PeriodsOf(finding.decisive_at_ms)) {
      for (const SlowDecision::Moment& moment : decision.moments) {
        const bool final =
            moment.at_ms - grace_ms > end_ms && mutation_ != Mutation::kL10PeriodsStayOpen;
        if (final && !moment.close) continue;
        for (const SlowScope& scope : scopes) {
          SlowTally& tally = tallies[{decision.epoch, scope, period}];
          if (final) {
            ++tally.period_late;
          } else {
            Apply(moment, finding, tally);
          }
        }
      }
    }
  }
  return tallies;
}

}  // namespace vigie::simulation
