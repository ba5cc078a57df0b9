// SPDX-License-Identifier: Apache-2.0
// The `vigie` command.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "command_line.h"
#include "manual.h"
#include "print.h"
#include "vigie/version.h"

namespace vigie::cli {
namespace {

ExitCode Main(const std::vector<std::string>& arguments) {
  const absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
  if (!line.ok()) return FailUsage(std::string(line.status().message()));
  if (line->arguments.count("help") > 0) {
    Write(line->verb == nullptr ? HelpText() : HelpText(*line->verb));
    return ExitCode::kDone;
  }
  if (line->arguments.count("version") > 0) {
    Write(absl::StrCat("vigie ", kVersion, " (", kCommit, ")\n"));
    return ExitCode::kDone;
  }
  if (line->arguments.count("man") > 0) {
    Write(ManualPage());
    return ExitCode::kDone;
  }
  if (line->verb == nullptr) return FailUsage("a verb is missing; `vigie --help` lists all");
  const Session session(line->server, line->output, line->arguments.count("progress") > 0);
  return line->verb->run(session, line->arguments);
}

}  // namespace
}  // namespace vigie::cli

int main(int argc, char** argv) {
  return static_cast<int>(vigie::cli::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
