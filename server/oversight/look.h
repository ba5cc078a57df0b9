// SPDX-License-Identifier: Apache-2.0
// A verdict as it may be told: the counts' verdict, what an open alarm takes from it (V4), and
// whether it also holds among all scopes watched live (V7).
#pragma once

#include <cstdint>
#include <memory>

#include "decision/scope.h"
#include "decision/verdict.h"
#include "engine/published.h"
#include "vigie/config/v1/policy.pb.h"

namespace vigie::oversight {

// What a verdict on a scope needs beside its tally, copied out of the published state.
struct Look {
  std::shared_ptr<const decision::Standings> standings;
  bool single_unit = false;
  bool alarm_open = false;     // One that was raised before the period ended.
  int64_t alarm_position = 0;  // Where the newest such alarm was raised; 0 = none.
  int64_t scope_number = 0;    // In order of creation, from 1; 0 = not watched live.
};

// `scope_number` from 1 where the caller knows it, else 0. Call under the published lock.
[[nodiscard]] Look LookAt(const engine::PublishedState& state, const decision::ScopeKey& scope,
                          const decision::PeriodKey& period, int64_t scope_number);
// The number of a scope in order of creation, from 1; 0 when it is none.
[[nodiscard]] int64_t ScopeNumber(const engine::PublishedState& state,
                                  const decision::ScopeKey& scope);

// V1-V3 by decision::Conclude, then V4 and V7.
struct Conclusion {
  decision::VerdictFinding found;
  bool change_alarm_open = false;
  bool live_flag = false;
};
[[nodiscard]] Conclusion ConcludeLook(const decision::Tally& tally,
                                      const vigie::config::v1::Policy& policy, const Look& look);

}  // namespace vigie::oversight
