// SPDX-License-Identifier: Apache-2.0
// What an EHR system links to send events to Vigie. Events wait in a bounded buffer in memory
// until Vigie says that they are on disk; connections come and go meanwhile.
//
//   vigie::Publisher publisher(vigie::ConnectInsecure("127.0.0.1:7443"), {.source_id = "ris-1"});
//   absl::Status status = publisher.Publish(event);           // Never waits.
//   status = publisher.SetWatermark(now_ms);                  // About once a second.
//   status = publisher.Close(absl::Now() + absl::Seconds(30));
//
// client/examples/ehr_stream.cc is a whole program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "vigie/v1/error.pb.h"
#include "vigie/v1/event.pb.h"

namespace grpc {
class ChannelInterface;
}  // namespace grpc

namespace vigie {

namespace client {
class Courier;
}  // namespace client

// An event that Vigie did not take. It consumed its sequence, stays in Vigie's quarantine, and
// never stops the stream.
struct RefusedEvent {
  int64_t sequence = 0;  // In the incarnation of the source, from 1.
  int status_code = 0;   // Canonical: INVALID_ARGUMENT 3, ALREADY_EXISTS 6 ...
  v1::Violation violation;
  v1::Event event;  // As it was published.
};

// How a publisher works. Only source_id is required.
struct PublisherOptions {
  // The sending system, as declared to Vigie. 1-64 characters of `[A-Za-z0-9._:/-]`.
  std::string source_id = {};
  // UUID of the present run of sequences; empty = made anew. A source that can produce the same
  // events in the same order again gives the same value again: Vigie then says from where to go
  // on, and what is on disk already is skipped. Anything else is to be left empty.
  std::string source_incarnation = {};
  // Sequence of the first event published, from 1. Over 1 only with a source_incarnation, by a
  // source that keeps its own outbox.
  int64_t first_sequence = 1;
  std::string client_name = "vigie-client";  // Of the software that embeds this library.
  std::string client_version = {};           // Empty = the version of this library.
  // The bounds of the buffer: events published and not yet acknowledged.
  int64_t max_buffered_events = 65'536;
  int64_t max_buffered_bytes = int64_t{64} << 20;
  // The bounds of a batch; cut to Vigie's limits of 4,096 events and 1 MiB.
  int max_batch_events = 512;
  int max_batch_bytes = 1 << 20;
  // Batches on their way at once.
  int max_unacknowledged_batches = 8;
  // A batch that is not full waits this long for more, unless nothing is on its way.
  absl::Duration max_batch_delay = absl::Milliseconds(5);
  // Between two attempts: doubles from the first to the last, with jitter, and never shorter than
  // what the server asks for.
  absl::Duration initial_backoff = absl::Milliseconds(100);
  absl::Duration max_backoff = absl::Seconds(30);
  // A connection that owes an answer for longer is given up and made anew.
  absl::Duration answer_timeout = absl::Seconds(30);
  // Told about every refused event, before Flush returns, on a thread of the publisher, one call
  // at a time. May call Publish, SetWatermark and Stats; must not call what waits.
  std::function<void(const RefusedEvent&)> on_refused = {};
};

// Counts since the publisher was made.
struct PublisherStats {
  int64_t published = 0;        // Taken by Publish.
  int64_t sent = 0;             // Written to a stream, repetitions included.
  int64_t acknowledged = 0;     // On disk, or refused and kept in quarantine.
  int64_t already_durable = 0;  // Of those: on disk before this publisher sent them.
  int64_t duplicates = 0;       // Of those: Vigie had them by their event_id.
  int64_t refused = 0;          // Of those: not taken. A refusal whose answer got lost with its
                                // connection is only to be found in quarantine.
  int64_t reconnects = 0;       // Streams opened after the first.
  int64_t incarnations = 1;     // Over 1: the server had lost what it had acknowledged.
  int64_t buffered_events = 0;  // Now.
  int64_t buffered_bytes = 0;   // Now.
  int64_t log_position = 0;     // Of the last acknowledgement.
};

// Sends the events of one source, in order, each until it is durably acknowledged. Owns a buffer,
// one thread, and a second one while a stream is open. Concurrent calls from any threads are safe,
// Close and destruction apart, which come last.
//
// Errors that pass (server away, busy, another live stream of the source) are retried for ever.
// Errors that do not (INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED,
// NOT_FOUND) stop the publisher: every call then returns that status, and what is buffered stays.
class Publisher {
 public:
  // `channel` may be shared with others; ConnectInsecure in channel.h makes one.
  Publisher(const std::shared_ptr<grpc::ChannelInterface>& channel, PublisherOptions options);
  // Cancels. What is not acknowledged is forgotten: call Close first.
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Takes an event without waiting. RESOURCE_EXHAUSTED: the buffer is full, and `event` is left as
  // it was. INVALID_ARGUMENT: it would fit no batch, or a string in it is not UTF-8.
  [[nodiscard]] absl::Status Publish(v1::Event&& event);
  [[nodiscard]] absl::Status Publish(const v1::Event& event);
  // Waits for room until `deadline`, then DEADLINE_EXCEEDED.
  [[nodiscard]] absl::Status PublishOrWait(v1::Event&& event, absl::Time deadline);

  // Promises that nothing that occurred before `watermark_ms` (milliseconds since 1970-01-01) will
  // be published from now on, so that Vigie need not wait to close decisions. Sent after all
  // events published before. Each call ends a batch: about once a second is enough.
  [[nodiscard]] absl::Status SetWatermark(int64_t watermark_ms);

  // Waits until all that was published is acknowledged; DEADLINE_EXCEEDED says how much is not.
  [[nodiscard]] absl::Status Flush(absl::Time deadline);
  // Takes nothing more, flushes, and ends the stream. Idempotent.
  [[nodiscard]] absl::Status Close(absl::Time deadline);

  [[nodiscard]] PublisherStats Stats() const;
  // The incarnation in use: the one given, unless the server lost its store.
  [[nodiscard]] std::string SourceIncarnation() const;

 private:
  std::unique_ptr<client::Courier> courier_;
};

}  // namespace vigie
