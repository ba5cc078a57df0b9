// SPDX-License-Identifier: Apache-2.0
// The door for seeded items.
#pragma once

#include "rpc/call.h"
#include "vigie/v1/probe_service.grpc.pb.h"

namespace vigie::rpc {

// Called by gRPC's threads; answers come from workers.
class ProbeService final : public vigie::v1::ProbeService::CallbackService {
 public:
  explicit ProbeService(const Backend* backend) : backend_(backend) {}

  grpc::ServerUnaryReactor* CommitPlan(grpc::CallbackServerContext* context,
                                       const vigie::v1::CommitPlanRequest* request,
                                       vigie::v1::CommitPlanResponse* response) override;
  grpc::ServerUnaryReactor* HandOutItem(grpc::CallbackServerContext* context,
                                        const vigie::v1::HandOutItemRequest* request,
                                        vigie::v1::HandOutItemResponse* response) override;
  grpc::ServerUnaryReactor* StopPlan(grpc::CallbackServerContext* context,
                                     const vigie::v1::StopPlanRequest* request,
                                     vigie::v1::StopPlanResponse* response) override;
  grpc::ServerUnaryReactor* RevealPlan(grpc::CallbackServerContext* context,
                                       const vigie::v1::RevealPlanRequest* request,
                                       vigie::v1::RevealPlanResponse* response) override;
  grpc::ServerUnaryReactor* ListPlans(grpc::CallbackServerContext* context,
                                      const vigie::v1::ListPlansRequest* request,
                                      vigie::v1::ListPlansResponse* response) override;
  grpc::ServerUnaryReactor* GetManifest(grpc::CallbackServerContext* context,
                                        const vigie::v1::GetManifestRequest* request,
                                        vigie::v1::GetManifestResponse* response) override;

 private:
  const Backend* backend_;
};

}  // namespace vigie::rpc
