// SPDX-License-Identifier: Apache-2.0
// One live stream of a source.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "engine/batch_bytes.h"
#include "engine/work.h"
#include "rpc/call.h"
#include "vigie/v1/ingest_service.pb.h"

namespace vigie::rpc {

// Reads batches, pushes them to the sequencer, writes acknowledgements. Reading pauses while
// kMaxUnacknowledgedBatches wait, so a stream holds bounded memory however fast the client is or
// however slowly it reads.
//
// It reads bytes and parses them itself: gRPC reports a message that cannot be parsed as the end of
// the client's messages, and what was lost would look like a clean end.
//
// Lifetime: gRPC calls OnDone once, last. The sequencer may still hold callbacks then, so the
// object is shared: it keeps itself until OnDone, each callback keeps it until it ran.
class StreamEventsReactor final
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // Starts reading. gRPC owns the reaction until OnDone.
  static StreamEventsReactor* Start(const Backend* backend, grpc::CallbackServerContext* context);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using Response = vigie::v1::StreamEventsResponse;

  StreamEventsReactor(const Backend* backend, grpc::CallbackServerContext* context);

  void HandleStart(const vigie::v1::StreamStart& start);
  void HandleRequest(vigie::v1::StreamEventsRequest& request);
  void HandleBatch(const engine::BatchBytes& batch);
  void HandleGap(const vigie::v1::DeclareGap& gap);
  void Acknowledge(engine::Receipt receipt, double received_seconds);
  void Send(const Response& response) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishWith(const absl::Status& status, vigie::v1::ErrorDetail detail = {})
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishIfDrained() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refuse(const engine::Refusal& refusal);

  const Backend* const backend_;
  grpc::CallbackServerContext* const context_;
  const double started_seconds_;
  std::shared_ptr<StreamEventsReactor> self_;

  // Only touched by reactions of reading, which gRPC runs one after the other.
  grpc::ByteBuffer received_;
  std::string source_id_;
  std::string source_incarnation_;
  bool validate_only_ = false;
  bool holds_source_ = false;  // Written under mutex_ too, for FinishWith.

  absl::Mutex mutex_;
  std::deque<grpc::ByteBuffer> responses_
      ABSL_GUARDED_BY(mutex_);  // The front one is being written.
  int unacknowledged_ ABSL_GUARDED_BY(mutex_) = 0;
  // From StartRead until the message read has been handled: the next read reuses it.
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::StatusCode code_ ABSL_GUARDED_BY(mutex_) = absl::StatusCode::kOk;
};

}  // namespace vigie::rpc
