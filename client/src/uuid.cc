// SPDX-License-Identifier: Apache-2.0
#include "uuid.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_format.h"

namespace vigie::client {

std::string MakeUuid() {
  std::random_device device;
  const auto word = [&device] { return static_cast<uint32_t>(device()); };
  const uint32_t middle = word();
  const uint32_t variant = word();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%04x%08x", word(), middle >> 16, middle & 0xfff,
                         0x8000 | ((variant >> 16) & 0x3fff), variant & 0xffff, word());
}

}  // namespace vigie::client
