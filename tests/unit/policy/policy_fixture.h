// SPDX-License-Identifier: Apache-2.0
// The shipped policy and ways to spoil it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace vigie::policy {

// Text of config/policies/baseline.yaml.
[[nodiscard]] std::string BaselineText();

// One line of a YAML text, found by its key.
struct KeyLine {
  size_t begin = 0;
  size_t end = 0;
  int number = 0;
};

// The only line of `text` that gives `key`; fails the test when there is none.
[[nodiscard]] KeyLine FindKey(std::string_view text, std::string_view key);

// `text` with another value for `key`.
[[nodiscard]] std::string WithValue(std::string_view text, std::string_view key,
                                    std::string_view value);

// `text` without the line of `key`.
[[nodiscard]] std::string WithoutKey(std::string_view text, std::string_view key);

// The error of LoadPolicy(text, "policy.yaml"), empty where it was accepted.
[[nodiscard]] std::string LoadError(std::string_view text);

}  // namespace vigie::policy
