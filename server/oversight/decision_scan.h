// SPDX-License-Identifier: Apache-2.0
// What questions that read many decisions share.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "decision/tally.h"
#include "engine/state.h"
#include "store/store.h"

namespace vigie::oversight {

// Calls `visit` for every decision of an organisation and identifier space, in order of key from
// `from` on (empty: from the start), until it returns an error, which comes back, or CANCELLED,
// which ends the walk well. DATA_LOSS for a damaged row. May take long: worker threads only.
[[nodiscard]] absl::Status ForEachDecision(
    const store::Store::Reader& reader, decision::NameIndex organisation, store::IdSpace space,
    std::string_view from,
    absl::FunctionRef<absl::Status(std::string_view key, const engine::DecisionState& state)>
        visit);

// From `from_ms` on and before `to_ms`; 0 = no bound.
[[nodiscard]] inline bool InSpan(int64_t at_ms, int64_t from_ms, int64_t to_ms) {
  return (from_ms == 0 || at_ms >= from_ms) && (to_ms == 0 || at_ms < to_ms);
}
// INVALID_ARGUMENT when the span is empty.
[[nodiscard]] absl::Status CheckSpan(int64_t from_ms, int64_t to_ms);

// Counts a closed decision with the truth that it counts under and what is told beside.
void AddDecision(const engine::DecisionState& state, decision::Tally& tally);

}  // namespace vigie::oversight
