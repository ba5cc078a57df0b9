// SPDX-License-Identifier: Apache-2.0
#include "simulation/slow_event.h"

#include <algorithm>
#include <tuple>

namespace vigie::simulation {

using namespace vigie::v1;  // Enumerators and messages.

CodeSet CodesOf(const google::protobuf::RepeatedPtrField<Code>& codes) {
  CodeSet set;
  for (const Code& code : codes) set.emplace(code.system(), code.code());
  return set;
}

bool IsFinalOutcome(int outcome) {
  return outcome != DECISION_OUTCOME_DEFERRED && outcome != DECISION_OUTCOME_ESCALATED;
}

bool IsClosingAct(const Event& event) {
  return event.has_applied() || (event.has_decided() && IsFinalOutcome(event.decided().outcome()));
}

std::vector<SlowEvent> InOrder(const std::vector<SlowEvent>& events) {
  std::set<std::string> voided;
  for (const SlowEvent& e : events) {
    if (e.event.has_voided()) voided.insert(e.event.voided().voided_event_id());
  }
  std::vector<SlowEvent> ordered;
  for (const SlowEvent& e : events) {
    if (!voided.contains(e.event.event_id())) ordered.push_back(e);
  }
  std::sort(ordered.begin(), ordered.end(), [](const SlowEvent& a, const SlowEvent& b) {
    return std::tuple(a.event.occurred_at_ms(), a.event.has_applied(), a.position) <
           std::tuple(b.event.occurred_at_ms(), b.event.has_applied(), b.position);
  });
  return ordered;
}

const SlowEvent* LastDecided(const std::vector<SlowEvent>& ordered, bool expired) {
  const SlowEvent* last = nullptr;
  for (const SlowEvent& e : ordered) {
    if (!e.event.has_decided()) continue;
    if (expired || IsFinalOutcome(e.event.decided().outcome())) last = &e;
  }
  return last;
}

}  // namespace vigie::simulation
