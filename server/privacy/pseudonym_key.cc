// SPDX-License-Identifier: Apache-2.0
#include "privacy/pseudonym_key.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/cat.h"
#include "base/durable_file.h"

namespace vigie::privacy {
namespace {

// Closes a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

absl::StatusOr<std::string> ReadKeyFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return absl::ErrnoToStatus(errno,
                               "pseudonym key file: cannot be opened; make one with "
                               "`(umask 077; openssl rand -hex 32 > FILE)`");
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return absl::ErrnoToStatus(errno, "pseudonym key file");
  if ((status.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("pseudonym key file: got mode %04o, want 0600; run chmod 600 on it",
                        status.st_mode & 07777));
  }
  std::array<char, 2 * kKeyBytes + 2> text{};
  const ssize_t size = read(file.get(), text.data(), text.size());
  const absl::string_view digits =
      absl::StripAsciiWhitespace({text.data(), static_cast<size_t>(size > 0 ? size : 0)});
  std::string key;
  if (digits.size() == 2 * kKeyBytes &&
      digits.find_first_not_of("0123456789abcdefABCDEF") == absl::string_view::npos) {
    key = absl::HexStringToBytes(digits);
  }
  if (key.size() != kKeyBytes) {
    return absl::InvalidArgumentError(
        base::Cat("pseudonym key file: not a key, want ", 2 * kKeyBytes,
                  " hex digits; restore it from a backup, for a new key splits every person's "
                  "history"));
  }
  return key;
}

absl::Status MakeKeyFile(const std::string& path) {
  std::array<unsigned char, kKeyBytes> key;
  if (RAND_bytes(key.data(), kKeyBytes) != 1) {
    return absl::InternalError("pseudonym key file: no randomness");
  }
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return absl::ErrnoToStatus(errno, "pseudonym key file: cannot be made");
  const std::string text =
      absl::BytesToHexString({reinterpret_cast<const char*>(key.data()), key.size()}) + "\n";
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      fsync(file.get()) != 0) {
    return absl::ErrnoToStatus(errno, "pseudonym key file: cannot be written");
  }
  // Events may be acknowledged at once, and without their key they are worth nothing.
  return base::SyncDirectoryOf(path);
}

}  // namespace vigie::privacy
