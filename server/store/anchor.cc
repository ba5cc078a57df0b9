// SPDX-License-Identifier: Apache-2.0
#include "store/anchor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/cat.h"

namespace vigie::store {
namespace {

constexpr size_t kDigestHexChars = 64;

}  // namespace

absl::StatusOr<std::optional<Anchor>> ReadAnchor(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::optional<Anchor>();
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::vector<std::string> parts = absl::StrSplit(absl::StripSuffix(text, "\n"), ' ');
  Anchor anchor;
  if (parts.size() != 3 || parts[0] != "vigie-anchor-1" ||
      !absl::SimpleAtoi(parts[1], &anchor.position) || parts[2].size() != kDigestHexChars) {
    return absl::DataLossError("anchor file: damaged; restore the data directory from a backup");
  }
  anchor.block_sha256 = absl::HexStringToBytes(parts[2]);
  return std::optional<Anchor>(std::move(anchor));
}

absl::Status WriteAnchor(const std::string& path, const Anchor& anchor) {
  const std::string temporary = path + ".new";
  const std::string text = base::Cat("vigie-anchor-1 ", anchor.position, " ",
                                     absl::BytesToHexString(anchor.block_sha256), "\n");
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, "anchor file: cannot be opened");
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fdatasync(fd) == 0;
  const int write_errno = errno;
  close(fd);
  if (!written) return absl::ErrnoToStatus(write_errno, "anchor file: cannot be written");
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, "anchor file: cannot be replaced");
  }
  // The rename itself is durable only with its directory.
  const int directory = open(path.substr(0, path.rfind('/')).c_str(), O_RDONLY | O_DIRECTORY);
  const bool synced = directory >= 0 && fsync(directory) == 0;
  if (directory >= 0) close(directory);
  return synced ? absl::OkStatus() : absl::ErrnoToStatus(errno, "anchor file: directory");
}

}  // namespace vigie::store
