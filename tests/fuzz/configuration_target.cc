// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "daemon_config.h"
#include "fuzz/require.h"
#include "fuzz/targets.h"
#include "support/temporary_directory.h"

namespace vigie::fuzz {
namespace {

bool IsAbsolute(const std::string& path) {
  return path.empty() || std::filesystem::path(path).is_absolute();
}

}  // namespace

void FuzzConfiguration(std::string_view input) {
  static const support::TemporaryDirectory directory;
  const std::string path = directory.File("vigied.yaml");
  std::ofstream(path, std::ios::binary).write(input.data(), std::ssize(input));
  const auto loaded = LoadDaemonConfig(path);
  if (!loaded.ok()) {
    Require(absl::IsInvalidArgument(loaded.status()), "a bad configuration is an invalid argument");
    Require(absl::StartsWith(loaded.status().message(), path), "a refusal names the place");
    return;
  }
  Require(IsAbsolute(loaded->data_dir()) && IsAbsolute(loaded->policy_file()) &&
              IsAbsolute(loaded->privacy().pseudonym_key_file()),
          "paths start at the directory of the file");
  const absl::Status usable = ValidateDaemon(*loaded);
  Require(usable.ok() || absl::IsInvalidArgument(usable), "what flags could mend is named");
}

}  // namespace vigie::fuzz
