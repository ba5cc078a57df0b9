// SPDX-License-Identifier: Apache-2.0
// The degree of one decision, written again from sections 1 to 3 of the measurement, without any
// rule of the server: slow, on plain events.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "simulation/mutation.h"
#include "simulation/slow_story.h"
#include "vigie/config/v1/policy.pb.h"

namespace vigie::simulation {

// A contribution to an indicator.
enum class SlowTrial { kNone, kFailure, kSuccess, kUnknown };

struct SlowFinding {
  int degree = 0;
  std::set<int> reasons;
  std::string unit;
  std::string version;
  std::string actor;
  int64_t decisive_at_ms = 0;
  std::optional<int64_t> active_ms;
  std::optional<int64_t> minimum_ms;
  CodeSet suggested;
  CodeSet judged;
  CodeSet chosen;
  bool exposed = false;
  bool batch = false;
  bool limited_time = false;
  SlowTrial positive_act = SlowTrial::kNone;
  SlowTrial concrete_examination = SlowTrial::kNone;
  SlowTrial coverage = SlowTrial::kNone;
};

[[nodiscard]] SlowFinding JudgeSlowly(const SlowCase& decision,
                                      const vigie::config::v1::Policy& policy, Mutation mutation);

}  // namespace vigie::simulation
