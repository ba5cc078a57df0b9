// SPDX-License-Identifier: Apache-2.0
// An event as recorded, and the small questions that the slow model asks of it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "vigie/v1/event.pb.h"

namespace vigie::simulation {

// `event` as it was sent: nothing is pseudonymised.
struct SlowEvent {
  vigie::v1::Event event;
  std::string source;
  int64_t position = 0;
  int64_t recorded_at_ms = 0;
};

// A set of (system, code); empty = not known.
using CodeSet = std::set<std::pair<std::string, std::string>>;
[[nodiscard]] CodeSet CodesOf(const google::protobuf::RepeatedPtrField<vigie::v1::Code>& codes);

// Whether a Decided ends its decision (L3).
[[nodiscard]] bool IsFinalOutcome(int outcome);
// Whether an event starts the waiting for close (L4).
[[nodiscard]] bool IsClosingAct(const vigie::v1::Event& event);
// The events that no Voided of `events` cancels, in order L2.
[[nodiscard]] std::vector<SlowEvent> InOrder(const std::vector<SlowEvent>& events);
// The last final Decided of `events`; at expiry the last one. Null when there is none.
[[nodiscard]] const SlowEvent* LastDecided(const std::vector<SlowEvent>& ordered, bool expired);

}  // namespace vigie::simulation
