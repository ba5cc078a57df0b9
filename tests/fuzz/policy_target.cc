// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/match.h"
#include "fuzz/require.h"
#include "fuzz/targets.h"
#include "policy/policy.h"
#include "policy/yaml_writer.h"

namespace vigie::fuzz {

void FuzzPolicy(std::string_view input) {
  const auto loaded = policy::LoadPolicy(input, "policy.yaml");
  if (!loaded.ok()) {
    Require(absl::IsInvalidArgument(loaded.status()), "a bad policy is an invalid argument");
    Require(absl::StartsWith(loaded.status().message(), "policy.yaml:"),
            "a refusal names the place");
    return;
  }
  Require(loaded->sha256.size() == 32, "a policy has its hash");
  const auto again = policy::LoadPolicy(policy::WriteYaml(loaded->policy), "written.yaml");
  Require(again.ok(), "a policy that was written is read");
  Require(again->sha256 == loaded->sha256, "a policy that was written is the same policy");
}

}  // namespace vigie::fuzz
