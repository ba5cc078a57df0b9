// SPDX-License-Identifier: Apache-2.0
#include "rpc/stream_events_reactor.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <utility>

#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"

namespace vigie::rpc {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

constexpr char kMethod[] = "vigie.v1.IngestService/StreamEvents";
constexpr size_t kUuidChars = 36;
constexpr int64_t kMaxSequence = INT64_MAX / 2;  // Some must be left for the events to come.

bool IsUuid(const std::string& text) {
  if (text.size() != kUuidChars) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
      return false;
    }
  }
  return true;
}

engine::Refusal NotARequest() {
  return engine::MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, "message",
                             "bytes that are not a StreamEventsRequest",
                             "protobuf with UTF-8 strings");
}

}  // namespace

StreamEventsReactor* StreamEventsReactor::Start(const Backend* backend,
                                                grpc::CallbackServerContext* context) {
  // A raw new under shared ownership from the first moment; OnDone lets go.
  std::shared_ptr<StreamEventsReactor> reactor(new StreamEventsReactor(backend, context));
  reactor->self_ = reactor;
  const absl::MutexLock lock(&reactor->mutex_);
  reactor->ReadOn();
  return reactor.get();
}

StreamEventsReactor::StreamEventsReactor(const Backend* backend,
                                         grpc::CallbackServerContext* context)
    : backend_(backend), context_(context), started_seconds_(base::MonotonicSeconds()) {
  backend_->families->StreamOpened();
}

void StreamEventsReactor::OnReadDone(bool ok) {
  {
    const absl::MutexLock lock(&mutex_);
    if (finished_) return;
    if (!ok) {
      reading_ = false;
      half_closed_ = true;
      FinishIfDrained();
      return;
    }
  }
  grpc::Slice slice;
  if (!received_.TrySingleSlice(&slice).ok() && !received_.DumpToSingleSlice(&slice).ok()) {
    return Refuse(NotARequest());
  }
  received_.Clear();
  const std::string_view bytes(reinterpret_cast<const char*>(slice.begin()), slice.size());
  if (holds_source_) {
    if (const auto batch = engine::ReadBatch(bytes)) return HandleBatch(*batch);
  }
  StreamEventsRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Refuse(NotARequest());
  }
  HandleRequest(request);
}

void StreamEventsReactor::HandleRequest(StreamEventsRequest& request) {
  if (request.has_start() == holds_source_) {
    return Refuse(engine::MakeRefusal(
        REFUSAL_REASON_STREAM_ORDER, "message",
        request.has_start() ? "a second start" : "another message before the start",
        "one StreamStart first, then batches"));
  }
  switch (request.message_case()) {
    case StreamEventsRequest::kStart:
      return HandleStart(request.start());
    case StreamEventsRequest::kBatch: {
      // Written in some other order, or with more than this version knows.
      request.DiscardUnknownFields();
      const std::string bytes = request.SerializeAsString();
      if (const auto batch = engine::ReadBatch(bytes)) return HandleBatch(*batch);
      return Refuse(NotARequest());
    }
    case StreamEventsRequest::kDeclareGap:
      return HandleGap(request.declare_gap());
    case StreamEventsRequest::MESSAGE_NOT_SET:
      return Refuse(engine::MakeRefusal(REFUSAL_REASON_FIELD_MISSING, "message", "nothing",
                                        "a batch or a declared gap"));
  }
}

void StreamEventsReactor::HandleStart(const StreamStart& start) {
  if (auto refusal = engine::CheckIdentifier("start.source_id", start.source_id(), true)) {
    return Refuse(*refusal);
  }
  if (!IsUuid(start.source_incarnation())) {
    return Refuse(engine::MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, "start.source_incarnation",
                                      "something else", "a UUID"));
  }
  if (!backend_->live_sources->TryAdd(start.source_id())) {
    return Refuse(engine::MakeRefusal(
        REFUSAL_REASON_SOURCE_BUSY, "start.source_id", "a source with another live stream",
        "one stream a source: end the other, or retry when it has ended",
        absl::StatusCode::kAborted));
  }
  source_id_ = start.source_id();
  source_incarnation_ = start.source_incarnation();
  validate_only_ = start.validate_only();
  {
    const absl::MutexLock lock(&mutex_);
    if (finished_) return backend_->live_sources->Remove(source_id_);
    holds_source_ = true;
  }
  // Asked in the queue's order, so that what an earlier stream pushed is counted.
  const engine::Command ask = [self = self_](engine::Turn& turn) -> absl::Status {
    const engine::SourceEntry* source = turn.fold().FindSource(self->source_id_);
    const bool known =
        source != nullptr && source->view.source_incarnation() == self->source_incarnation_;
    const int64_t durable = known ? source->view.last_sequence() : 0;
    turn.AfterDurable([self, durable](const absl::Status& status) {
      const absl::MutexLock lock(&self->mutex_);
      if (!status.ok()) return self->FinishWith(status);
      Response response;
      response.mutable_started()->set_durable_sequence(durable);
      response.mutable_started()->set_max_batch_events(base::kMaxBatchEvents);
      response.mutable_started()->set_max_batch_bytes(base::kMaxBatchBytes);
      self->Send(response);
      self->reading_ = false;
      self->ReadOn();
    });
    return absl::OkStatus();
  };
  const absl::Status pushed = backend_->engine->sequencer().TryPush(ask);
  if (!pushed.ok()) {
    const absl::MutexLock lock(&mutex_);
    FinishWith(pushed);
  }
}

void StreamEventsReactor::HandleBatch(const engine::BatchBytes& batch) {
  const auto size_bytes = static_cast<int64_t>(batch.size_bytes);
  if (std::ssize(batch.events) > base::kMaxBatchEvents || size_bytes > base::kMaxBatchBytes) {
    return Refuse(
        engine::MakeRefusal(REFUSAL_REASON_BATCH_TOO_LARGE, "batch.events",
                            base::Cat(batch.events.size(), " events, ", size_bytes, " bytes"),
                            base::Cat("at most ", base::kMaxBatchEvents, " events and ",
                                      base::kMaxBatchBytes, " bytes"),
                            absl::StatusCode::kResourceExhausted));
  }
  if (batch.first_sequence < 1) {
    return Refuse(engine::MakeRefusal(REFUSAL_REASON_OUT_OF_RANGE, "batch.first_sequence",
                                      base::Cat(batch.first_sequence), "1 or more"));
  }
  engine::EventWork work;
  work.source_id = source_id_;
  if (!validate_only_) work.source_incarnation = source_incarnation_;
  work.first_sequence = batch.first_sequence;
  work.validate_only = validate_only_;
  work.watermark_ms = batch.watermark_ms;
  const double received_seconds = base::MonotonicSeconds();
  auto prepared = backend_->intake->PrepareAll(batch.events, source_id_);
  if (!prepared.has_value()) return Refuse(NotARequest());
  work.events = *std::move(prepared);
  work.done = [self = self_, received_seconds](engine::Receipt receipt) {
    self->Acknowledge(std::move(receipt), received_seconds);
  };
  const absl::MutexLock lock(&mutex_);
  if (finished_) return;
  ++unacknowledged_;
  const absl::Status pushed = backend_->engine->sequencer().TryPush(std::move(work));
  if (!pushed.ok()) {
    if (absl::IsResourceExhausted(pushed)) backend_->families->CountShed();
    return FinishWith(pushed);
  }
  reading_ = false;
  ReadOn();
}

void StreamEventsReactor::HandleGap(const DeclareGap& gap) {
  const engine::Command declare = [self = self_, gap](engine::Turn& turn) -> absl::Status {
    const engine::SourceEntry* source = turn.fold().FindSource(self->source_id_);
    const bool known =
        source != nullptr && source->view.source_incarnation() == self->source_incarnation_;
    const int64_t expected = (known ? source->view.last_sequence() : 0) + 1;
    absl::Status refused;
    if (gap.first_sequence() != expected || gap.last_sequence() < gap.first_sequence() ||
        gap.last_sequence() > kMaxSequence) {
      refused = absl::OutOfRangeError(base::Cat("declare_gap: got ", gap.first_sequence(), " to ",
                                                gap.last_sequence(), ", want from ", expected,
                                                ", the next expected sequence"));
    } else if (!self->validate_only_) {
      vigie::store::v1::Record record;
      auto* lost = record.mutable_sequence_lost();
      lost->set_source_id(self->source_id_);
      lost->set_source_incarnation(self->source_incarnation_);
      lost->set_first_sequence(gap.first_sequence());
      lost->set_last_sequence(gap.last_sequence());
      VIGIE_RETURN_IF_ERROR(turn.Append(record).status());
      turn.NoteProgress(self->source_id_, self->source_incarnation_, gap.last_sequence());
    }
    turn.AfterDurable(
        [self, refused, last = gap.last_sequence(), expected](const absl::Status& status) {
          engine::Receipt receipt;
          receipt.status = refused.ok() ? status : refused;
          receipt.durable_sequence = refused.ok() ? last : expected - 1;
          self->Acknowledge(std::move(receipt), base::MonotonicSeconds());
        });
    return absl::OkStatus();
  };
  const absl::MutexLock lock(&mutex_);
  if (finished_) return;
  ++unacknowledged_;
  const absl::Status pushed = backend_->engine->sequencer().TryPush(declare);
  if (!pushed.ok()) return FinishWith(pushed);
  reading_ = false;
  ReadOn();
}

// Called on the sequencer's thread.
void StreamEventsReactor::Acknowledge(engine::Receipt receipt, double received_seconds) {
  const absl::MutexLock lock(&mutex_);
  --unacknowledged_;
  if (!receipt.status.ok()) {
    ErrorDetail detail;
    if (absl::IsOutOfRange(receipt.status)) {
      detail.set_expected_sequence(receipt.durable_sequence + 1);
      detail.mutable_violation()->set_reason(REFUSAL_REASON_SEQUENCE_GAP);
      detail.mutable_violation()->set_field("batch.first_sequence");
    }
    return FinishWith(receipt.status, std::move(detail));
  }
  Response response;
  Acknowledgement* acknowledgement = response.mutable_acknowledgement();
  acknowledgement->set_durable_sequence(receipt.durable_sequence);
  acknowledgement->set_log_position(receipt.log_position);
  for (EventResult& result : receipt.results) *acknowledgement->add_results() = std::move(result);
  if (!validate_only_) backend_->families->CountEvents(metrics::Door::kStream, receipt);
  backend_->families->ObserveAcknowledgement(base::MonotonicSeconds() - received_seconds);
  if (finished_) return;
  Send(response);
  if (!half_closed_) ReadOn();
}

void StreamEventsReactor::Send(const Response& response) {
  if (finished_) return;
  bool owned = false;
  grpc::ByteBuffer& bytes = responses_.emplace_back();
  static_cast<void>(grpc::SerializationTraits<Response>::Serialize(response, &bytes, &owned));
  if (responses_.size() == 1) StartWrite(&responses_.front());
}

void StreamEventsReactor::OnWriteDone(bool ok) {
  const absl::MutexLock lock(&mutex_);
  responses_.pop_front();
  if (finished_) return;
  if (!ok) return FinishWith(absl::CancelledError("the client is gone"));
  if (!responses_.empty()) StartWrite(&responses_.front());
  if (!half_closed_) ReadOn();
  FinishIfDrained();
}

// A client that does not read its acknowledgements is not read from either.
void StreamEventsReactor::ReadOn() {
  const auto waiting = static_cast<size_t>(unacknowledged_) + responses_.size();
  if (reading_ || finished_ || half_closed_ || waiting >= base::kMaxUnacknowledgedBatches) return;
  reading_ = true;
  StartRead(&received_);
}

void StreamEventsReactor::FinishIfDrained() {
  if (half_closed_ && unacknowledged_ == 0 && responses_.empty()) FinishWith(absl::OkStatus());
}

void StreamEventsReactor::FinishWith(const absl::Status& status, ErrorDetail detail) {
  if (std::exchange(finished_, true)) return;
  // Before the client learns of the end: it may come back at once.
  if (holds_source_) backend_->live_sources->Remove(source_id_);
  code_ = status.code();
  Finish(ToGrpc(status, context_, std::move(detail)));
}

void StreamEventsReactor::Refuse(const engine::Refusal& refusal) {
  ErrorDetail detail;
  *detail.mutable_violation() = refusal.violation;
  const absl::MutexLock lock(&mutex_);
  FinishWith(engine::ToStatus(refusal), std::move(detail));
}

void StreamEventsReactor::OnCancel() {
  const absl::MutexLock lock(&mutex_);
  FinishWith(absl::CancelledError("the client is gone"));
}

void StreamEventsReactor::OnDone() {
  backend_->families->StreamClosed();
  std::shared_ptr<StreamEventsReactor> self;
  {
    const absl::MutexLock lock(&mutex_);
    backend_->families->ObserveCall(kMethod, static_cast<int>(code_),
                                    base::MonotonicSeconds() - started_seconds_);
    self = std::move(self_);
  }
}

}  // namespace vigie::rpc
