// SPDX-License-Identifier: Apache-2.0
#include "fault/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace vigie::testing {

Journal::Journal(const std::string& path) {
  if (path.empty()) return;
  std::ifstream file(path);
  std::string source_id;
  int64_t first = 0;
  int64_t last = 0;
  int64_t position = 0;
  while (file >> source_id >> first >> last >> position) {
    last_[source_id] = std::max(last_[source_id], last);
  }
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ok_ = fd_ >= 0;
}

Journal::~Journal() {
  if (fd_ >= 0) close(fd_);
}

int64_t Journal::LastOf(const std::string& source_id) const {
  const auto found = last_.find(source_id);
  return found == last_.end() ? 0 : found->second;
}

void Journal::Note(const std::string& source_id, int64_t first_sequence, int64_t last_sequence,
                   int64_t log_position) {
  if (fd_ < 0) return;
  const std::string line =
      absl::StrCat(source_id, " ", first_sequence, " ", last_sequence, " ", log_position, "\n");
  // A torn line would hide an acknowledgement.
  if (write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ok_ = false;
}

}  // namespace vigie::testing
