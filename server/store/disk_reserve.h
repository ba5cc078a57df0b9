// SPDX-License-Identifier: Apache-2.0
// Keeps some of the disk free, so that what was taken in can always be finished.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace vigie::store {

// Bytes on disk for one byte of an event taken in: it is written to the log and, with the rows that
// it changes, to a table.
inline constexpr int64_t kDiskBytesPerByte = 4;
// Work is taken in again only when this much is free beyond the reserve, so that the service does
// not come and go with every batch. More than the largest batch can need.
inline constexpr int64_t kDiskResumeBytes = int64_t{16} << 20;

// Free bytes of the file system of a directory that this process may use.
[[nodiscard]] absl::StatusOr<int64_t> FreeDiskBytes(const std::string& directory);

// Says whether new work still fits above the reserve. What was taken in before, the views, tables
// being merged and the anchor may use the reserve: they are bounded, and end. Any thread.
class DiskReserve {
 public:
  struct Options {
    int64_t reserve_bytes = 0;  // 0 = none is kept: all work is taken in.
    // How many bytes are free; empty = FreeDiskBytes of the data directory.
    std::function<absl::StatusOr<int64_t>()> free_bytes = nullptr;
  };
  DiskReserve(std::string directory, Options options);

  // Asks the file system; the last answer again when it does not answer. May wait for the disk.
  [[nodiscard]] int64_t MeasureFree();
  // Takes up a measurement, made while `queued_bytes` of work taken in were not yet written. Logs
  // when the reserve is reached and when there is room again.
  void Update(int64_t free_bytes, int64_t queued_bytes);
  // Whether `bytes` more of work may be taken in; if so they count until the next Update.
  [[nodiscard]] bool TryTake(int64_t bytes);

  // Whether new work is refused.
  [[nodiscard]] bool reached() const;
  // As last measured.
  [[nodiscard]] int64_t free_bytes() const;
  [[nodiscard]] int64_t reserve_bytes() const { return options_.reserve_bytes; }

 private:
  void SetReached(bool reached) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string directory_;
  const Options options_;
  mutable absl::Mutex mutex_;
  int64_t free_bytes_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
  int64_t room_bytes_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;  // Above the reserve, all taken in told.
  bool reached_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace vigie::store
