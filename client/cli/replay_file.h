// SPDX-License-Identifier: Apache-2.0
// A file of recorded decisions, one JSON object a line, read and checked before anything is sent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "vigie/v1/event.pb.h"

namespace vigie::cli {

// A line that maps to events.
struct ReplayRecord {
  absl::string_view line;
  int64_t line_number = 0;  // From 1.
  int64_t index = 0;        // Among the lines that are not blank, from 0.
  int64_t event_count = 0;
};

// A line that does not.
struct InvalidLine {
  int64_t line_number = 0;
  std::string problem;
};

// What a file holds. The records point into `contents`.
struct ReplayFile {
  std::unique_ptr<const std::string> contents;
  std::string sha256_hex;
  std::vector<ReplayRecord> records;
  std::vector<InvalidLine> invalid;
  std::vector<v1::PayloadKind> payloads;  // Those that occur, in ascending order.
  int64_t event_count = 0;

  // `replay:` and the first 16 digits of the hash.
  [[nodiscard]] std::string SourceId() const;
};

// NOT_FOUND or PERMISSION_DENIED when the file cannot be read. Invalid lines are no error here.
[[nodiscard]] absl::StatusOr<ReplayFile> ReadReplayFile(const std::string& path);

// The records in the order given by `seed`, the same on every machine.
[[nodiscard]] std::vector<ReplayRecord> Shuffled(std::vector<ReplayRecord> records, uint64_t seed);

}  // namespace vigie::cli
