// SPDX-License-Identifier: Apache-2.0
#include "backoff.h"

#include <algorithm>

namespace vigie::client {

absl::Duration Backoff::Next(absl::Duration asked_by_server) {
  const absl::Duration pause = next_ * absl::Uniform(random_, 0.5, 1.0);
  next_ = std::min(next_ * 2, last_);
  // On top of what was asked for, or all who were asked would return at the same moment.
  return asked_by_server > absl::ZeroDuration() ? asked_by_server + pause / 4 : pause;
}

bool IsPermanent(grpc::StatusCode code) {
  switch (code) {
    case grpc::INVALID_ARGUMENT:
    case grpc::NOT_FOUND:
    case grpc::PERMISSION_DENIED:
    case grpc::UNAUTHENTICATED:
    case grpc::UNIMPLEMENTED:
      return true;
    default:
      return false;
  }
}

}  // namespace vigie::client
