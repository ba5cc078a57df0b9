// SPDX-License-Identifier: Apache-2.0
// What is UTF-8 (RFC 3629): neither YAML's parser nor its escapes see to it.
#pragma once

#include <cstddef>
#include <string_view>

namespace vigie::policy {

// Bytes of the character that `text`, which is not empty, begins with; 0 where it is not UTF-8.
[[nodiscard]] size_t CharacterBytes(std::string_view text);

[[nodiscard]] bool IsUtf8(std::string_view text);

}  // namespace vigie::policy
