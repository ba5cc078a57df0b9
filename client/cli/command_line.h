// SPDX-License-Identifier: Apache-2.0
// Reads the command line. Throws nothing.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "verb.h"

namespace vigie::cli {

// The options that stand before or after every verb.
[[nodiscard]] po::options_description GlobalOptions();

// What was asked for.
struct CommandLine {
  const Verb* verb = nullptr;  // Null: only --help, --man or --version.
  po::variables_map arguments;
  std::string server;
  OutputFormat output = OutputFormat::kTable;
};

// Splits `arguments` (without the program's name) into global options, verb, and what belongs to
// the verb. INVALID_ARGUMENT says what is wrong and what to do.
[[nodiscard]] absl::StatusOr<CommandLine> ParseCommandLine(
    const std::vector<std::string>& arguments);

}  // namespace vigie::cli
