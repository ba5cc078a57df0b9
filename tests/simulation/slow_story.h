// SPDX-License-Identifier: Apache-2.0
// One decision in order of time, and the points of it that the rules name (L2, L3, L7, L8, N1).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "simulation/mutation.h"
#include "simulation/slow_event.h"
#include "vigie/config/v1/policy.pb.h"

namespace vigie::simulation {

// True, false, or nothing: unknown (Kleene).
using Known = std::optional<bool>;
[[nodiscard]] Known All(Known a, Known b);
[[nodiscard]] Known Any(Known a, Known b);

// What the rules read of one decision.
struct SlowCase {
  std::vector<SlowEvent> events;          // All recorded before close, voided ones too.
  std::vector<SlowEvent> batch_evidence;  // Of the organisation's batch that it was signed in.
  std::set<int> declared;                 // PayloadKinds.
  bool expired = false;                   // Closed without an effect or a final Decided.
  std::optional<int64_t> unaided_median_ms;
};

// Active time (L7); the figures differ where clocks of two sources leave it open what lay before.
struct SlowTime {
  int64_t certain_ms = 0;
  int64_t possible_ms = 0;
  bool missing = false;
};

// The arguments must outlive it.
class SlowStory {
 public:
  SlowStory(const SlowCase& decision, const vigie::config::v1::Policy& policy, Mutation mutation);
  SlowStory(const SlowStory&) = delete;
  SlowStory& operator=(const SlowStory&) = delete;

  const SlowCase& decision;
  const vigie::config::v1::Policy& policy;
  const Mutation mutation;
  const std::vector<SlowEvent> events;  // Voided ones left out.

  // Points into `events`; null = there is none.
  const SlowEvent* issued = nullptr;
  const SlowEvent* shown = nullptr;
  const SlowEvent* first_effect = nullptr;
  const SlowEvent* last_effect = nullptr;
  const SlowEvent* decided = nullptr;   // Last final one; at expiry the last.
  const SlowEvent* edited = nullptr;    // Last one.
  const SlowEvent* decisive = nullptr;  // Last final act of a person.
  const SlowEvent* deadline = nullptr;  // What evidence must come before.
  bool suppressed = false;

  CodeSet suggested;
  CodeSet chosen;
  CodeSet judged;                // By the person, before display.
  Known own_judgement = false;   // Whether there was such a judgement.
  std::optional<SlowTime> time;  // Nothing when no segment tells.

  [[nodiscard]] bool Declares(vigie::v1::PayloadKind kind) const {
    return decision.declared.contains(kind);
  }
  [[nodiscard]] bool HasGap(vigie::v1::PayloadKind missing) const;
  // L8.
  [[nodiscard]] Known Before(const SlowEvent& a, const SlowEvent& b) const;
  [[nodiscard]] Known WasShown() const;
  [[nodiscard]] int Outcome() const;  // A DecisionOutcome.
  [[nodiscard]] bool OneClick() const;
  [[nodiscard]] bool PreselectedUntouched() const;
  [[nodiscard]] bool IsBatch() const;

 private:
  void FindPoints();
  [[nodiscard]] CodeSet FinalCodes() const;
  void FindChoice();
  void FindOwnJudgement();
  void FindTime();
  [[nodiscard]] SlowTime SumSegments(const SlowEvent& act) const;
};

}  // namespace vigie::simulation
