// SPDX-License-Identifier: Apache-2.0
#include "vigie/call_error.h"

namespace vigie {

std::optional<v1::ErrorDetail> ErrorDetailOf(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("vigie-error-bin");
  if (found == trailers.end()) return std::nullopt;
  v1::ErrorDetail detail;
  const auto size = static_cast<int>(found->second.size());
  if (!detail.ParseFromArray(found->second.data(), size)) return std::nullopt;
  return detail;
}

absl::Status ToStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  // The codes of both are the canonical ones.
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace vigie
