// SPDX-License-Identifier: Apache-2.0
// The payloads that nearly all events have, read without a message.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "decision/fact.h"

namespace vigie::engine {

// What is to be known of a payload that the Validator accepts, and whose bytes are already those
// that recording writes.
struct PlainPayload {
  decision::Fact fact;              // The fields that follow from the payload alone.
  std::string_view screen_version;  // Of a Shown; a view of the bytes.
};

// Reads `rest`, the bytes of an event behind its head, where it is nothing but an Issued, Shown,
// Opened, ActiveSegment, Decided or Applied in which nothing is unusual: valid, every field known,
// in order, once and no longer than needed, no time after `latest_ms`, no number below zero, at
// most one code in a list, and none of the rarer fields, which may name a person, a batch or
// another decision. Nothing otherwise: it has to be read as a message, which also says what is
// wrong. Both ways come to the same; tests and the fuzzer hold them against each other. Any thread.
[[nodiscard]] std::optional<PlainPayload> ReadPlainPayload(std::string_view rest,
                                                           int64_t latest_ms);

}  // namespace vigie::engine
