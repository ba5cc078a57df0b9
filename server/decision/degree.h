// SPDX-License-Identifier: Apache-2.0
// The degree of human intervention in one decision (measurement.md section 2, rules R0-R8).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decision/fact.h"
#include "decision/grade.h"
#include "vigie/config/v1/policy.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::decision {

// What the rules need beside the facts. Must outlive the call it is passed to.
struct Rules {
  const vigie::config::v1::Policy* policy = nullptr;
  std::vector<NameIndex> roles_without_authority;  // R2, as numbers of names.
};

// One decision as it stands when it closes.
struct Case {
  std::span<const Fact> facts;           // In any order.
  std::span<const Fact> batch_evidence;  // EvidenceOpened of other decisions for its batch (R8).
  PayloadSet declared;                   // By any source of the decision.
  bool expired = false;                  // Closed without a closing act (L4).
  // Median of the unaided baseline that the policy names for its kind (R9); absent without one.
  std::optional<int64_t> unaided_median_ms;
};

// Contribution to an indicator.
enum class Trial : uint8_t { kNone = 0, kFailure = 1, kSuccess = 2, kUnknown = 3 };

// What was found at close. Computed once, from the events present then (L2).
struct Finding {
  vigie::v1::Degree degree = vigie::v1::DEGREE_UNSPECIFIED;
  std::vector<vigie::v1::Reason> reasons;  // In their fixed order.
  NameIndex unit = 0;                      // L10.
  NameIndex version = 0;
  Pseudonym actor{};
  int64_t decisive_at_ms = 0;
  std::optional<int64_t> active_ms;     // L7; absent when missing.
  std::optional<int64_t> minimum_ms;    // R4; absent when the policy gives none.
  std::optional<int64_t> judgement_ms;  // Time of the own judgement before display.
  std::string suggested;                // Canonical codes; empty = not known, as below.
  std::string judged;
  std::string chosen;    // Final or applied; the one that differs, if one does.
  bool exposed = false;  // Shown to a person or taken into effect (I3).
  bool batch = false;
  bool limited_time = false;          // A reason of the decisive act says that time was short.
  Trial positive_act = Trial::kNone;  // I1
  Trial concrete_examination = Trial::kNone;  // I2
  Trial coverage = Trial::kNone;
  vigie::v1::Grade grade = vigie::v1::GRADE_UNSPECIFIED;
};

// Gives the degree, the reasons and all that the tallies need. Pure.
[[nodiscard]] Finding Judge(const Case& decision, const Rules& rules);

// What would be missing for the next degree, in words for an integrator; empty for SIGNIFICANT.
[[nodiscard]] std::vector<std::string> MissingForNext(const Finding& finding,
                                                      vigie::v1::Language language);

}  // namespace vigie::decision
