// SPDX-License-Identifier: Apache-2.0
// The configuration of vigied: read, filled with defaults, checked. Writes nothing.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vigie/config/v1/daemon.pb.h"

namespace vigie {

// What holds where the file says nothing. data_dir and policy_file have no default.
[[nodiscard]] vigie::config::v1::Daemon DefaultDaemonConfig();

// Reads a configuration file over the defaults; relative paths in it become absolute, starting at
// the file's directory. Values that no flag can mend are refused here, with `file:line:column`.
// Reads no other file.
[[nodiscard]] absl::StatusOr<vigie::config::v1::Daemon> LoadDaemonConfig(const std::string& path);

// Checks the configuration as it will be used, after flags: what is required, what excludes what,
// every range. INVALID_ARGUMENT names the field, got and want. Touches no file.
[[nodiscard]] absl::Status ValidateDaemon(const vigie::config::v1::Daemon& daemon);

}  // namespace vigie
