// SPDX-License-Identifier: Apache-2.0
// Bytes that nobody can guess.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace vigie::privacy {

// `size` bytes of the operating system's cryptographic generator; UNAVAILABLE when it gives none.
// Any thread.
[[nodiscard]] absl::StatusOr<std::string> RandomBytes(int size);

}  // namespace vigie::privacy
