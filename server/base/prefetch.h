// SPDX-License-Identifier: Apache-2.0
// Fetching ahead what will be read soon, where waiting for memory is what a loop does most.
#pragma once

#include <cstddef>

namespace vigie::base {

// Begins to bring bytes into the processor's cache. They must exist.
inline void PrefetchBytes(const void* bytes, size_t size) {
  constexpr size_t kLineBytes = 64;
  for (size_t at = 0; at < size; at += kLineBytes) {
    __builtin_prefetch(static_cast<const char*>(bytes) + at);
  }
}

}  // namespace vigie::base
