// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_status.h"

#include <string>

#include "base/cat.h"

namespace vigie::store {

absl::Status FromRocks(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = base::Cat(doing, ": ", status.ToString());
  if (status.IsNotFound()) return absl::NotFoundError(message);
  if (status.IsCorruption()) {
    return absl::DataLossError(base::Cat(
        message, "; the data directory is damaged: keep a copy of it and restore a backup"));
  }
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError(base::Cat(
        message, "; free space on the disk of the data directory, then start vigied again"));
  }
  if (status.IsBusy() || status.IsTryAgain()) return absl::UnavailableError(message);
  if (status.IsInvalidArgument()) return absl::FailedPreconditionError(message);
  return absl::InternalError(message);
}

}  // namespace vigie::store
