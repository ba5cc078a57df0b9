// SPDX-License-Identifier: Apache-2.0
// What the rules read of one event.
//
// Room decision: the rules of measurement.md sections 1 to 4 on plain values. Pure: no clock, no
// I/O, no gRPC, no RocksDB. Uses base (limits) and stats.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "vigie/v1/event.pb.h"

namespace vigie::decision {

using Payload = vigie::v1::PayloadKind;

// A keyed pseudonym of a person; all zero = nobody.
using Pseudonym = std::array<uint8_t, 16>;

// Number of a name (unit, version, role, kind, ...) in the store's table; 0 = not given.
using NameIndex = int32_t;
// Number of a source, from 0, in order of first appearance.
using SourceIndex = int32_t;

// One event as the rules see it. Which fields mean something depends on the payload.
struct Fact {
  Payload payload = vigie::v1::PAYLOAD_KIND_UNSPECIFIED;
  SourceIndex source = 0;
  int64_t occurred_at_ms = 0;
  int64_t position = 0;
  uint64_t event_hash = 0;    // Of event_id (rule L9).
  uint64_t content_hash = 0;  // Of the recorded bytes (rule L9).
  NameIndex unit = 0;
  NameIndex version = 0;
  NameIndex role = 0;
  Pseudonym actor{};
  int32_t kind = 0;    // Outcome, effect cause, evidence kind, timing, manner, truth origin,
                       // missing payload, finding.
  int32_t origin = 0;  // Evidence origin.
  bool one_click = false;
  bool preselected = false;
  bool limited_time = false;  // A reason says that time was short (I5).
  int64_t start_ms = 0;       // Of a segment.
  int64_t amount = 0;         // Length, elapsed time, content items, permille, items of a batch.
  uint64_t voided_hash = 0;   // Of the event that a Voided cancels.
  std::string codes;          // Canonical; empty = none.
  std::string group;          // Batch or draw; the right answer of an unaided decision.
};

}  // namespace vigie::decision
