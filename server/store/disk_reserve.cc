// SPDX-License-Identifier: Apache-2.0
#include "store/disk_reserve.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "base/log_line.h"

namespace vigie::store {

absl::StatusOr<int64_t> FreeDiskBytes(const std::string& directory) {
  struct statvfs disk = {};
  if (statvfs(directory.c_str(), &disk) != 0) {
    return absl::ErrnoToStatus(errno, "data directory: free space cannot be asked");
  }
  return static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
}

DiskReserve::DiskReserve(std::string directory, Options options)
    : directory_(std::move(directory)), options_(std::move(options)) {}

int64_t DiskReserve::MeasureFree() {
  const auto measured = options_.free_bytes ? options_.free_bytes() : FreeDiskBytes(directory_);
  if (measured.ok()) return *measured;
  base::Log(base::Level::kWarn, "store", "free disk space is not known, taking the last figure",
            {{"cause", measured.status().message()}});
  return free_bytes();
}

void DiskReserve::Update(int64_t free_bytes, int64_t queued_bytes) {
  const absl::MutexLock lock(&mutex_);
  free_bytes_ = free_bytes;
  if (options_.reserve_bytes == 0) return;
  room_bytes_ = free_bytes - options_.reserve_bytes - queued_bytes * kDiskBytesPerByte;
  if (room_bytes_ < 0) {
    SetReached(true);
  } else if (room_bytes_ >= kDiskResumeBytes) {
    SetReached(false);
  }
}

bool DiskReserve::TryTake(int64_t bytes) {
  if (options_.reserve_bytes == 0) return true;
  const absl::MutexLock lock(&mutex_);
  if (reached_) return false;
  const int64_t needed = bytes * kDiskBytesPerByte;
  if (room_bytes_ < needed) {
    SetReached(true);
    return false;
  }
  room_bytes_ -= needed;
  return true;
}

bool DiskReserve::reached() const {
  const absl::MutexLock lock(&mutex_);
  return reached_;
}

int64_t DiskReserve::free_bytes() const {
  const absl::MutexLock lock(&mutex_);
  return free_bytes_;
}

void DiskReserve::SetReached(bool reached) {
  if (reached_ == reached) return;
  reached_ = reached;
  base::Log(reached ? base::Level::kWarn : base::Level::kInfo, "store",
            reached ? "the disk is down to its reserve, new work is refused until space is freed"
                    : "the disk has room again, new work is taken in",
            {{"free_bytes", free_bytes_}, {"reserve_bytes", options_.reserve_bytes}});
}

}  // namespace vigie::store
