// SPDX-License-Identifier: Apache-2.0
// Whether a decision was examined (rules R3 and R4).
#pragma once

#include <cstdint>
#include <optional>

#include "decision/degree.h"
#include "decision/kleene.h"
#include "decision/timeline.h"

namespace vigie::decision {

// The three conditions of R3, with why they are not met.
struct Examination {
  Truth opened = Truth::kUnknown;
  Truth evidence = Truth::kTrue;
  Truth in_time = Truth::kTrue;
  Truth own_judgement = Truth::kFalse;
  Truth substantial_edit = Truth::kFalse;
  bool something_opened = false;  // Opened or EvidenceOpened, not merely Shown.
  bool kind_missing = false;
  bool independent_missing = false;
  bool grade_too_low = false;
  bool span_missing = false;
  bool clock_inconsistent = false;
  std::optional<int64_t> minimum_ms;  // R4; absent when the policy gives none.
};

// What is to be examined. The pointers must outlive the call.
struct ExaminationSubject {
  const Case* decision = nullptr;
  const Rules* rules = nullptr;
  const Timeline* timeline = nullptr;  // With a deadline: an act or an effect.
  int32_t outcome = 0;                 // A vigie.v1.DecisionOutcome.
  bool one_click = false;
  bool preselected_untouched = false;
  Truth own_judgement = Truth::kFalse;  // Recorded before display and before the deadline.
  std::optional<ActiveTime> time;
};

// Evaluates the conditions of R3 with the time minimum of R4. Pure.
[[nodiscard]] Examination Examine(const ExaminationSubject& subject);

}  // namespace vigie::decision
