// SPDX-License-Identifier: Apache-2.0
#include "rpc/audit_service.h"

namespace vigie::rpc {

using namespace vigie::v1;  // Messages.

grpc::ServerUnaryReactor* AuditService::DrawAudit(grpc::CallbackServerContext* context,
                                                  const DrawAuditRequest* request,
                                                  DrawAuditResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.AuditService/DrawAudit");
  return call.FinishOnWorker<DrawAuditResponse>(
      response, [this, request, caller = context->peer()]() -> absl::StatusOr<DrawAuditResponse> {
        return backend_->measures->DrawAudit(*request, caller);
      });
}

grpc::ServerUnaryReactor* AuditService::ListDraws(grpc::CallbackServerContext* context,
                                                  const ListDrawsRequest* /*request*/,
                                                  ListDrawsResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.AuditService/ListDraws");
  return call.FinishOnWorker<ListDrawsResponse>(
      response,
      [this]() -> absl::StatusOr<ListDrawsResponse> { return backend_->measures->ListDraws(); });
}

grpc::ServerUnaryReactor* AuditService::GetDraw(grpc::CallbackServerContext* context,
                                                const GetDrawRequest* request,
                                                GetDrawResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.AuditService/GetDraw");
  return call.FinishOnWorker<GetDrawResponse>(response,
                                              [this, request]() -> absl::StatusOr<GetDrawResponse> {
                                                return backend_->measures->GetDraw(*request);
                                              });
}

}  // namespace vigie::rpc
