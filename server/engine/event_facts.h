// SPDX-License-Identifier: Apache-2.0
// What the rules read of an event.
#pragma once

#include <string_view>

#include "decision/fact.h"
#include "engine/names.h"
#include "store/keys.h"
#include "vigie/v1/event.pb.h"

namespace vigie::engine {

// Which identifier space an event's idempotence lives in (rules L1, L9).
[[nodiscard]] store::IdSpace SpaceOf(const vigie::v1::Event& event);

// The fact of a validated, pseudonymised event. Gives numbers to its names. Source, position and
// hashes are left to the caller.
[[nodiscard]] decision::Fact FactOf(const vigie::v1::Event& event, Names& names);

}  // namespace vigie::engine
