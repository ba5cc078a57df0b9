// SPDX-License-Identifier: Apache-2.0
// What the events of one decision say of recourse and of informing the patient (rule L5). It never
// enters a degree or a verdict.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "decision/fact.h"

namespace vigie::decision {

// Sources: GDPR art. 22(3), for recourse and its review by another person; CSP L.4001-3, for the
// patient.
enum class Right : size_t {
  kReversed,
  kContested,
  kRecourseReviewed,
  kSameReviewer,  // Reviewed by the actor of the decisive act: no valid recourse.
  kPatientInformed,
};
inline constexpr size_t kRights = 5;

// 1 where the decision shows it. The type is that of the counts it is added to.
using Rights = std::array<int64_t, kRights>;

// Voided facts left out. `actor` is the actor of the decisive act; nobody is never the same.
[[nodiscard]] Rights RightsOf(std::span<const Fact> facts, const Pseudonym& actor);

}  // namespace vigie::decision
