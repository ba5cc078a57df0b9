// SPDX-License-Identifier: Apache-2.0
// Events as bytes: what every event says beside its payload, read and written without a message.
//
// A message makes a string of every field, to be copied again into the log's bytes; that was about
// an eighth of the cost of an event. At most the payload is read as a message (plain_payload.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vigie/v1/event.pb.h"

namespace vigie::engine {

// Fields 1 to 10 of an Event, by their names; views of whatever they were read from.
struct EventHead {
  // Where the first seven fields stand, exactly as they are to be written; empty = nowhere. Whoever
  // sets one of them empties it.
  std::string_view texts;
  std::string_view event_id;
  std::string_view organisation_id;
  std::string_view decision_id;
  std::string_view system_id;
  std::string_view system_version;
  std::string_view unit_id;
  std::string_view decision_kind;
  bool has_actor = false;
  std::string_view role;
  std::string_view actor_id;   // Never of a recorded event.
  std::string_view pseudonym;  // Only of a recorded event.
  int32_t key_epoch = 0;
  int64_t occurred_at_ms = 0;
  int64_t sent_at_ms = 0;
};

// Takes an event apart whose fields come in order and once, as every protobuf library writes them:
// its head into `head`, which holds nothing before; returns its attributes and payload, as bytes.
// Nothing for any other bytes; those may be an event all the same.
[[nodiscard]] std::optional<std::string_view> TakeApart(std::string_view bytes, EventHead* head);

// Reads an event, however it was written: its head, and its attributes and payload into `rest`
// without fields that this version does not know. `normal` holds the bytes of the head where those
// given would not do. False when it is not an event: what Event::ParseFromString would not parse.
// Texts of the head may hold any bytes; only a whole parse tells that they are UTF-8.
[[nodiscard]] bool ReadEvent(std::string_view bytes, EventHead* head, vigie::v1::Event* rest,
                             std::string* normal);

// Lets an event that names no organisation be of this one.
void DefaultOrganisation(std::string_view organisation, EventHead& head);

// Bytes that WriteHead writes.
[[nodiscard]] size_t HeadSize(const EventHead& head);
// Writes what Event would serialise for these fields, and lets the views of `head` look at it.
// Returns where it ends.
[[nodiscard]] uint8_t* WriteHead(EventHead& head, uint8_t* out);

}  // namespace vigie::engine
