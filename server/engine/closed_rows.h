// SPDX-License-Identifier: Apache-2.0
// Decisions that closed and are not on disk yet.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "engine/state.h"

namespace vigie::engine {

// The rows of closed decisions, one after the other: a state takes several times as much, and was
// last touched when the row was made of it. What is added never moves. Reading is for any thread
// while nobody adds.
class ClosedRows {
 public:
  // Makes room to find about so many.
  explicit ClosedRows(size_t expected) { rows_.reserve(expected); }
  ClosedRows(const ClosedRows&) = delete;
  ClosedRows& operator=(const ClosedRows&) = delete;

  // Takes in the row of a closed decision that is not here yet.
  void Add(const DecisionState& state);
  // The row of this key (store::DecisionKey); nothing when it is not here.
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view key) const;
  [[nodiscard]] size_t size() const { return rows_.size(); }
  // Calls `visit(key, row)` for each, in no order.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [key, row] : rows_) visit(std::string_view(key.data(), key.size()), row);
  }

 private:
  [[nodiscard]] std::string_view Keep(std::string_view bytes);

  std::deque<std::string> chunks_;  // Never grown beyond what they reserved.
  absl::flat_hash_map<absl::string_view, std::string_view> rows_;
  std::string key_;
  std::string row_;
};

}  // namespace vigie::engine
