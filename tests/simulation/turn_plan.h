// SPDX-License-Identifier: Apache-2.0
// One turn of the sequencer as the simulation plans it, and what comes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "vigie/config/v1/policy.pb.h"
#include "vigie/store/v1/log.pb.h"
#include "vigie/v1/event.pb.h"
#include "vigie/v1/registry_service.pb.h"

namespace vigie::simulation {

// A batch as it arrives at a door, before validation.
struct SentBatch {
  std::string source_id;
  std::string source_incarnation;  // Empty: no sequences.
  int64_t first_sequence = 0;
  std::vector<vigie::v1::Event> events;
  std::optional<int64_t> watermark_ms;
  bool validate_only = false;
};

// Sequences of an incarnation that its source declares lost; `first` is the next expected one.
struct LostSequences {
  std::string source_id;
  std::string source_incarnation;
  int64_t first = 0;
  int64_t last = 0;
};

// Only time passes; with `flush_views` the views are written.
struct Pause {
  bool flush_views = false;
};

using TurnItem = std::variant<SentBatch, LostSequences, Pause, vigie::v1::Source,
                              vigie::config::v1::Policy, vigie::store::v1::Calibration>;

// Taken at one moment, in order, in one block.
struct TurnPlan {
  int64_t clock_ms = 0;  // What the clock shows; it may have gone back.
  std::vector<TurnItem> items;
};

// What became of one event: fate, refusal reason and status code (0 unless refused).
struct EventAnswer {
  int64_t sequence = 0;
  int fate = 0;
  int reason = 0;
  int status_code = 0;
  friend bool operator==(const EventAnswer&, const EventAnswer&) = default;
};

// What became of one batch. `refused` when nothing of it was looked at: its sequences leave a gap.
struct BatchAnswer {
  bool refused = false;
  int64_t durable_sequence = 0;
  int64_t log_position = 0;
  std::vector<EventAnswer> events;
  friend bool operator==(const BatchAnswer&, const BatchAnswer&) = default;
};

// One answer for each SentBatch of the plan, in order.
using TurnAnswer = std::vector<BatchAnswer>;

}  // namespace vigie::simulation
