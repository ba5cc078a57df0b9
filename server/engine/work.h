// SPDX-License-Identifier: Apache-2.0
// What doors hand to the sequencer, and what it answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/prefetch.h"
#include "engine/event_facts.h"
#include "engine/validate.h"
#include "vigie/v1/ingest_service.pb.h"

namespace vigie::engine {

// An event made ready at a door: validated, pseudonymised, serialised, hashed.
struct PreparedEvent {
  // The recorded content: the event without sent_at_ms. It and what `facts` looks at live as long
  // as `memory`, which is mostly that of a whole batch.
  std::string_view bytes;
  std::string_view record;  // The same as it stands in a block (store::EventRecord).
  std::shared_ptr<const uint8_t[]> memory;
  EventFacts facts;  // Not of a refused one.
  uint64_t event_hash = 0;
  uint64_t content_hash = 0;
  int64_t sent_at_ms = 0;
  std::optional<Refusal> refusal;   // Refused at the door.
  bool redacted = false;            // Identifiers could not be made safe: it cannot be replayed.
  int64_t quarantine_position = 0;  // It comes from quarantine; 0 = from a source.
};

// Begins to fetch what comes soon after event `at`: another thread has prepared it, so that it is
// in no cache of this one. Returns the event whose decision is the next to be fetched, null when
// there is none.
inline const EventFacts* FetchAhead(const std::vector<PreparedEvent>& events, size_t at) {
  constexpr size_t kBytesAhead = 2;
  constexpr size_t kDecisionAhead = 3;
  constexpr size_t kEventsAhead = 4;
  if (at + kEventsAhead >= events.size()) return nullptr;
  base::PrefetchBytes(&events[at + kEventsAhead], sizeof(PreparedEvent));
  const std::string_view bytes = events[at + kBytesAhead].bytes;
  base::PrefetchBytes(bytes.data(), bytes.size());
  return &events[at + kDecisionAhead].facts;
}

// What became of a batch. `status` is not OK when nothing of it was recorded.
struct Receipt {
  absl::Status status;
  int64_t durable_sequence = 0;
  int64_t log_position = 0;
  int64_t recorded_count = 0;
  int64_t duplicate_count = 0;
  int64_t refused_count = 0;
  // In order: one per event, of a stream (with sequences) only for those that were not recorded.
  std::vector<vigie::v1::EventResult> results;
};

// Events of one source, in order.
struct EventWork {
  std::string source_id;           // The one that they were prepared for: their records name it.
  std::string source_incarnation;  // Empty: no sequences (RecordEvents).
  int64_t first_sequence = 0;
  std::vector<PreparedEvent> events;
  std::optional<int64_t> watermark_ms;
  bool validate_only = false;
  // Called once, on the sequencer's thread, after the events are on disk; must not wait.
  std::function<void(Receipt)> done;
};

// What a record adds to its event, mostly: framing, source and when it was sent.
inline constexpr int64_t kRecordBytes = 64;
// What the events will need in the log, about, before it is packed.
[[nodiscard]] inline int64_t LogBytesOf(const EventWork& work) {
  int64_t bytes = 0;
  for (const PreparedEvent& event : work.events) {
    bytes += static_cast<int64_t>(event.bytes.size()) + kRecordBytes;
  }
  return bytes;
}

}  // namespace vigie::engine
