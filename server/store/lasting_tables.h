// SPDX-License-Identifier: Apache-2.0
// A file system on which tables outlast the failure to take them up.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace vigie::store {

// RocksDB deletes the tables that it was to take up when that fails, also when it fails at the very
// end: the record that names them may then be on disk all the same, and the store would be refused
// for want of them. While a thread holds a Keep, nothing that it deletes goes; whatever is left
// without need is deleted when the store is opened. Any thread.
class LastingTables final : public rocksdb::FileSystemWrapper {
 public:
  explicit LastingTables(const std::shared_ptr<rocksdb::FileSystem>& target)
      : rocksdb::FileSystemWrapper(target) {}

  // For the thread that makes it, as long as it lives. One at a time.
  class Keep {
   public:
    Keep();
    ~Keep();
    Keep(const Keep&) = delete;
    Keep& operator=(const Keep&) = delete;
  };

  [[nodiscard]] const char* Name() const override { return "LastingTables"; }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
};

}  // namespace vigie::store
