// SPDX-License-Identifier: Apache-2.0
// Carries the outbox to the server: one stream after the other, for as long as it takes.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "backoff.h"
#include "outbox.h"
#include "vigie/publisher.h"
#include "vigie/v1/ingest_service.grpc.pb.h"

namespace vigie::client {

// The working half of Publisher, which documents the public functions. Any thread may call them.
//
// Two threads: `thread_` opens streams and writes to them; while a stream is open, a second one
// reads its answers. The writer alone changes what is in flight back to waiting, and only after
// the reader has ended.
class Courier {
 public:
  Courier(const std::shared_ptr<grpc::ChannelInterface>& channel, PublisherOptions options);
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  [[nodiscard]] absl::Status Publish(v1::Event&& event);
  [[nodiscard]] absl::Status PublishOrWait(v1::Event&& event, absl::Time deadline);
  [[nodiscard]] absl::Status SetWatermark(int64_t watermark_ms);
  [[nodiscard]] absl::Status Flush(absl::Time deadline);
  [[nodiscard]] absl::Status Close(absl::Time deadline);
  [[nodiscard]] PublisherStats Stats() const;
  [[nodiscard]] std::string SourceIncarnation() const;

 private:
  using Stream = grpc::ClientReaderWriter<v1::StreamEventsRequest, v1::StreamEventsResponse>;
  // How a stream ended.
  struct StreamEnd {
    grpc::Status status;
    absl::Duration retry_delay;  // As the server asked.
  };

  void Run();
  [[nodiscard]] StreamEnd RunStream();
  // Decides what follows a stream. False: nothing, the thread ends.
  [[nodiscard]] bool PrepareNextStream(const StreamEnd& end);

  void WriteBatches(Stream& stream, grpc::ClientContext& context);
  [[nodiscard]] std::shared_ptr<const Batch> AwaitBatch(grpc::ClientContext& context);
  [[nodiscard]] bool MayTakeBatch(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] bool WriterMustWake() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Nothing is left to be done, or nobody wants it any more.
  [[nodiscard]] bool IsDone() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The server owes an answer since answer_awaited_since_.
  [[nodiscard]] bool OwesAnswer() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void ReadAnswers(Stream& stream, grpc::ClientContext& context);
  void OnStarted(const v1::StreamStarted& started, grpc::ClientContext& context);
  void OnAcknowledgement(const v1::Acknowledgement& acknowledgement);

  [[nodiscard]] absl::Status CheckEvent(const v1::Event& event, int64_t bytes) const;
  void AddLocked(v1::Event&& event, int64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // OK while events are taken.
  [[nodiscard]] absl::Status Accepting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] absl::Status NotAcknowledged() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PublisherOptions options_;
  const std::unique_ptr<v1::IngestService::Stub> stub_;

  mutable absl::Mutex mutex_;
  Outbox outbox_ ABSL_GUARDED_BY(mutex_);
  PublisherStats stats_ ABSL_GUARDED_BY(mutex_);
  std::string incarnation_ ABSL_GUARDED_BY(mutex_);
  Backoff backoff_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);       // Permanent.
  absl::Status last_trouble_ ABSL_GUARDED_BY(mutex_);  // Passing; for messages.
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;       // Close was called.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;      // Give up now.
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;      // The thread ends.
  int flushing_ ABSL_GUARDED_BY(mutex_) = 0;           // Callers that wait for an empty outbox.
  bool ran_before_ ABSL_GUARDED_BY(mutex_) = false;
  bool resynced_ ABSL_GUARDED_BY(mutex_) = false;  // Tried again at once since the last answer.
  bool renew_ ABSL_GUARDED_BY(mutex_) = false;     // The stream ends for a new incarnation.

  // Of the stream in progress.
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;  // The server said from where to go on.
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time answer_awaited_since_ ABSL_GUARDED_BY(mutex_);
  absl::Time waiting_since_ ABSL_GUARDED_BY(mutex_);  // Oldest event that is in no batch.

  std::thread thread_;  // Last: it uses everything above.
};

}  // namespace vigie::client
