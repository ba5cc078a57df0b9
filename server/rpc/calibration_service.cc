// SPDX-License-Identifier: Apache-2.0
#include "rpc/calibration_service.h"

namespace vigie::rpc {

using namespace vigie::v1;  // Messages.

grpc::ServerUnaryReactor* CalibrationService::CloseBaseline(grpc::CallbackServerContext* context,
                                                            const CloseBaselineRequest* request,
                                                            CloseBaselineResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.CalibrationService/CloseBaseline");
  return call.FinishOnWorker<CloseBaselineResponse>(
      response, [this, request]() -> absl::StatusOr<CloseBaselineResponse> {
        return backend_->measures->CloseBaseline(*request);
      });
}

grpc::ServerUnaryReactor* CalibrationService::ListBaselines(grpc::CallbackServerContext* context,
                                                            const ListBaselinesRequest* /*request*/,
                                                            ListBaselinesResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.CalibrationService/ListBaselines");
  return call.FinishOnWorker<ListBaselinesResponse>(
      response, [this]() -> absl::StatusOr<ListBaselinesResponse> {
        return backend_->measures->ListBaselines();
      });
}

}  // namespace vigie::rpc
