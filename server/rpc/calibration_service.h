// SPDX-License-Identifier: Apache-2.0
// The door for unaided baselines.
#pragma once

#include "rpc/call.h"
#include "vigie/v1/calibration_service.grpc.pb.h"

namespace vigie::rpc {

// Called by gRPC's threads; answers come from workers.
class CalibrationService final : public vigie::v1::CalibrationService::CallbackService {
 public:
  explicit CalibrationService(const Backend* backend) : backend_(backend) {}

  grpc::ServerUnaryReactor* CloseBaseline(grpc::CallbackServerContext* context,
                                          const vigie::v1::CloseBaselineRequest* request,
                                          vigie::v1::CloseBaselineResponse* response) override;
  grpc::ServerUnaryReactor* ListBaselines(grpc::CallbackServerContext* context,
                                          const vigie::v1::ListBaselinesRequest* request,
                                          vigie::v1::ListBaselinesResponse* response) override;

 private:
  const Backend* backend_;
};

}  // namespace vigie::rpc
