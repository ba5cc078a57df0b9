// SPDX-License-Identifier: Apache-2.0
#include "policy/utf8.h"

#include <cstdint>

namespace vigie::policy {

size_t CharacterBytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const size_t byte_count = lead < 0xc0   ? 0
                            : lead < 0xe0 ? 2
                            : lead < 0xf0 ? 3
                            : lead < 0xf8 ? 4
                                          : 0;
  if (byte_count == 0 || text.size() < byte_count) return 0;
  uint32_t code_point = lead & (0xffU >> (byte_count + 1));
  for (size_t i = 1; i < byte_count; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return 0;
    code_point = code_point << 6 | (byte & 0x3fU);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  const bool is_valid = code_point >= kLeast[byte_count] && code_point <= 0x10ffff && !is_surrogate;
  return is_valid ? byte_count : 0;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t byte_count = CharacterBytes(text);
    if (byte_count == 0) return false;
    text.remove_prefix(byte_count);
  }
  return true;
}

}  // namespace vigie::policy
