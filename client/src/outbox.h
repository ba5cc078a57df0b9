// SPDX-License-Identifier: Apache-2.0
// The events that are not yet durably acknowledged, in order, with their sequences.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "vigie/v1/ingest_service.pb.h"

namespace vigie::client {

// Events on their way. Without events it only carries a watermark.
struct Batch {
  v1::StreamEventsRequest request;
  int64_t bytes = 0;  // Of its events, as counted in the buffer.

  [[nodiscard]] int64_t first_sequence() const { return request.batch().first_sequence(); }
  [[nodiscard]] int64_t end_sequence() const {  // One past its last.
    return first_sequence() + request.batch().events_size();
  }
};

// Bounds, in events and bytes of events.
struct OutboxLimits {
  int64_t max_events = 0;
  int64_t max_bytes = 0;
  int max_batch_events = 0;
  int max_batch_bytes = 0;
};

// What an event needs in a batch, in bytes, at most.
[[nodiscard]] int64_t BytesInBatch(const v1::Event& event);

// Holds published events: first those in flight, in batches, then those waiting. Knows nothing of
// threads, time or connections; the caller serialises all calls.
//
// Invariant: the sequences in flight and waiting are consecutive and end at next_sequence - 1.
class Outbox {
 public:
  Outbox(const OutboxLimits& limits, int64_t first_sequence);

  [[nodiscard]] bool HasRoomFor(int64_t bytes) const;
  // Takes an event that needs `bytes` in a batch. False: skipped, the server has its sequence.
  bool Add(v1::Event&& event, int64_t bytes);
  // Attaches a watermark after all events added before.
  void SetWatermark(int64_t watermark_ms);

  // There is nothing that is not acknowledged, watermarks included.
  [[nodiscard]] bool IsEmpty() const;
  // TakeBatch would return one.
  [[nodiscard]] bool HasBatch() const;
  // That batch would be as large as it may be.
  [[nodiscard]] bool HasFullBatch() const;
  // The next batch, now in flight; null when there is none.
  [[nodiscard]] std::shared_ptr<const Batch> TakeBatch();
  [[nodiscard]] int64_t batches_in_flight() const;
  // An event in flight; null when there is none of that sequence. Valid until the next change.
  [[nodiscard]] const v1::Event* Find(int64_t sequence) const;

  // The server acknowledged all sequences up to this one. Returns how many that are news.
  int64_t Acknowledge(int64_t durable_sequence);
  // The connection is lost: what is in flight waits again.
  void Rewind();
  // A new connection, nothing in flight, starts with what the server has on disk. Returns how many
  // waiting events that spares, or nothing when the server has less than it acknowledged before:
  // then call StartAnew.
  [[nodiscard]] std::optional<int64_t> Resume(int64_t durable_sequence);
  // Numbers what waits from 1, for a new incarnation.
  void StartAnew();
  // The server's own bounds of a batch; 0 = not said.
  void LowerBatchLimits(int max_events, int max_bytes);

  [[nodiscard]] int64_t buffered_events() const;
  [[nodiscard]] int64_t buffered_bytes() const { return buffered_bytes_; }

 private:
  struct Waiting {
    v1::Event event;
    int64_t bytes = 0;
    std::optional<int64_t> watermark_ms;  // To be sent right after this event.
  };

  [[nodiscard]] int64_t first_waiting() const;
  void PopFrontBatch();
  void PopFrontWaiting();
  void RaiseLoneWatermark(int64_t watermark_ms);

  OutboxLimits limits_;
  std::deque<std::shared_ptr<Batch>> in_flight_;
  std::deque<Waiting> waiting_;
  int64_t waiting_bytes_ = 0;
  int64_t waiting_watermarks_ = 0;
  int64_t buffered_bytes_ = 0;
  int64_t next_sequence_;
  int64_t durable_sequence_;  // All up to this one are acknowledged.
  // A watermark with no event before it that could carry it: goes before what waits. It travels
  // alone, because only then does the next answer tell that it arrived.
  std::optional<int64_t> lone_watermark_ms_;
};

}  // namespace vigie::client
