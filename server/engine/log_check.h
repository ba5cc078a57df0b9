// SPDX-License-Identifier: Apache-2.0
// Whether the log of a store is whole: everything that needs no fold.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "store/store.h"
#include "vigie/store/v1/view.pb.h"

namespace vigie::engine {

// What a walk over the whole log found.
struct LogFacts {
  int64_t first_position = 0;  // Above 1 after a purge; 0 = the log is empty.
  int64_t last_position = 0;
  int64_t block_count = 0;
  int64_t event_count = 0;
  int64_t recorded_at_ms = 0;  // Of the last block.
  std::string block_sha256;    // Of the last block.
  bool anchored = false;       // An anchor file is there, and holds.
};

// Called with every block once it is found good; an error ends the walk and is its result.
using BlockVisit = std::function<absl::Status(int64_t first_position, int64_t last_position,
                                              std::string_view bytes)>;

// Reads the log from its first block to its last: format and checksum of every block, positions
// without a gap, the chain of SHA-256, time that never goes back, events that parse; then that the
// anchor and the cursor of the views are places in it. DATA_LOSS says what is wrong and where;
// FAILED_PRECONDITION that a newer vigied wrote a block.
[[nodiscard]] absl::StatusOr<LogFacts> CheckLog(const store::Store& store,
                                                const vigie::store::v1::Cursor& cursor,
                                                const BlockVisit& visit);

// The cursor of the stored views; all zero when there are no views.
[[nodiscard]] absl::StatusOr<vigie::store::v1::Cursor> ReadCursor(
    const store::Store::Reader& reader);

// The end of a log: its last position and the SHA-256 of its last block; position 0 when it is
// empty. Reads one block.
[[nodiscard]] absl::StatusOr<store::Anchor> EndOfLog(const store::Store& store);

}  // namespace vigie::engine
