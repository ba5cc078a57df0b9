// SPDX-License-Identifier: Apache-2.0
// A data directory made from the lines of an export, without a daemon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/fold.h"
#include "engine/stored_views.h"
#include "oversight/log_line.h"
#include "store/store.h"

namespace vigie::oversight {

// Folds what it reads as a start of the daemon would. A whole export gives the same positions, the
// same chain of block hashes and the same rows, as long as the fold's options are the same; a part
// is numbered anew. Everything is made in a directory beside the one wanted, which is renamed at
// the end or removed, so that nothing half-made stays. One thread.
class LogImport {
 public:
  struct Options {
    std::string directory;  // The data directory to make: absent or empty.
    engine::Fold::Options fold;
  };
  // What an import made.
  struct Made {
    int64_t records = 0;
    int64_t events = 0;
    int64_t log_position = 0;
    std::string block_sha256;  // Of the last block.
    bool whole = false;
  };

  // ALREADY_EXISTS when the directory holds something, or an import that was killed left its own.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<LogImport>> Begin(Options options);
  ~LogImport();
  LogImport(const LogImport&) = delete;
  LogImport& operator=(const LogImport&) = delete;

  // Takes the next line. INVALID_ARGUMENT or DATA_LOSS says what is wrong with it; then nothing
  // more may be added.
  [[nodiscard]] absl::Status Add(std::string_view text);
  // DATA_LOSS when the export was cut.
  [[nodiscard]] absl::StatusOr<Made> Finish();

 private:
  explicit LogImport(Options options);
  absl::Status CheckOrder(const LogLine& line);
  absl::Status EndBlock(const LogBlockEnd& end);
  absl::Status CheckFoldable(const vigie::store::v1::Block& block) const;
  [[nodiscard]] vigie::store::v1::Block Renumbered(const vigie::store::v1::Block& block);
  absl::Status Append(const vigie::store::v1::Block& block, const LogBlockEnd* end);
  absl::Status WriteLog();
  absl::Status WriteViews();

  const Options options_;
  const std::string partial_;
  bool made_ = false;  // There is a directory to remove.
  std::unique_ptr<store::Store> store_;
  std::optional<engine::StoredViews> views_;
  std::optional<engine::Fold> fold_;

  std::optional<LogHeading> heading_;
  bool last_seen_ = false;
  int64_t last_position_ = 0;
  vigie::store::v1::Block block_;   // The lines of the block so far; empty between blocks.
  std::vector<int64_t> positions_;  // Of its records in the export.
  // Where a part has its refused events, by their position in the export.
  absl::flat_hash_map<int64_t, int64_t> refused_at_;
  std::vector<std::pair<int64_t, std::string>> unwritten_;
  size_t unwritten_bytes_ = 0;
  int64_t unflushed_records_ = 0;
  Made result_;
};

}  // namespace vigie::oversight
