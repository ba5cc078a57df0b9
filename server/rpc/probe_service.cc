// SPDX-License-Identifier: Apache-2.0
#include "rpc/probe_service.h"

namespace vigie::rpc {

using namespace vigie::v1;  // Messages.

grpc::ServerUnaryReactor* ProbeService::CommitPlan(grpc::CallbackServerContext* context,
                                                   const CommitPlanRequest* request,
                                                   CommitPlanResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.ProbeService/CommitPlan");
  return call.FinishOnWorker<CommitPlanResponse>(
      response, [this, request, caller = context->peer()]() -> absl::StatusOr<CommitPlanResponse> {
        return backend_->measures->CommitPlan(*request, caller);
      });
}

grpc::ServerUnaryReactor* ProbeService::HandOutItem(grpc::CallbackServerContext* context,
                                                    const HandOutItemRequest* request,
                                                    HandOutItemResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.ProbeService/HandOutItem");
  return call.FinishOnWorker<HandOutItemResponse>(
      response, [this, request]() -> absl::StatusOr<HandOutItemResponse> {
        return backend_->measures->HandOutItem(*request);
      });
}

grpc::ServerUnaryReactor* ProbeService::StopPlan(grpc::CallbackServerContext* context,
                                                 const StopPlanRequest* request,
                                                 StopPlanResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.ProbeService/StopPlan");
  return call.FinishOnWorker<StopPlanResponse>(
      response, [this, request, caller = context->peer()]() -> absl::StatusOr<StopPlanResponse> {
        return backend_->measures->StopPlan(*request, caller);
      });
}

grpc::ServerUnaryReactor* ProbeService::RevealPlan(grpc::CallbackServerContext* context,
                                                   const RevealPlanRequest* request,
                                                   RevealPlanResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.ProbeService/RevealPlan");
  return call.FinishOnWorker<RevealPlanResponse>(
      response, [this, request, caller = context->peer()]() -> absl::StatusOr<RevealPlanResponse> {
        return backend_->measures->RevealPlan(*request, caller);
      });
}

grpc::ServerUnaryReactor* ProbeService::ListPlans(grpc::CallbackServerContext* context,
                                                  const ListPlansRequest* /*request*/,
                                                  ListPlansResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.ProbeService/ListPlans");
  return call.FinishOnWorker<ListPlansResponse>(
      response,
      [this]() -> absl::StatusOr<ListPlansResponse> { return backend_->measures->ListPlans(); });
}

grpc::ServerUnaryReactor* ProbeService::GetManifest(grpc::CallbackServerContext* context,
                                                    const GetManifestRequest* request,
                                                    GetManifestResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.ProbeService/GetManifest");
  return call.FinishOnWorker<GetManifestResponse>(
      response, [this, request]() -> absl::StatusOr<GetManifestResponse> {
        return backend_->measures->GetManifest(*request);
      });
}

}  // namespace vigie::rpc
