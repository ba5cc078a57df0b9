// SPDX-License-Identifier: Apache-2.0
// The digests of the store.
//
// Room store: the log and the views on disk. The only room that includes RocksDB. Uses base and
// decision (keys are made of scopes and periods).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::store {

// SHA-256 as 32 bytes. Any thread.
[[nodiscard]] std::string Sha256(std::string_view bytes);

// A 64-bit hash that never changes between builds: XXH3 with seed 0 (rule L9).
[[nodiscard]] uint64_t StableHash(std::string_view bytes);

// For mixing hashes by multiplication: odd, without a pattern, the fraction of the golden ratio.
inline constexpr uint64_t kHashSpread = 0x9e37'79b9'7f4a'7c15;

// A 64-bit hash for tables in memory, another in every process: nobody can choose what collides.
[[nodiscard]] uint64_t PassingHash(std::string_view bytes);

// CRC32C (Castagnoli).
[[nodiscard]] uint32_t Crc32c(std::string_view bytes);

}  // namespace vigie::store
