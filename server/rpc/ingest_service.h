// SPDX-License-Identifier: Apache-2.0
// The door for events.
#pragma once

#include "rpc/call.h"
#include "vigie/v1/ingest_service.grpc.pb.h"

namespace vigie::rpc {

// Called by gRPC's threads.
class IngestService final : public vigie::v1::IngestService::WithRawCallbackMethod_StreamEvents<
                                vigie::v1::IngestService::WithCallbackMethod_RecordEvents<
                                    vigie::v1::IngestService::Service>> {
 public:
  explicit IngestService(const Backend* backend) : backend_(backend) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamEvents(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* RecordEvents(grpc::CallbackServerContext* context,
                                         const vigie::v1::RecordEventsRequest* request,
                                         vigie::v1::RecordEventsResponse* response) override;

 private:
  const Backend* backend_;
};

}  // namespace vigie::rpc
