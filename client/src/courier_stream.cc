// SPDX-License-Identifier: Apache-2.0
// One stream of the courier after the other: opening, writing, reading, trying again.
#include <algorithm>
#include <utility>
#include <vector>

#include "courier.h"
#include "uuid.h"
#include "vigie/call_error.h"

namespace vigie::client {

void Courier::Run() {
  while (PrepareNextStream(RunStream())) {
  }
  const absl::MutexLock lock(&mutex_);
  finished_ = true;
}

Courier::StreamEnd Courier::RunStream() {
  grpc::ClientContext context;
  v1::StreamEventsRequest request;
  {
    const absl::MutexLock lock(&mutex_);
    if (stopping_) return {};
    context_ = &context;
    started_ = false;
    ended_ = false;
    answer_awaited_since_ = absl::Now();
    if (std::exchange(ran_before_, true)) ++stats_.reconnects;
    outbox_.Rewind();
    v1::StreamStart& start = *request.mutable_start();
    start.set_source_id(options_.source_id);
    start.set_source_incarnation(incarnation_);
    start.set_client_name(options_.client_name);
    start.set_client_version(options_.client_version);
  }
  const auto stream = stub_->StreamEvents(&context);
  if (stream->Write(request)) {
    std::thread reader([&] { ReadAnswers(*stream, context); });
    WriteBatches(*stream, context);
    reader.join();
  }
  StreamEnd end;
  end.status = stream->Finish();
  if (const auto detail = ErrorDetailOf(context); detail.has_value()) {
    end.retry_delay = absl::Milliseconds(detail->retry_delay_ms());
  }
  const absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  return end;
}

bool Courier::PrepareNextStream(const StreamEnd& end) {
  const absl::MutexLock lock(&mutex_);
  if (IsPermanent(end.status.error_code())) {
    failure_ = ToStatus(end.status);
    return false;
  }
  if (IsDone()) return false;
  if (std::exchange(renew_, false)) return true;
  // A gap should not happen; the next start says from where to go on. Twice in a row is trouble.
  const bool gap = end.status.error_code() == grpc::OUT_OF_RANGE;
  if (gap && !std::exchange(resynced_, true)) return true;
  last_trouble_ = end.status.ok() ? absl::UnavailableError("the server ended the stream")
                                  : ToStatus(end.status);
  mutex_.AwaitWithTimeout(absl::Condition(this, &Courier::IsDone), backoff_.Next(end.retry_delay));
  return !IsDone();
}

void Courier::WriteBatches(Stream& stream, grpc::ClientContext& context) {
  while (const std::shared_ptr<const Batch> batch = AwaitBatch(context)) {
    if (!stream.Write(batch->request)) break;
  }
  stream.WritesDone();
}

std::shared_ptr<const Batch> Courier::AwaitBatch(grpc::ClientContext& context) {
  const absl::MutexLock lock(&mutex_);
  while (!ended_ && !renew_ && !IsDone()) {
    const absl::Time now = absl::Now();
    if (MayTakeBatch(now)) {
      if (!OwesAnswer()) answer_awaited_since_ = now;
      waiting_since_ = now;
      std::shared_ptr<const Batch> batch = outbox_.TakeBatch();
      stats_.sent += batch->end_sequence() - batch->first_sequence();
      return batch;
    }
    absl::Time wake = absl::InfiniteFuture();
    if (OwesAnswer()) {
      wake = answer_awaited_since_ + options_.answer_timeout;
      if (now >= wake) {
        context.TryCancel();
        return nullptr;
      }
    }
    const bool full_pipe = outbox_.batches_in_flight() >= options_.max_unacknowledged_batches;
    if (started_ && !full_pipe && outbox_.HasBatch()) {
      wake = std::min(wake, waiting_since_ + options_.max_batch_delay);
    }
    mutex_.AwaitWithDeadline(absl::Condition(this, &Courier::WriterMustWake), wake);
  }
  return nullptr;
}

bool Courier::MayTakeBatch(absl::Time now) const {
  if (!started_ || !outbox_.HasBatch()) return false;
  if (outbox_.batches_in_flight() >= options_.max_unacknowledged_batches) return false;
  return outbox_.HasFullBatch() || outbox_.batches_in_flight() == 0 || flushing_ > 0 || closing_ ||
         now >= waiting_since_ + options_.max_batch_delay;
}

bool Courier::WriterMustWake() const {
  return ended_ || renew_ || IsDone() || MayTakeBatch(absl::InfinitePast());
}

bool Courier::IsDone() const { return stopping_ || (closing_ && outbox_.IsEmpty()); }

bool Courier::OwesAnswer() const { return !started_ || outbox_.batches_in_flight() > 0; }

void Courier::ReadAnswers(Stream& stream, grpc::ClientContext& context) {
  v1::StreamEventsResponse response;
  while (stream.Read(&response)) {
    if (response.has_started()) {
      OnStarted(response.started(), context);
    } else if (response.has_acknowledgement()) {
      OnAcknowledgement(response.acknowledgement());
    }
  }
  const absl::MutexLock lock(&mutex_);
  ended_ = true;
}

void Courier::OnStarted(const v1::StreamStarted& started, grpc::ClientContext& context) {
  const absl::MutexLock lock(&mutex_);
  outbox_.LowerBatchLimits(started.max_batch_events(), started.max_batch_bytes());
  const std::optional<int64_t> spared = outbox_.Resume(started.durable_sequence());
  if (spared.has_value()) {
    stats_.acknowledged += *spared;
    stats_.already_durable += *spared;
    started_ = true;
    return;
  }
  // The server acknowledged more than it has: it lost its store. What was acknowledged cannot be
  // sent again from here; what was not is sent under a new name for this run of sequences.
  outbox_.StartAnew();
  incarnation_ = MakeUuid();
  ++stats_.incarnations;
  renew_ = true;
  context.TryCancel();
}

void Courier::OnAcknowledgement(const v1::Acknowledgement& acknowledgement) {
  std::vector<RefusedEvent> refused;
  int64_t duplicate_count = 0;
  {
    const absl::MutexLock lock(&mutex_);
    for (const v1::EventResult& result : acknowledgement.results()) {
      const v1::Event* event = outbox_.Find(result.sequence());
      if (event == nullptr) continue;
      if (result.fate() == v1::EVENT_FATE_DUPLICATE) ++duplicate_count;
      if (result.fate() != v1::EVENT_FATE_REFUSED) continue;
      refused.push_back({result.sequence(), result.status_code(), result.violation(), *event});
    }
  }
  // Before the acknowledgement is counted, so that Flush returns after the last call.
  if (options_.on_refused) {
    for (const RefusedEvent& event : refused) options_.on_refused(event);
  }
  const absl::MutexLock lock(&mutex_);
  stats_.acknowledged += outbox_.Acknowledge(acknowledgement.durable_sequence());
  stats_.duplicates += duplicate_count;
  stats_.refused += std::ssize(refused);
  stats_.log_position = acknowledgement.log_position();
  answer_awaited_since_ = absl::Now();
  resynced_ = false;
  backoff_.Reset();
}

}  // namespace vigie::client
