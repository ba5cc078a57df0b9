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

grpc::ServerUnaryReactor* OversightService::ListAlarms(grpc::CallbackServerContext* context,
                                                       const ListAlarmsRequest* /*request*/,
                                                       ListAlarmsResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/ListAlarms");
  return call.FinishOnWorker<ListAlarmsResponse>(
      response,
      [this]() -> absl::StatusOr<ListAlarmsResponse> { return backend_->oversight->ListAlarms(); });
}

grpc::ServerUnaryReactor* OversightService::AcknowledgeAlarm(grpc::CallbackServerContext* context,
                                                             const AcknowledgeAlarmRequest* request,
                                                             AcknowledgeAlarmResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/AcknowledgeAlarm");
  return call.FinishOnWorker<AcknowledgeAlarmResponse>(
      response,
      [this, request, caller = context->peer()]() -> absl::StatusOr<AcknowledgeAlarmResponse> {
        return backend_->measures->AcknowledgeAlarm(*request, caller);
      });
}

grpc::ServerUnaryReactor* OversightService::GetReport(grpc::CallbackServerContext* context,
                                                      const GetReportRequest* request,
                                                      GetReportResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/GetReport");
  return call.FinishOnWorker<GetReportResponse>(
      response, [this, request]() -> absl::StatusOr<GetReportResponse> {
        return backend_->oversight->GetReport(*request);
      });
}

grpc::ServerUnaryReactor* OversightService::ListChangePoints(grpc::CallbackServerContext* context,
                                                             const ListChangePointsRequest* request,
                                                             ListChangePointsResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/ListChangePoints");
  return call.FinishOnWorker<ListChangePointsResponse>(
      response, [this, request]() -> absl::StatusOr<ListChangePointsResponse> {
        return backend_->oversight->ListChangePoints(*request);
      });
}

grpc::ServerUnaryReactor* OversightService::GetShiftCurve(grpc::CallbackServerContext* context,
                                                          const GetShiftCurveRequest* request,
                                                          GetShiftCurveResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/GetShiftCurve");
  return call.FinishOnWorker<GetShiftCurveResponse>(
      response, [this, request]() -> absl::StatusOr<GetShiftCurveResponse> {
        return backend_->oversight->GetShiftCurve(*request);
      });
}

grpc::ServerUnaryReactor* OversightService::TryPolicy(grpc::CallbackServerContext* context,
                                                      const TryPolicyRequest* request,
                                                      TryPolicyResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.OversightService/TryPolicy");
  return call.FinishOnWorker<TryPolicyResponse>(
      response, [this, request]() -> absl::StatusOr<TryPolicyResponse> {
        return backend_->oversight->TryPolicy(*request);
      });
}

}  // namespace vigie::rpc
