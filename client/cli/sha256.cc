// SPDX-License-Identifier: Apache-2.0
#include "sha256.h"

#include <openssl/sha.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace vigie::cli {

std::string Sha256Hex(absl::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string UuidFrom(absl::string_view sha256_hex) {
  const auto part = [sha256_hex](size_t at, size_t count) { return sha256_hex.substr(at, count); };
  return absl::StrCat(part(0, 8), "-", part(8, 4), "-8", part(13, 3), "-8", part(17, 3), "-",
                      part(20, 12));
}

}  // namespace vigie::cli
