// SPDX-License-Identifier: Apache-2.0
#include "engine/closed_rows.h"

#include <algorithm>

#include "engine/codec.h"
#include "store/keys.h"

namespace vigie::engine {
namespace {

constexpr size_t kChunkBytes = (size_t{1} << 20) - 1;  // With the string's end a whole megabyte.

}  // namespace

void ClosedRows::Add(const DecisionState& state) {
  store::PutDecisionKey(state.organisation, state.space, state.id, &key_);
  EncodeDecision(state, &row_);
  const std::string_view key = Keep(key_);
  rows_.push_back({.key = key, .value = Keep(row_)});
  numbers_.insert(static_cast<uint32_t>(rows_.size() - 1));
}

std::optional<std::string_view> ClosedRows::Find(std::string_view key, uint64_t hash) const {
  const auto found = numbers_.find(Wanted{.hash = hash, .key = key});
  if (found == numbers_.end()) return std::nullopt;
  return rows_[*found].value;
}

std::string_view ClosedRows::Keep(std::string_view bytes) {
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < bytes.size()) {
    chunks_.emplace_back().reserve(std::max(kChunkBytes, bytes.size()));
  }
  std::string& chunk = chunks_.back();
  const size_t at = chunk.size();
  chunk += bytes;
  return std::string_view(chunk).substr(at);
}

}  // namespace vigie::engine
