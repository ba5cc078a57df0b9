// SPDX-License-Identifier: Apache-2.0
// Keeps every vigied out of a data directory while it is read, without writing to it.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace vigie::store {

// Shares the lock file of RocksDB, whose holder locks it alone. Such locks are the process's: never
// take one on a directory that this process has open by itself.
class ReadLock {
 public:
  // UNAVAILABLE when another process holds the directory. Holds nothing where `path` does not
  // exist: nobody has opened that directory yet, as in a fresh backup.
  [[nodiscard]] static absl::StatusOr<ReadLock> Take(const std::string& path);
  ReadLock() = default;
  ~ReadLock();
  ReadLock(ReadLock&& other) noexcept;
  ReadLock& operator=(ReadLock&& other) noexcept;

 private:
  explicit ReadLock(int fd) : fd_(fd) {}

  int fd_ = -1;
};

}  // namespace vigie::store
