// SPDX-License-Identifier: Apache-2.0
// The side of the courier that callers see. courier_stream.cc has the threads' side.
#include "courier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "uuid.h"
#include "vigie/version.h"

namespace vigie::client {
namespace {

constexpr int kMostBatchEvents = 4096;
constexpr int kMostBatchBytes = 1 << 20;

PublisherOptions Complete(PublisherOptions options) {
  if (options.source_incarnation.empty()) options.source_incarnation = MakeUuid();
  if (options.client_version.empty()) options.client_version = kVersion;
  options.first_sequence = std::max<int64_t>(options.first_sequence, 1);
  options.max_buffered_events = std::max<int64_t>(options.max_buffered_events, 1);
  options.max_batch_events = std::clamp(options.max_batch_events, 1, kMostBatchEvents);
  options.max_batch_bytes = std::clamp(options.max_batch_bytes, 1, kMostBatchBytes);
  options.max_unacknowledged_batches = std::max(options.max_unacknowledged_batches, 1);
  return options;
}

// A string that is not UTF-8 would make the whole batch unreadable for the server, every time.
bool ReadsBack(const v1::Event& event) {
  return v1::Event().ParseFromString(event.SerializeAsString());
}

}  // namespace

Courier::Courier(const std::shared_ptr<grpc::ChannelInterface>& channel, PublisherOptions options)
    : options_(Complete(std::move(options))),
      stub_(v1::IngestService::NewStub(channel)),
      outbox_({.max_events = options_.max_buffered_events,
               .max_bytes = options_.max_buffered_bytes,
               .max_batch_events = options_.max_batch_events,
               .max_batch_bytes = options_.max_batch_bytes},
              options_.first_sequence),
      incarnation_(options_.source_incarnation),
      backoff_(options_.initial_backoff, options_.max_backoff),
      thread_([this] { Run(); }) {}

Courier::~Courier() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  thread_.join();
}

absl::Status Courier::Publish(v1::Event&& event) {
  const int64_t bytes = BytesInBatch(event);
  if (absl::Status status = CheckEvent(event, bytes); !status.ok()) return status;
  const absl::MutexLock lock(&mutex_);
  if (absl::Status status = Accepting(); !status.ok()) return status;
  if (!outbox_.HasRoomFor(bytes)) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the buffer is full: ", outbox_.buffered_events(), " events of ", outbox_.buffered_bytes(),
        " bytes wait for acknowledgement; try again later or use PublishOrWait"));
  }
  AddLocked(std::move(event), bytes);
  return absl::OkStatus();
}

absl::Status Courier::PublishOrWait(v1::Event&& event, absl::Time deadline) {
  const int64_t bytes = BytesInBatch(event);
  if (absl::Status status = CheckEvent(event, bytes); !status.ok()) return status;
  const absl::MutexLock lock(&mutex_);
  const auto has_room = [this, bytes]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return outbox_.HasRoomFor(bytes) || !Accepting().ok();
  };
  const bool in_time = mutex_.AwaitWithDeadline(absl::Condition(&has_room), deadline);
  if (absl::Status status = Accepting(); !status.ok()) return status;
  if (!in_time) return NotAcknowledged();
  AddLocked(std::move(event), bytes);
  return absl::OkStatus();
}

absl::Status Courier::SetWatermark(int64_t watermark_ms) {
  const absl::MutexLock lock(&mutex_);
  if (absl::Status status = Accepting(); !status.ok()) return status;
  outbox_.SetWatermark(watermark_ms);
  return absl::OkStatus();
}

absl::Status Courier::Flush(absl::Time deadline) {
  const absl::MutexLock lock(&mutex_);
  const auto settled = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return outbox_.IsEmpty() || finished_;
  };
  ++flushing_;
  mutex_.AwaitWithDeadline(absl::Condition(&settled), deadline);
  --flushing_;
  if (!failure_.ok()) return failure_;
  return outbox_.IsEmpty() ? absl::OkStatus() : NotAcknowledged();
}

absl::Status Courier::Close(absl::Time deadline) {
  const absl::MutexLock lock(&mutex_);
  closing_ = true;
  if (!mutex_.AwaitWithDeadline(absl::Condition(&finished_), deadline)) {
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  if (!failure_.ok()) return failure_;
  return outbox_.IsEmpty() ? absl::OkStatus() : NotAcknowledged();
}

PublisherStats Courier::Stats() const {
  const absl::MutexLock lock(&mutex_);
  PublisherStats stats = stats_;
  stats.buffered_events = outbox_.buffered_events();
  stats.buffered_bytes = outbox_.buffered_bytes();
  return stats;
}

std::string Courier::SourceIncarnation() const {
  const absl::MutexLock lock(&mutex_);
  return incarnation_;
}

absl::Status Courier::CheckEvent(const v1::Event& event, int64_t bytes) const {
  const int64_t most = std::min<int64_t>(options_.max_batch_bytes, options_.max_buffered_bytes);
  if (bytes > most) {
    return absl::InvalidArgumentError(absl::StrCat("the event takes ", bytes,
                                                   " bytes, want at most ", most,
                                                   " (and Vigie refuses events over 4,096)"));
  }
  if (!ReadsBack(event)) {
    return absl::InvalidArgumentError(
        "a string in the event is not UTF-8; identifiers and codes "
        "have only characters of [A-Za-z0-9._:/-]");
  }
  return absl::OkStatus();
}

void Courier::AddLocked(v1::Event&& event, int64_t bytes) {
  if (!outbox_.HasBatch()) waiting_since_ = absl::Now();
  ++stats_.published;
  if (!outbox_.Add(std::move(event), bytes)) {
    ++stats_.acknowledged;
    ++stats_.already_durable;
  }
}

absl::Status Courier::Accepting() const {
  if (!failure_.ok()) return failure_;
  if (closing_) return absl::FailedPreconditionError("the publisher is closed");
  return absl::OkStatus();
}

absl::Status Courier::NotAcknowledged() const {
  std::string message = absl::StrCat(outbox_.buffered_events(), " events are not yet acknowledged");
  if (!last_trouble_.ok()) absl::StrAppend(&message, "; last trouble: ", last_trouble_.ToString());
  return absl::DeadlineExceededError(message);
}

}  // namespace vigie::client
