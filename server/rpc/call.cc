// SPDX-License-Identifier: Apache-2.0
#include "rpc/call.h"

namespace vigie::rpc {

void UnaryCall::Finish(const absl::Status& status, vigie::v1::ErrorDetail detail) const {
  backend_->families->ObserveCall(method_, static_cast<int>(status.code()),
                                  base::MonotonicSeconds() - started_seconds_);
  reactor_->Finish(ToGrpc(status, context_, std::move(detail)));
}

}  // namespace vigie::rpc
