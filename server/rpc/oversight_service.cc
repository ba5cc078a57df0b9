// SPDX-License-Identifier: Apache-2.0
#include "rpc/oversight_service.h"

namespace vigie::rpc {

using namespace vigie::v1;  // Messages.

grpc::ServerUnaryReactor* OversightService::GetSummary(grpc::CallbackServerContext* context,
                                                       const GetSummaryRequest* request,
                                                       GetSummaryResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/GetSummary");
  return call.FinishOnWorker<GetSummaryResponse>(
      response, [this, request] { return backend_->oversight->GetSummary(*request); });
}

grpc::ServerUnaryReactor* OversightService::ListScopes(grpc::CallbackServerContext* context,
                                                       const ListScopesRequest* request,
                                                       ListScopesResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/ListScopes");
  return call.FinishOnWorker<ListScopesResponse>(
      response, [this, request] { return backend_->oversight->ListScopes(*request); });
}

grpc::ServerWriteReactor<WatchVerdictsResponse>* OversightService::WatchVerdicts(
    grpc::CallbackServerContext* context, const WatchVerdictsRequest* request) {
  return WatchReactor::Start(backend_, watchers_, context, *request);
}

grpc::ServerUnaryReactor* OversightService::GetDecision(grpc::CallbackServerContext* context,
                                                        const GetDecisionRequest* request,
                                                        GetDecisionResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/GetDecision");
  return call.FinishOnWorker<GetDecisionResponse>(
      response, [this, request] { return backend_->oversight->GetDecision(*request); });
}

grpc::ServerUnaryReactor* OversightService::ListDecisions(grpc::CallbackServerContext* context,
                                                          const ListDecisionsRequest* request,
                                                          ListDecisionsResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/ListDecisions");
  return call.FinishOnWorker<ListDecisionsResponse>(
      response, [this, request] { return backend_->oversight->ListDecisions(*request); });
}

grpc::ServerUnaryReactor* OversightService::GetActorSummary(grpc::CallbackServerContext* context,
                                                            const GetActorSummaryRequest* request,
                                                            GetActorSummaryResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/GetActorSummary");
  // Until callers carry certificates, the address is all that is known of them.
  return call.FinishOnWorker<GetActorSummaryResponse>(
      response, [this, request, caller = context->peer()] {
        return backend_->oversight->GetActorSummary(*request, caller);
      });
}

}  // namespace vigie::rpc
