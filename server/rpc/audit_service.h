// SPDX-License-Identifier: Apache-2.0
// The door for random audits.
#pragma once

#include "rpc/call.h"
#include "vigie/v1/audit_service.grpc.pb.h"

namespace vigie::rpc {

// Called by gRPC's threads; answers come from workers.
class AuditService final : public vigie::v1::AuditService::CallbackService {
 public:
  explicit AuditService(const Backend* backend) : backend_(backend) {}

  grpc::ServerUnaryReactor* DrawAudit(grpc::CallbackServerContext* context,
                                      const vigie::v1::DrawAuditRequest* request,
                                      vigie::v1::DrawAuditResponse* response) override;
  grpc::ServerUnaryReactor* ListDraws(grpc::CallbackServerContext* context,
                                      const vigie::v1::ListDrawsRequest* request,
                                      vigie::v1::ListDrawsResponse* response) override;
  grpc::ServerUnaryReactor* GetDraw(grpc::CallbackServerContext* context,
                                    const vigie::v1::GetDrawRequest* request,
                                    vigie::v1::GetDrawResponse* response) override;

 private:
  const Backend* backend_;
};

}  // namespace vigie::rpc
