// SPDX-License-Identifier: Apache-2.0
// Files and directories that must outlive a loss of power.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace vigie::base {

// Replaces the file at `path` by `text`, mode 0600. On return it survives loss of power; before,
// the file that was there does. Errors name the step, never the text.
[[nodiscard]] absl::Status ReplaceDurably(const std::string& path, std::string_view text);

// Makes a file, or the entries of a directory, survive loss of power.
[[nodiscard]] absl::Status Sync(const std::string& path);

// Makes the entry of `path` in its directory, and all others there, survive loss of power: a rename
// is durable only with its directory.
[[nodiscard]] absl::Status SyncDirectoryOf(const std::string& path);

}  // namespace vigie::base
