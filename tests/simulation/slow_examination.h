// SPDX-License-Identifier: Apache-2.0
// Whether a decision was examined (R3, R4), written again from the measurement.
#pragma once

#include <cstdint>
#include <optional>

#include "simulation/slow_story.h"

namespace vigie::simulation {

// The conditions of R3, and why one of them is not known or not met.
struct SlowExamination {
  Known opened;
  Known evidence;
  Known in_time;
  Known own_judgement;
  Known substantial_edit;
  bool something_opened = false;  // Opened or EvidenceOpened.
  bool kind_missing = false;
  bool independent_missing = false;
  bool grade_too_low = false;
  bool span_missing = false;
  bool clock_inconsistent = false;
  std::optional<int64_t> minimum_ms;
};

// `story` has a deadline.
[[nodiscard]] SlowExamination ExamineSlowly(const SlowStory& story);

}  // namespace vigie::simulation
