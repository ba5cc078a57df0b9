// SPDX-License-Identifier: Apache-2.0
// The policy that is shipped, as the tests use it.
#pragma once

#include <cstdlib>
#include <iostream>

#include "policy/policy.h"

namespace vigie::support {

// config/policies/baseline.yaml; ends the test program when it cannot be read.
[[nodiscard]] inline policy::LoadedPolicy LoadedBaseline() {
  auto loaded = policy::LoadPolicyFile(VIGIE_CONFIG_DIR "/policies/baseline.yaml");
  if (!loaded.ok()) {
    std::cerr << loaded.status() << '\n';
    std::abort();
  }
  return *std::move(loaded);
}

[[nodiscard]] inline config::v1::Policy BaselinePolicy() { return LoadedBaseline().policy; }

}  // namespace vigie::support
