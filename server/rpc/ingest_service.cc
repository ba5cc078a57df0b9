// SPDX-License-Identifier: Apache-2.0
#include "rpc/ingest_service.h"

#include <utility>

#include "base/cat.h"
#include "base/limits.h"
#include "rpc/stream_events_reactor.h"

namespace vigie::rpc {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* IngestService::StreamEvents(
    grpc::CallbackServerContext* context) {
  return StreamEventsReactor::Start(backend_, context);
}

grpc::ServerUnaryReactor* IngestService::RecordEvents(grpc::CallbackServerContext* context,
                                                      const RecordEventsRequest* request,
                                                      RecordEventsResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.IngestService/RecordEvents");
  auto refusal = engine::CheckIdentifier("source_id", request->source_id(), true);
  const auto bytes = static_cast<int64_t>(request->ByteSizeLong());
  if (!refusal.has_value() &&
      (request->events_size() > base::kMaxBatchEvents || bytes > base::kMaxBatchBytes)) {
    refusal = engine::MakeRefusal(REFUSAL_REASON_BATCH_TOO_LARGE, "events",
                                  base::Cat(request->events_size(), " events, ", bytes, " bytes"),
                                  base::Cat("at most ", base::kMaxBatchEvents, " events and ",
                                            base::kMaxBatchBytes, " bytes"),
                                  absl::StatusCode::kResourceExhausted);
  }
  if (refusal.has_value()) {
    ErrorDetail detail;
    *detail.mutable_violation() = refusal->violation;
    call.Finish(engine::ToStatus(*refusal), std::move(detail));
    return call.reactor();
  }
  engine::EventWork work;
  work.source_id = request->source_id();
  work.validate_only = request->validate_only();
  if (request->has_watermark_ms()) work.watermark_ms = request->watermark_ms();
  for (const Event& event : request->events()) {
    work.events.push_back(backend_->intake->Prepare(event, work.source_id));
  }
  work.done = [this, call, response, started = base::MonotonicSeconds(),
               validate_only = work.validate_only](engine::Receipt receipt) {
    for (EventResult& result : receipt.results) *response->add_results() = std::move(result);
    response->set_log_position(receipt.log_position);
    if (receipt.status.ok() && !validate_only) {
      backend_->families->CountEvents(metrics::Door::kUnary, receipt);
    }
    backend_->families->ObserveAcknowledgement(base::MonotonicSeconds() - started);
    call.Finish(receipt.status);
  };
  const absl::Status pushed = backend_->engine->sequencer().TryPush(std::move(work));
  if (!pushed.ok()) {
    if (absl::IsResourceExhausted(pushed)) backend_->families->CountShed();
    call.Finish(pushed);
  }
  return call.reactor();
}

}  // namespace vigie::rpc
