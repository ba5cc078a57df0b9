// SPDX-License-Identifier: Apache-2.0
// The door for oversight officers and regulators.
#pragma once

#include "rpc/call.h"
#include "rpc/watch_reactor.h"
#include "vigie/v1/oversight_service.grpc.pb.h"

namespace vigie::rpc {

// Called by gRPC's threads; answers come from workers.
class OversightService final : public vigie::v1::OversightService::CallbackService {
 public:
  OversightService(const Backend* backend, Watchers* watchers)
      : backend_(backend), watchers_(watchers) {}

  grpc::ServerUnaryReactor* GetSummary(grpc::CallbackServerContext* context,
                                       const vigie::v1::GetSummaryRequest* request,
                                       vigie::v1::GetSummaryResponse* response) override;
  grpc::ServerUnaryReactor* ListScopes(grpc::CallbackServerContext* context,
                                       const vigie::v1::ListScopesRequest* request,
                                       vigie::v1::ListScopesResponse* response) override;
  grpc::ServerWriteReactor<vigie::v1::WatchVerdictsResponse>* WatchVerdicts(
      grpc::CallbackServerContext* context,
      const vigie::v1::WatchVerdictsRequest* request) override;
  grpc::ServerUnaryReactor* GetDecision(grpc::CallbackServerContext* context,
                                        const vigie::v1::GetDecisionRequest* request,
                                        vigie::v1::GetDecisionResponse* response) override;
  grpc::ServerUnaryReactor* ListDecisions(grpc::CallbackServerContext* context,
                                          const vigie::v1::ListDecisionsRequest* request,
                                          vigie::v1::ListDecisionsResponse* response) override;
  grpc::ServerUnaryReactor* GetActorSummary(grpc::CallbackServerContext* context,
                                            const vigie::v1::GetActorSummaryRequest* request,
                                            vigie::v1::GetActorSummaryResponse* response) override;
  grpc::ServerUnaryReactor* ListAlarms(grpc::CallbackServerContext* context,
                                       const vigie::v1::ListAlarmsRequest* request,
                                       vigie::v1::ListAlarmsResponse* response) override;
  grpc::ServerUnaryReactor* AcknowledgeAlarm(
      grpc::CallbackServerContext* context, const vigie::v1::AcknowledgeAlarmRequest* request,
      vigie::v1::AcknowledgeAlarmResponse* response) override;
  grpc::ServerUnaryReactor* GetReport(grpc::CallbackServerContext* context,
                                      const vigie::v1::GetReportRequest* request,
                                      vigie::v1::GetReportResponse* response) override;
  grpc::ServerUnaryReactor* ListChangePoints(
      grpc::CallbackServerContext* context, const vigie::v1::ListChangePointsRequest* request,
      vigie::v1::ListChangePointsResponse* response) override;
  grpc::ServerUnaryReactor* GetShiftCurve(grpc::CallbackServerContext* context,
                                          const vigie::v1::GetShiftCurveRequest* request,
                                          vigie::v1::GetShiftCurveResponse* response) override;
  grpc::ServerUnaryReactor* TryPolicy(grpc::CallbackServerContext* context,
                                      const vigie::v1::TryPolicyRequest* request,
                                      vigie::v1::TryPolicyResponse* response) override;

 private:
  const Backend* backend_;
  Watchers* watchers_;
};

}  // namespace vigie::rpc
