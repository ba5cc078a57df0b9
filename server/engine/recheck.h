// SPDX-License-Identifier: Apache-2.0
// Whether a store equals a fresh fold of its own log.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/fold.h"
#include "engine/log_check.h"
#include "store/store.h"

namespace vigie::engine {

// How the rows of one kind compare.
struct RowsCompared {
  std::string kind;  // A family; within meta also the prefix of its rows.
  int64_t equal = 0;
  int64_t different = 0;
  int64_t missing = 0;  // The fresh fold has them, the store has not.
  int64_t extra = 0;    // The store has them, the fresh fold has not.

  [[nodiscard]] bool AllEqual() const { return different == 0 && missing == 0 && extra == 0; }
};

// Why the views were not compared, if they were not; the log was checked all the same.
enum class NotCompared { kCompared, kPurged, kOlderFormat, kNotAsked };

// What a recheck found. `log` is always good: a damaged log is an error.
struct Recheck {
  LogFacts log;
  NotCompared not_compared = NotCompared::kCompared;
  vigie::store::v1::Cursor cursor;  // Of the stored views: what they include, what was purged.
  std::vector<RowsCompared> rows;   // In order of family and kind.

  // Every compared row is equal, byte for byte.
  [[nodiscard]] bool ViewsEqual() const;
};

struct RecheckOptions {
  // As the views were made: `max_scopes` and `max_quarantined_events` take part in the fold.
  Fold::Options fold;
  // A directory of the caller's for the fresh views, on disk because a store may not fit into
  // memory. Empty before; the caller removes it.
  std::string scratch;
  // Told how far it is, in log positions, after every block. May be empty.
  std::function<void(int64_t done, int64_t total)> progress;
};

// Checks the log (see CheckLog), folds it from its first record into empty views up to the cursor
// of the stored ones, compares every row of every family, then folds what is left. After a purge no
// fold can start from the first record, so the views are not compared.
//
// Nothing may write to the store meanwhile. Errors are those of CheckLog, and DATA_LOSS when the
// fold does not take a record or a row cannot be read.
[[nodiscard]] absl::StatusOr<Recheck> RecheckStore(const store::Store& store,
                                                   const RecheckOptions& options);

}  // namespace vigie::engine
