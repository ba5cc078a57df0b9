// SPDX-License-Identifier: Apache-2.0
// A file system that fails when told to, and forgets what was not synced when the power goes.
#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "support/temporary_directory.h"

namespace vigie::support {

// What a disk is asked to do, and can fail to do.
enum class DiskStep { kWrite, kSync, kSyncDirectory, kCreate, kRename, kDelete };

// One thing that goes wrong.
struct DiskFault {
  DiskStep step = DiskStep::kWrite;
  int64_t nth = 1;        // The n-th such step from now on fails.
  bool no_space = false;  // With ENOSPC; else with EIO.
  bool half = false;      // A write that fails has written its first half.
  bool lasting = false;   // Every step of any kind after it fails too.
};

// Passes everything on to the machine's file system, except syncs: those are only noted, so that
// tests are fast. A step that fails does nothing, a half write apart. Any thread.
//
// Power loss: from its moment on every step fails, as for a process that is no more. Once whoever
// used the files is gone, DropUnsynced leaves what a journalling file system may hold (XFS, ext4 in
// its ordered mode, where a length grows only with the bytes): of each file the synced part and
// perhaps some of the rest; of the changes to a directory since it was synced (made, renamed,
// deleted) the first so many, in order.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem();

  void Inject(const DiskFault& fault);
  // Whether the injected fault has happened.
  [[nodiscard]] bool faulted() const;
  // Power is lost at the n-th step of any kind from now on; 0 = at once.
  void LosePowerAt(int64_t nth);
  [[nodiscard]] bool power_lost() const;
  // Once after the power was lost. `random` says what of the unsynced survives.
  void DropUnsynced(std::mt19937_64& random);
  // Steps taken so far.
  [[nodiscard]] int64_t step_count() const;

  [[nodiscard]] const char* Name() const override { return "FaultyFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;
  // Bytes of a file, and how many of them are on disk. Guarded by mutex_.
  struct Length {
    uint64_t written = 0;
    uint64_t synced = 0;
  };
  // A change to a directory that is not on disk yet, and how to take it back.
  struct Change {
    DiskStep step = DiskStep::kCreate;
    std::string path;
    std::string renamed_from;
    std::string saved;  // Where what stood at `path` is kept; empty = nothing stood there.
  };

  // Counts a step; its failure, or OK. `half` is told when a write must do half of its work.
  rocksdb::IOStatus Take(DiskStep step, bool* half = nullptr);
  // Moves what stands at a path aside, so that it can come back; empty when nothing does.
  std::string SetAside(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Move(const std::string& from, const std::string& to) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeBack(const Change& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteSynced(const std::string& directory);

  const TemporaryDirectory aside_;
  mutable absl::Mutex mutex_;
  std::optional<DiskFault> fault_ ABSL_GUARDED_BY(mutex_);
  int64_t fault_left_ ABSL_GUARDED_BY(mutex_) = 0;
  bool faulted_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t steps_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t power_until_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
  bool power_lost_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t aside_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::shared_ptr<Length>> lengths_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<Change>> changes_ ABSL_GUARDED_BY(mutex_);  // By directory.
};

}  // namespace vigie::support
