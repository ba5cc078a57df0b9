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

// The names in an event; 0 = not given, or not known yet.
struct EventNames {
  decision::NameIndex organisation = 0;
  decision::NameIndex system = 0;
  decision::NameIndex kind = 0;
  decision::NameIndex unit = 0;
  decision::NameIndex version = 0;
  decision::NameIndex role = 0;
};

// Looks for the names of an event. Events of one decision mostly have the same ones, and comparing
// a name costs less than looking it up: `likely` are those of an earlier event, or none.
[[nodiscard]] EventNames FindNames(const vigie::v1::Event& event, const EventNames& likely,
                                   const Names& names);
// Gives numbers to the names that have none yet.
void InternNames(const vigie::v1::Event& event, EventNames& found, Names& names);

// The fact of a validated, pseudonymised event. Source, position and hashes are left to the caller.
[[nodiscard]] decision::Fact FactOf(const vigie::v1::Event& event, const EventNames& names);

}  // namespace vigie::engine
