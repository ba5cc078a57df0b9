// SPDX-License-Identifier: Apache-2.0
// The door for those who look after the daemon.
#pragma once

#include "base/clock.h"
#include "rpc/call.h"
#include "vigie/v1/admin_service.grpc.pb.h"

namespace vigie::rpc {

// Called by gRPC's threads.
class AdminService final : public vigie::v1::AdminService::CallbackService {
 public:
  AdminService(const Backend* backend, const base::Clock* clock)
      : backend_(backend), clock_(clock) {}

  grpc::ServerUnaryReactor* ListQuarantine(grpc::CallbackServerContext* context,
                                           const vigie::v1::ListQuarantineRequest* request,
                                           vigie::v1::ListQuarantineResponse* response) override;
  grpc::ServerUnaryReactor* ReplayQuarantine(
      grpc::CallbackServerContext* context, const vigie::v1::ReplayQuarantineRequest* request,
      vigie::v1::ReplayQuarantineResponse* response) override;
  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context,
                                          const vigie::v1::GetServerInfoRequest* request,
                                          vigie::v1::GetServerInfoResponse* response) override;
  grpc::ServerUnaryReactor* ExportLog(grpc::CallbackServerContext* context,
                                      const vigie::v1::ExportLogRequest* request,
                                      vigie::v1::ExportLogResponse* response) override;
  grpc::ServerUnaryReactor* BackUp(grpc::CallbackServerContext* context,
                                   const vigie::v1::BackUpRequest* request,
                                   vigie::v1::BackUpResponse* response) override;

 private:
  absl::StatusOr<vigie::v1::ReplayQuarantineResponse> Replay(
      const vigie::v1::ReplayQuarantineRequest& request);
  vigie::v1::GetServerInfoResponse DescribeServer() const;

  const Backend* backend_;
  const base::Clock* clock_;
};

}  // namespace vigie::rpc
