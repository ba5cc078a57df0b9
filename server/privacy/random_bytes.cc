// SPDX-License-Identifier: Apache-2.0
#include "privacy/random_bytes.h"

#include <openssl/rand.h>

#include <vector>

namespace vigie::privacy {

absl::StatusOr<std::string> RandomBytes(int size) {
  std::vector<unsigned char> bytes(static_cast<size_t>(size));
  if (RAND_bytes(bytes.data(), size) != 1) {
    return absl::UnavailableError("random bytes: the system gives none; retry");
  }
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace vigie::privacy
