// SPDX-License-Identifier: Apache-2.0
// Backups of the data directory, made while it is in use.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/store.h"
#include "vigie/v1/admin_service.pb.h"

namespace vigie::engine {

// Makes backups, one at a time. A backup is a data directory: store, anchor, and the pseudonym key
// when it lives beside them. Any thread that may wait for the disk, but the sequencer's.
class Backups {
 public:
  struct Options {
    std::string data_dir;
    std::string backup_dir;  // Empty = none may be made. On the same file system as data_dir the
                             // tables are hard links, elsewhere copies.
  };
  // `store` must outlive it.
  Backups(const store::Store* store, Options options)
      : store_(store), options_(std::move(options)) {}

  // Makes backup_dir/NAME and reads it again: everything acknowledged before the call is in it. It
  // appears under its name only when it is whole, synced and found good; what failed leaves
  // nothing. INVALID_ARGUMENT (the name), FAILED_PRECONDITION (backup_dir not configured or not
  // there), ALREADY_EXISTS, RESOURCE_EXHAUSTED (another one is being made; the disk is full),
  // UNAVAILABLE (stopping), DATA_LOSS (the log is damaged: restore an earlier one).
  [[nodiscard]] absl::StatusOr<vigie::v1::BackUpResponse> BackUp(const std::string& name);

  // Gives up the backup that is being made, as soon as it can.
  void Stop() { stopping_ = true; }

 private:
  absl::Status Fill(const std::string& directory) const;
  absl::StatusOr<vigie::v1::BackUpResponse> ReadAgain(const std::string& directory) const;

  const store::Store* store_;
  const Options options_;
  std::atomic<bool> busy_ = false;
  std::atomic<bool> stopping_ = false;
};

}  // namespace vigie::engine
