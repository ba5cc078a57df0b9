// SPDX-License-Identifier: Apache-2.0
// What the rules read of an event.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "decision/fact.h"
#include "engine/event_head.h"
#include "engine/names.h"
#include "engine/plain_payload.h"
#include "store/keys.h"
#include "vigie/v1/event.pb.h"

namespace vigie::engine {

// What the fold needs of one event. The head's views live as long as the event's bytes.
struct EventFacts {
  EventHead head;
  uint64_t id_hash = 0;     // PassingHash of IdOf.
  uint64_t names_hash = 0;  // Of all that FindNames looks for, another in every process.
  // Unit, version, role, source, position and hashes are left to the fold.
  decision::Fact fact;
  // The screen's version, or what was changed in a configuration; mostly nothing.
  std::string change;
};

// Fills in what follows from the head, which is there, and the rest of a validated, pseudonymised
// event, as ReadEvent or ReadPlainPayload gives it.
void FillIn(const vigie::v1::Event& rest, EventFacts& event);
void FillIn(PlainPayload rest, EventFacts& event);
// Of a recorded event. Nothing where the bytes are not those that recording writes.
[[nodiscard]] std::optional<EventFacts> ReadFacts(std::string_view bytes);

// Which identifier space an event's idempotence lives in (rules L1, L9).
[[nodiscard]] store::IdSpace SpaceOf(const EventFacts& event);
// Its identifier there.
[[nodiscard]] std::string_view IdOf(const EventFacts& event);

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
[[nodiscard]] EventNames FindNames(const EventHead& event, const EventNames& likely,
                                   const Names& names);
// Gives numbers to the names that have none yet.
void InternNames(const EventHead& event, EventNames& found, Names& names);

// The fact of an event with the numbers of its names; `event` is left without.
[[nodiscard]] decision::Fact TakeFact(EventFacts& event, const EventNames& names);

}  // namespace vigie::engine
