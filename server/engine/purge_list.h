// SPDX-License-Identifier: Apache-2.0
// The decisions that one purge removes, as a row written before its record: after a crash the fold
// finds it beside the record and removes the same ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace vigie::engine {

// Row of the meta family. There is one list at a time; one whose record was never written is
// replaced by the next.
inline constexpr char kPurgeListKey[] = "purging";

struct PurgeList {
  int64_t position = 0;           // Of the LogPurge record that it belongs to.
  std::vector<std::string> keys;  // Of decisions, as store::DecisionKey makes them.
};

// position(8, big-endian), then for each key its length(1) and itself.
[[nodiscard]] std::string EncodePurgeList(const PurgeList& list);
// DATA_LOSS when the bytes are not a list.
[[nodiscard]] absl::StatusOr<PurgeList> DecodePurgeList(std::string_view bytes);

}  // namespace vigie::engine
