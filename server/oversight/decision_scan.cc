// SPDX-License-Identifier: Apache-2.0
#include "oversight/decision_scan.h"

#include <string>

#include "base/status_macros.h"
#include "engine/codec.h"
#include "store/keys.h"

namespace vigie::oversight {

absl::Status ForEachDecision(
    const store::Store::Reader& reader, decision::NameIndex organisation, store::IdSpace space,
    std::string_view from,
    absl::FunctionRef<absl::Status(std::string_view key, const engine::DecisionState& state)>
        visit) {
  const std::string prefix = store::DecisionKey(organisation, space, "");
  absl::Status status;
  VIGIE_RETURN_IF_ERROR(reader.Scan(store::Family::kDecisions, prefix,
                                    from.empty() ? prefix : std::string(from),
                                    [&](std::string_view key, std::string_view value) {
                                      const auto state = engine::DecodeDecision(key, value);
                                      status = state.ok() ? visit(key, *state) : state.status();
                                      return status.ok();
                                    }));
  return absl::IsCancelled(status) ? absl::OkStatus() : status;
}

absl::Status CheckSpan(int64_t from_ms, int64_t to_ms) {
  if (to_ms == 0 || to_ms > from_ms) return absl::OkStatus();
  return absl::InvalidArgumentError("to_ms: got a time at or before from_ms, want one after it");
}

void AddDecision(const engine::DecisionState& state, decision::Tally& tally) {
  if (state.plan == 0) {
    tally.AddFinding(state.finding);
    decision::AddAside(decision::AsideOf(state.afterwards, state.finding.actor), state.finding, 1,
                       tally);
  }
  if (!state.truth.has_value()) return;
  tally.AddTruth(state.truth->key, state.truth->codes, state.finding, 1);
}

}  // namespace vigie::oversight
