// SPDX-License-Identifier: Apache-2.0
#include "decision/timeline.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

// A tie between Decided and Applied counts as decided first (rule L8).
int TieRank(const Fact& fact) { return fact.payload == PAYLOAD_KIND_APPLIED ? 1 : 0; }

bool Earlier(const Fact* a, const Fact* b) {
  if (a->occurred_at_ms != b->occurred_at_ms) return a->occurred_at_ms < b->occurred_at_ms;
  if (TieRank(*a) != TieRank(*b)) return TieRank(*a) < TieRank(*b);
  return a->position < b->position;
}

std::vector<const Fact*> Ordered(std::span<const Fact> facts) {
  std::vector<uint64_t> voided;
  for (const Fact& fact : facts) {
    if (fact.payload == PAYLOAD_KIND_VOIDED) voided.push_back(fact.voided_hash);
  }
  std::vector<const Fact*> ordered;
  ordered.reserve(facts.size());
  for (const Fact& fact : facts) {
    if (std::find(voided.begin(), voided.end(), fact.event_hash) == voided.end()) {
      ordered.push_back(&fact);
    }
  }
  std::sort(ordered.begin(), ordered.end(), Earlier);
  return ordered;
}

void KeepFirst(const Fact*& slot, const Fact* fact) {
  if (slot == nullptr) slot = fact;
}

void Place(const Fact* fact, Timeline& timeline) {
  switch (fact->payload) {
    case PAYLOAD_KIND_ISSUED:
      return KeepFirst(timeline.issued, fact);
    case PAYLOAD_KIND_SUPPRESSED_BEFORE_DISPLAY:
      return KeepFirst(timeline.suppressed, fact);
    case PAYLOAD_KIND_SHOWN:
      return KeepFirst(timeline.shown, fact);
    case PAYLOAD_KIND_EDITED:
      timeline.edited = fact;
      timeline.decisive = fact;
      return;
    case PAYLOAD_KIND_DECIDED:
      if (!IsFinal(fact->kind)) return;
      timeline.decided = fact;
      timeline.decisive = fact;
      return;
    case PAYLOAD_KIND_APPLIED:
      KeepFirst(timeline.effect, fact);
      timeline.last_effect = fact;
      if (fact->kind == EFFECT_CAUSE_PERSON) timeline.decisive = fact;
      return;
    default:
      return;
  }
}

using Stretch = std::pair<int64_t, int64_t>;  // From, to.

int64_t UnionLength(std::vector<Stretch> stretches) {
  std::sort(stretches.begin(), stretches.end());
  int64_t length = 0;
  int64_t covered_to = INT64_MIN;
  for (const auto& [from, to] : stretches) {
    const int64_t start = std::max(from, covered_to);
    if (to > start) {
      length += to - start;
      covered_to = to;
    }
  }
  return length;
}

}  // namespace

Truth Before(const Fact& a, const Fact& b, int64_t tolerance_ms) {
  if (a.source == b.source) return Known(a.occurred_at_ms <= b.occurred_at_ms);
  const int64_t lead_ms = b.occurred_at_ms - a.occurred_at_ms;
  if (lead_ms > tolerance_ms) return Truth::kTrue;
  if (lead_ms < -tolerance_ms) return Truth::kFalse;
  return Truth::kUnknown;
}

bool Timeline::HasGap(Payload missing) const {
  return std::any_of(facts.begin(), facts.end(), [missing](const Fact* fact) {
    return fact->payload == PAYLOAD_KIND_TELEMETRY_GAP && fact->kind == missing;
  });
}

Timeline BuildTimeline(std::span<const Fact> facts, bool expired) {
  Timeline timeline;
  timeline.facts = Ordered(facts);
  for (const Fact* fact : timeline.facts) Place(fact, timeline);
  if (expired && timeline.decisive == nullptr && timeline.effect == nullptr) {
    for (const Fact* fact : timeline.facts) {
      if (fact->payload == PAYLOAD_KIND_DECIDED) timeline.decided = timeline.decisive = fact;
    }
  }
  return timeline;
}

bool IsFinal(int32_t outcome) {
  return outcome != DECISION_OUTCOME_DEFERRED && outcome != DECISION_OUTCOME_ESCALATED;
}

bool StartsClosing(const Fact& fact) {
  return fact.payload == PAYLOAD_KIND_APPLIED ||
         (fact.payload == PAYLOAD_KIND_DECIDED && IsFinal(fact.kind));
}

bool Opens(Payload payload) {
  return payload == PAYLOAD_KIND_ISSUED || payload == PAYLOAD_KIND_SUPPRESSED_BEFORE_DISPLAY ||
         payload == PAYLOAD_KIND_SHOWN || payload == PAYLOAD_KIND_DECIDED;
}

std::optional<ActiveTime> SumActiveTime(const Timeline& timeline, const Fact& act,
                                        int64_t idle_cap_ms, int64_t tolerance_ms) {
  std::vector<Stretch> certain;
  std::vector<Stretch> possible;
  ActiveTime sum;
  for (const Fact* fact : timeline.facts) {
    if (fact->payload != PAYLOAD_KIND_ACTIVE_SEGMENT) continue;
    if (fact->amount < 0 || fact->amount > base::kMaxSpanMs) {
      sum.missing = true;
      continue;
    }
    const int64_t slack_ms = fact->source == act.source ? 0 : tolerance_ms;
    const int64_t end = fact->start_ms + std::min(fact->amount, idle_cap_ms);
    certain.emplace_back(fact->start_ms, std::min(end, act.occurred_at_ms - slack_ms));
    possible.emplace_back(fact->start_ms, std::min(end, act.occurred_at_ms + slack_ms));
  }
  if (possible.empty() && !sum.missing) return std::nullopt;
  sum.certain_ms = UnionLength(std::move(certain));
  sum.possible_ms = UnionLength(std::move(possible));
  return sum;
}

}  // namespace vigie::decision
