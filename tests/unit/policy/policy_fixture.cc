// SPDX-License-Identifier: Apache-2.0
#include "policy_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/cat.h"
#include "policy/policy.h"
#include "policy/text_file.h"
#include "policy/yaml_message.h"

namespace vigie::policy {

std::string BaselineText() {
  const absl::StatusOr<std::string> text =
      ReadTextFile(VIGIE_CONFIG_DIR "/policies/baseline.yaml", kMaxYamlBytes);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

KeyLine FindKey(std::string_view text, std::string_view key) {
  const std::string start = base::Cat(key, ":");
  KeyLine line{.begin = 0, .end = 0, .number = 1};
  while (line.begin < text.size()) {
    line.end = std::min(text.find('\n', line.begin), text.size() - 1) + 1;
    const std::string_view content = text.substr(line.begin, line.end - line.begin);
    const size_t indent = std::min(content.find_first_not_of(' '), content.size());
    if (content.substr(indent).starts_with(start)) return line;
    line.begin = line.end;
    ++line.number;
  }
  ADD_FAILURE() << "no line gives " << key;
  return {};
}

std::string WithValue(std::string_view text, std::string_view key, std::string_view value) {
  const KeyLine line = FindKey(text, key);
  const size_t colon = text.find(':', line.begin);
  return base::Cat(text.substr(0, colon + 1), " ", value, "\n", text.substr(line.end));
}

std::string WithoutKey(std::string_view text, std::string_view key) {
  const KeyLine line = FindKey(text, key);
  return base::Cat(text.substr(0, line.begin), text.substr(line.end));
}

std::string LoadError(std::string_view text) {
  return std::string(LoadPolicy(text, "policy.yaml").status().message());
}

}  // namespace vigie::policy
