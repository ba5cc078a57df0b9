// SPDX-License-Identifier: Apache-2.0
// One decision's facts in the order of rule L2, and the points of it that the rules name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decision/fact.h"
#include "decision/kleene.h"

namespace vigie::decision {

// Whether `a` occurred before `b` (rule L8): known when both come from one source (a tie counts as
// before) or when they differ by more than `tolerance_ms`.
[[nodiscard]] Truth Before(const Fact& a, const Fact& b, int64_t tolerance_ms);

// The facts that count, ordered, voided ones left out. Points into the facts it was built from,
// which must outlive it.
struct Timeline {
  std::vector<const Fact*> facts;

  const Fact* issued = nullptr;  // First of its kind, as are the next three.
  const Fact* suppressed = nullptr;
  const Fact* shown = nullptr;
  const Fact* effect = nullptr;
  const Fact* last_effect = nullptr;  // Carries the code that stands.
  const Fact* decided = nullptr;      // Last final Decided; at expiry a deferred one stands.
  const Fact* edited = nullptr;       // Last Edited.
  const Fact* decisive = nullptr;     // Last final act of a person (rule L3).

  [[nodiscard]] bool HasGap(Payload missing) const;
  // The point before which evidence counts (rule L8): the effect, else the decisive act.
  [[nodiscard]] const Fact* Deadline() const { return effect != nullptr ? effect : decisive; }
};

// Orders `facts` and finds the points. `expired` lets a deferred or escalated act stand as final.
[[nodiscard]] Timeline BuildTimeline(std::span<const Fact> facts, bool expired);

// Whether a Decided of this outcome ends the decision (rule L3).
[[nodiscard]] bool IsFinal(int32_t outcome);
// Whether a fact starts the waiting for close: a final Decided or an Applied (rule L4).
[[nodiscard]] bool StartsClosing(const Fact& fact);
// Whether a fact opens its decision (rule L1).
[[nodiscard]] bool Opens(Payload payload);

// Active time before the decisive act (rule L7). The two figures differ where clocks of two
// sources leave it open how much lay before the act.
struct ActiveTime {
  int64_t certain_ms = 0;
  int64_t possible_ms = 0;
  bool missing = false;  // A span or a record is missing: the true time may be longer.
};
// Nothing when there is no segment. `idle_cap_ms` cuts each segment.
[[nodiscard]] std::optional<ActiveTime> SumActiveTime(const Timeline& timeline, const Fact& act,
                                                      int64_t idle_cap_ms, int64_t tolerance_ms);

}  // namespace vigie::decision
