// SPDX-License-Identifier: Apache-2.0
#include "store/read_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vigie::store {

absl::StatusOr<ReadLock> ReadLock::Take(const std::string& path) {
  ReadLock lock(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (lock.fd_ < 0) {
    if (errno == ENOENT) return lock;
    return absl::ErrnoToStatus(errno, "data directory: its lock file cannot be opened");
  }
  struct flock whole {};
  whole.l_type = F_RDLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(lock.fd_, F_SETLK, &whole) == 0) return lock;
  if (errno == EAGAIN || errno == EACCES) {
    return absl::UnavailableError(
        "data directory: a vigied holds it; stop that one, or look at a backup");
  }
  return absl::ErrnoToStatus(errno, "data directory: its lock file cannot be locked");
}

ReadLock::~ReadLock() {
  if (fd_ >= 0) close(fd_);
}

ReadLock::ReadLock(ReadLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

ReadLock& ReadLock::operator=(ReadLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

}  // namespace vigie::store
