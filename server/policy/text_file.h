// SPDX-License-Identifier: Apache-2.0
// Reads the small text files that operators write.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace vigie::policy {

// The content of a regular file of at most `max_bytes`. NOT_FOUND, FAILED_PRECONDITION (not a
// regular file, not readable) or INVALID_ARGUMENT (too large); the message names the file.
[[nodiscard]] absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t max_bytes);

}  // namespace vigie::policy
