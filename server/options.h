// SPDX-License-Identifier: Apache-2.0
// The flags of vigied.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace vigie {

// What the command line says. Flags win over the configuration file.
struct Options {
  std::string config_file;
  std::optional<std::string> data_dir;
  std::optional<std::string> grpc_listen;
  std::optional<std::string> http_listen;
  std::string ports_file;
  bool check_config = false;
  bool print_config = false;
  bool version = false;
  bool help = false;
};

// INVALID_ARGUMENT for unknown flags and missing values.
[[nodiscard]] absl::StatusOr<Options> ParseOptions(int argc, char** argv);

// The text of --help.
[[nodiscard]] std::string HelpText();

}  // namespace vigie
