// SPDX-License-Identifier: Apache-2.0
#include "policy/text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/cat.h"

namespace vigie::policy {

absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t max_bytes) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return absl::NotFoundError(base::Cat(path, ": no such file"));
  }
  if (error) {
    return absl::FailedPreconditionError(base::Cat(path, ": ", error.message()));
  }
  if (!std::filesystem::is_regular_file(status)) {
    return absl::FailedPreconditionError(base::Cat(path, ": not a regular file"));
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::FailedPreconditionError(base::Cat(path, ": ", std::strerror(errno)));
  }
  // One byte more than allowed tells a full file from one that is too large.
  std::string text(max_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return absl::FailedPreconditionError(base::Cat(path, ": read error"));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > max_bytes) {
    return absl::InvalidArgumentError(
        base::Cat(path, ": over ", max_bytes, " bytes, want at most ", max_bytes));
  }
  return text;
}

}  // namespace vigie::policy
