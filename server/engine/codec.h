// SPDX-License-Identifier: Apache-2.0
// States as the bytes of the views, and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "decision/tally.h"
#include "engine/state.h"
#include "vigie/store/v1/view.pb.h"

namespace vigie::engine {

// Its row, in place of what `row` holds.
void EncodeDecision(const DecisionState& state, std::string* row);
// From its row; `key` is that of the row. DATA_LOSS when they are not a decision.
[[nodiscard]] absl::StatusOr<DecisionState> DecodeDecision(std::string_view key,
                                                           std::string_view bytes);

[[nodiscard]] std::string EncodeTally(const decision::Tally& tally);
[[nodiscard]] absl::StatusOr<decision::Tally> DecodeTally(std::string_view bytes);

// The row of a BatchEvidence.
[[nodiscard]] std::string EncodeBatch(decision::NameIndex organisation, const std::string& batch_id,
                                      const std::vector<decision::Fact>& facts,
                                      int64_t recorded_at_ms);
[[nodiscard]] decision::Fact DecodeFact(const vigie::store::v1::Fact& stored);

[[nodiscard]] vigie::store::v1::ScopeView EncodeScope(const decision::ScopeKey& scope);
[[nodiscard]] decision::ScopeKey DecodeScope(const vigie::store::v1::ScopeView& stored);

}  // namespace vigie::engine
