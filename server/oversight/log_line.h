// SPDX-License-Identifier: Apache-2.0
// One record of the log as one line of JSON: what an export writes and an import reads.
//
//   {"position":"7","recordedAtMs":"...","block":"5","record":{...},"event":{...}}
//
// The event stands beside its record, which keeps it as bytes; where writing it again would give
// other bytes, those follow as "eventBytes" in base64. The first line of an export has a "heading",
// the last line of a block "progress", "contentSha256" and "blockSha256", the very last line
// "last".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "vigie/store/v1/log.pb.h"

namespace vigie::oversight {

// Raised when a line means something else than before.
inline constexpr int64_t kLogLineFormat = 1;

// What an export holds.
struct LogHeading {
  int64_t format = kLogLineFormat;
  bool whole = false;   // From the first record of the log on, nothing left out.
  int64_t from_ms = 0;  // Records recorded earlier are there only where the fold needs them.
  int64_t to_ms = 0;    // Nothing recorded from then on; 0 = up to the end.
};

// Stands on the last line of a block.
struct LogBlockEnd {
  std::vector<vigie::store::v1::SourceProgress> progress;
  std::string content_sha256;  // ContentSha256 of the lines of this block; 32 bytes.
  std::string block_sha256;    // SHA-256 of the stored bytes of the whole block; 32 bytes.
};

struct LogLine {
  int64_t position = 0;
  int64_t recorded_at_ms = 0;
  int64_t block = 0;  // First position of its block.
  vigie::store::v1::Record record;
  std::optional<LogBlockEnd> end;
  std::optional<LogHeading> heading;
  bool last = false;
};

// The line, without a newline.
[[nodiscard]] absl::StatusOr<std::string> WriteLogLine(const LogLine& line);
// INVALID_ARGUMENT names the field, got and want.
[[nodiscard]] absl::StatusOr<LogLine> ReadLogLine(std::string_view text);

// SHA-256 of the bytes of a block without the hash of the block before: it tells damage even where
// a part of the log is exported, whose hashes do not chain.
[[nodiscard]] std::string ContentSha256(vigie::store::v1::Block block);

}  // namespace vigie::oversight
