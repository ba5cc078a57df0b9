// SPDX-License-Identifier: Apache-2.0
// When to try again, and whether to.
#pragma once

#include <grpcpp/support/status_code_enum.h>

#include "absl/random/random.h"
#include "absl/time/time.h"

namespace vigie::client {

// Pauses that double, with jitter so that many clients of one server do not return together. One
// thread.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration last) : first_(first), last_(last), next_(first) {}
  // The next pause, at least as long as the server asked for.
  [[nodiscard]] absl::Duration Next(absl::Duration asked_by_server);
  // The connection works: start anew.
  void Reset() { next_ = first_; }

 private:
  const absl::Duration first_;
  const absl::Duration last_;
  absl::Duration next_;
  absl::BitGen random_;
};

// No repetition will help until someone changes something.
[[nodiscard]] bool IsPermanent(grpc::StatusCode code);

}  // namespace vigie::client
