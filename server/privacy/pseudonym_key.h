// SPDX-License-Identifier: Apache-2.0
// The key file of the pseudonyms.
//
// Room privacy: what protects people. Pseudonyms at the doors, small cells at the egress. Uses
// base and decision.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace vigie::privacy {

inline constexpr int kKeyBytes = 32;

// Reads 64 hex digits from a file that only its owner may read (mode 0600). FAILED_PRECONDITION
// when the mode is wider, NOT_FOUND when there is none, INVALID_ARGUMENT when it is no key.
[[nodiscard]] absl::StatusOr<std::string> ReadKeyFile(const std::string& path);

// Makes a random key file with mode 0600. ALREADY_EXISTS when there is one.
[[nodiscard]] absl::Status MakeKeyFile(const std::string& path);

}  // namespace vigie::privacy
