// SPDX-License-Identifier: Apache-2.0
// Small files of the data directory that must outlive a loss of power.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace vigie::privacy {

// Replaces the file at `path` by `text`, mode 0600. On return it survives loss of power; before,
// the file that was there does. Errors name the step, never the text.
[[nodiscard]] absl::Status ReplaceDurably(const std::string& path, std::string_view text);

// Makes the entry of `path` in its directory, and all others there, survive loss of power.
[[nodiscard]] absl::Status SyncDirectoryOf(const std::string& path);

}  // namespace vigie::privacy
