// SPDX-License-Identifier: Apache-2.0
// The border between absl::Status and grpc::Status.
//
// Room rpc: the gRPC doors. The only room that includes gRPC. A reaction validates, hashes, pushes
// and answers; it never touches the disk and never waits. Uses every room below it.
#pragma once

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"
#include "vigie/v1/error.pb.h"

namespace vigie::rpc {

// Name of the trailer that holds a serialised vigie.v1.ErrorDetail.
inline constexpr char kErrorTrailer[] = "vigie-error-bin";

// The same code and message. Adds the detail trailer to `context` when there is something to say
// beyond them: a retry delay for RESOURCE_EXHAUSTED and UNAVAILABLE, or `detail`.
[[nodiscard]] grpc::Status ToGrpc(const absl::Status& status, grpc::CallbackServerContext* context,
                                  vigie::v1::ErrorDetail detail = {});

}  // namespace vigie::rpc
