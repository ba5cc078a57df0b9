// SPDX-License-Identifier: Apache-2.0
#include "oversight/look.h"

#include <algorithm>

namespace vigie::oversight {

int64_t ScopeNumber(const engine::PublishedState& state, const decision::ScopeKey& scope) {
  const auto found = std::find(state.scopes.begin(), state.scopes.end(), scope);
  return found == state.scopes.end() ? 0 : found - state.scopes.begin() + 1;
}

Look LookAt(const engine::PublishedState& state, const decision::ScopeKey& scope,
            const decision::PeriodKey& period, int64_t scope_number) {
  int64_t alarm_position = 0;
  const auto alarms = state.alarms_of_scope.find(scope);
  if (alarms != state.alarms_of_scope.end()) {
    absl::TimeZone zone;
    static_cast<void>(absl::LoadTimeZone(state.store.time_zone(), &zone));
    const int64_t end_ms = decision::PeriodEndMs(period, zone);
    for (const size_t index : alarms->second) {
      const engine::Detector& detector = state.open_alarms[index].detector;
      if (detector.raised_at_ms < end_ms) {
        alarm_position = std::max(alarm_position, detector.raised_position);
      }
    }
  }
  return {.standings = state.StandingsOf(scope.organisation),
          .single_unit = scope.unit != 0,
          .alarm_open = alarm_position != 0,
          .alarm_position = alarm_position,
          .scope_number = scope_number};
}

Conclusion ConcludeLook(const decision::Tally& tally, const vigie::config::v1::Policy& policy,
                        const Look& look) {
  Conclusion conclusion;
  conclusion.found = decision::Conclude(
      tally, policy, look.standings != nullptr ? *look.standings : decision::Standings(),
      look.single_unit);
  conclusion.change_alarm_open = look.alarm_open;
  // V4: a good history must not hide a fresh lapse. It never adds red.
  if (look.alarm_open && conclusion.found.verdict == vigie::v1::VERDICT_CONCRETE_AND_SIGNIFICANT) {
    conclusion.found.verdict = vigie::v1::VERDICT_UNDETERMINED;
  }
  conclusion.live_flag =
      look.scope_number > 0 && decision::IsFlaggedLive(conclusion.found, look.scope_number);
  return conclusion;
}

}  // namespace vigie::oversight
