// SPDX-License-Identifier: Apache-2.0
// Counts of one scope and period, written again from section 3 of the measurement.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "simulation/slow_decision.h"

namespace vigie::simulation {

struct SlowCounts {
  int64_t successes = 0;
  int64_t trials = 0;
  int64_t unknown = 0;
  void Add(SlowTrial trial, int64_t sign = 1);
};

// AI right or wrong by taken over or not (N1), for one origin of truth (N2).
struct SlowOrigin {
  std::array<std::array<int64_t, 2>, 2> cells{};  // [wrong][not taken over]
  int64_t wrong_unknown = 0;
  SlowCounts rair;
  SlowCounts rsr;
};

// A truth that counts: its origin and its codes.
struct SlowTruth {
  int origin = 0;
  CodeSet codes;
  friend bool operator==(const SlowTruth&, const SlowTruth&) = default;
};

// Reversed, contested, reviewed, reviewed by the same person, patient informed.
using SlowRights = std::array<int64_t, 5>;

// What is told of a decision beside its verdict.
struct SlowAside {
  std::optional<SlowTruth> opportunistic;
  SlowRights rights{};
  friend bool operator==(const SlowAside&, const SlowAside&) = default;
};

struct SlowTally {
  int64_t closed = 0;
  std::map<std::pair<int, int>, int64_t> reasons;  // By degree and reason; 0 = the degree itself.
  SlowCounts positive_act;
  SlowCounts concrete_examination;
  SlowCounts coverage;
  SlowCounts switches;
  SlowCounts overrides;
  std::map<int, SlowOrigin> origins;
  SlowOrigin opportunistic;
  int64_t batch = 0;
  int64_t limited_time = 0;
  int64_t active_times = 0;  // Decisions whose active time is known.
  int64_t late_event = 0;
  int64_t period_late = 0;
  int64_t truth_revised = 0;
  int64_t truth_uncounted = 0;
  int64_t review_uncounted = 0;
  SlowRights rights{};

  void AddFinding(const SlowFinding& finding);
  // Counts (sign 1) or takes back (sign -1).
  void AddTruth(const SlowTruth& truth, const SlowFinding& finding, int64_t sign);
  void AddAside(const SlowAside& aside, const SlowFinding& finding, int64_t sign);

 private:
  static void AddTo(SlowOrigin& origin, const SlowTruth& truth, const SlowFinding& finding,
                    int64_t sign);
};

}  // namespace vigie::simulation
