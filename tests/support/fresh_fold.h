// SPDX-License-Identifier: Apache-2.0
// What must hold of a store after whatever happened to it.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "engine/recheck.h"
#include "gtest/gtest.h"
#include "store/block.h"
#include "store/store.h"
#include "support/temporary_directory.h"
#include "vigie/v1/event.pb.h"

namespace vigie::support {

// The log is whole (positions without a gap, chain, checksums, anchor), and every row of the views
// equals that of a fresh fold of it, byte for byte. Nothing may write to the store meanwhile.
[[nodiscard]] inline testing::AssertionResult ViewsEqualAFreshFold(
    const store::Store& store, engine::Fold::Options fold = {}) {
  const TemporaryDirectory scratch;
  const auto recheck =
      engine::RecheckStore(store, {.fold = std::move(fold), .scratch = scratch.path()});
  if (!recheck.ok()) return testing::AssertionFailure() << recheck.status();
  for (const engine::RowsCompared& rows : recheck->rows) {
    if (rows.AllEqual()) continue;
    return testing::AssertionFailure()
           << rows.kind << ": " << rows.equal << " rows equal, " << rows.different << " different, "
           << rows.missing << " missing, " << rows.extra << " extra";
  }
  return testing::AssertionSuccess();
}

// How many times the log holds each event, by event_id.
[[nodiscard]] inline absl::StatusOr<std::map<std::string, int>> RecordedEvents(
    const store::Store& store) {
  std::map<std::string, int> times;
  const absl::Status read =
      store.ForEachBlock(1, [&times](int64_t /*first*/, std::string_view bytes) -> absl::Status {
        const auto block = store::DecodeBlock(bytes);
        if (!block.ok()) return block.status();
        for (const auto& record : block->records()) {
          vigie::v1::Event event;
          if (!record.has_event()) continue;
          if (!event.ParseFromString(record.event().event())) {
            return absl::DataLossError("log record: not an event");
          }
          ++times[event.event_id()];
        }
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return times;
}

}  // namespace vigie::support
