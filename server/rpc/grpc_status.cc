// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_status.h"

#include "base/limits.h"
#include "base/log_line.h"
#include "engine/sequencer.h"

namespace vigie::rpc {

grpc::Status ToGrpc(const absl::Status& status, grpc::CallbackServerContext* context,
                    vigie::v1::ErrorDetail detail) {
  if (status.ok()) return grpc::Status::OK;
  // What is over a limit stays over it: only a full queue or disk passes.
  const bool over_limit = detail.has_violation();
  if (const auto reason = status.GetPayload(engine::kViolationPayload);
      reason.has_value() && !over_limit) {
    static_cast<void>(detail.mutable_violation()->ParseFromString(std::string(*reason)));
  }
  if (!over_limit && (absl::IsResourceExhausted(status) || absl::IsUnavailable(status))) {
    detail.set_retry_delay_ms(base::kRetryDelayMs);
  }
  if (absl::IsDataLoss(status) || absl::IsInternal(status)) {
    base::Log(base::Level::kError, "rpc", "a call failed inside", {{"cause", status.message()}});
  }
  if (context != nullptr && detail.ByteSizeLong() > 0) {
    context->AddTrailingMetadata(kErrorTrailer, detail.SerializeAsString());
  }
  // absl and gRPC number the canonical codes alike.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

}  // namespace vigie::rpc
