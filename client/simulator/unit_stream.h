// SPDX-License-Identifier: Apache-2.0
// The decisions of one unit, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulator/decision_script.h"
#include "simulator/plan.h"
#include "simulator/random.h"

namespace vigie::simulator {

// Generates a unit's decisions in the order in which they begin. Each unit draws from a random
// stream of its own, so that one unit does not change another. Not thread-safe.
class UnitStream {
 public:
  // `working_days` and the start in the options are those of the hospital.
  UnitStream(UnitSetting setting, size_t unit_index, int64_t working_days);

  // Nothing that is still to come happens before this; kNever when nothing is to come.
  [[nodiscard]] int64_t NextStartMs() const { return next_.at_ms; }
  // Appends the next decision, or the next batch of decisions.
  void Generate(std::vector<Happening>& out);

  static constexpr int64_t kNever = INT64_MAX;

 private:
  void GenerateBatch(std::vector<Happening>& out);
  // Places the next decision within its even share of the working time.
  void Advance();
  void Hire();

  UnitSetting setting_;
  int64_t working_days_;
  Random random_;
  int64_t written_count_ = 0;
  Moment next_;
};

}  // namespace vigie::simulator
