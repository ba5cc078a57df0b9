// SPDX-License-Identifier: Apache-2.0
// The contract of an event, as far as the simulated sources break it.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "vigie/v1/event.pb.h"

namespace vigie::simulation {

// RefusalReason and status code of an event that a door must refuse; nothing when it must not. An
// event with two faults may be refused for either, so no source makes two.
[[nodiscard]] std::optional<std::pair<int, int>> RefuseAtTheDoor(const vigie::v1::Event& event,
                                                                 int64_t clock_ms);

}  // namespace vigie::simulation
