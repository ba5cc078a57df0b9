// SPDX-License-Identifier: Apache-2.0
// What a feed was told is on disk, written down before it hears the next.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace vigie::testing {

// A file of lines `source first_sequence last_sequence log_position`, one an acknowledgement. Meant
// for another file system than the daemon's, so that what harms one spares the other. Note may be
// called by several threads at once: a line is one write at the end of the file.
class Journal {
 public:
  // Reads what an earlier run wrote, then appends; an empty path keeps nothing.
  explicit Journal(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Whether the file could be opened and every line was written.
  [[nodiscard]] bool ok() const { return ok_; }
  // Last sequence of `source_id` that an earlier run noted; 0 when none.
  [[nodiscard]] int64_t LastOf(const std::string& source_id) const;
  void Note(const std::string& source_id, int64_t first_sequence, int64_t last_sequence,
            int64_t log_position);

 private:
  std::map<std::string, int64_t> last_;
  int fd_ = -1;
  std::atomic<bool> ok_ = true;
};

}  // namespace vigie::testing
