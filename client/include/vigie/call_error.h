// SPDX-License-Identifier: Apache-2.0
// What a failed call to Vigie says: its status, and the details that Vigie sends beside it.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <optional>

#include "absl/status/status.h"
#include "vigie/v1/error.pb.h"

namespace vigie {

// The detail in the trailer `vigie-error-bin` of a finished call; none when Vigie sent none. Call
// it after the call has finished. Any thread.
[[nodiscard]] std::optional<v1::ErrorDetail> ErrorDetailOf(const grpc::ClientContext& context);

// The same code and message.
[[nodiscard]] absl::Status ToStatus(const grpc::Status& status);

}  // namespace vigie
