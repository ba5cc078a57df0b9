// SPDX-License-Identifier: Apache-2.0
// The anchor: how far the log was known to be on disk, kept outside RocksDB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace vigie::store {

// RocksDB accepts a deleted write-ahead log in every recovery mode (operations.md section 0). The
// anchor notices it: the store is refused when it ends before the anchor. At most a second behind.
struct Anchor {
  int64_t position = 0;      // Last position of the block.
  std::string block_sha256;  // Of its stored bytes.
};

// Nothing when there is no anchor file; DATA_LOSS when it is damaged or cannot be read.
[[nodiscard]] absl::StatusOr<std::optional<Anchor>> ReadAnchor(const std::string& path);
// Replaces the file atomically and durably. `file_system` null = the machine's.
[[nodiscard]] absl::Status WriteAnchor(const std::string& path, const Anchor& anchor,
                                       rocksdb::FileSystem* file_system = nullptr);

}  // namespace vigie::store
