// SPDX-License-Identifier: Apache-2.0
// Whether a data directory equals a fresh fold of its log, in one call.
#pragma once

#include <string>

#include "engine/recheck.h"
#include "gtest/gtest.h"
#include "store/store.h"
#include "support/temporary_directory.h"

namespace vigie::support {

// Rechecks a directory that nothing has open.
[[nodiscard]] inline absl::StatusOr<engine::Recheck> Rechecked(
    const std::string& directory, const engine::Fold::Options& fold = {}) {
  const auto store =
      store::Store::OpenForReading({.directory = directory, .block_cache_bytes = 1 << 20});
  if (!store.ok()) return store.status();
  if (const absl::Status tables = (*store)->VerifyChecksums(); !tables.ok()) return tables;
  const TemporaryDirectory scratch;
  return engine::RecheckStore(**store, {.fold = fold, .scratch = scratch.path(), .progress = {}});
}

// Fails the test, saying which rows differ, unless the directory equals a fresh fold of its log.
inline void ExpectEqualsFreshFold(const std::string& directory,
                                  const engine::Fold::Options& fold = {}) {
  const auto found = Rechecked(directory, fold);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->not_compared, engine::NotCompared::kCompared);
  for (const engine::RowsCompared& rows : found->rows) {
    EXPECT_TRUE(rows.AllEqual()) << rows.kind << ": " << rows.equal << " equal, " << rows.different
                                 << " different, " << rows.missing << " missing, " << rows.extra
                                 << " extra";
  }
}

}  // namespace vigie::support
