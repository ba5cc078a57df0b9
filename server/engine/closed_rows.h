// SPDX-License-Identifier: Apache-2.0
// Decisions that closed and are not on disk yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "engine/state.h"
#include "store/keys.h"

namespace vigie::engine {

// The rows of closed decisions, one after the other: a state takes several times as much, and was
// last touched when the row was made of it. What is added never moves. Reading is for any thread
// while nobody adds.
class ClosedRows {
 public:
  // Makes room to find about so many.
  explicit ClosedRows(size_t expected) : numbers_(0, NumberHash{&rows_}, NumberEqual{&rows_}) {
    numbers_.reserve(expected);
  }
  ClosedRows(const ClosedRows&) = delete;
  ClosedRows& operator=(const ClosedRows&) = delete;

  // Takes in the row of a closed decision that is not here yet.
  void Add(const DecisionState& state);
  // The row of this key (store::DecisionKey) and its hash (store::DecisionHash); nothing when it is
  // not here.
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view key, uint64_t hash) const;
  // Begins to bring into the processor's cache where Find looks for this hash.
  void FetchAhead(uint64_t hash) const { numbers_.prefetch(Wanted{.hash = hash, .key = {}}); }
  [[nodiscard]] size_t size() const { return rows_.size(); }
  // Calls `visit(key, row)` for each, in the order in which they were added.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const Row& row : rows_) visit(row.key, row.value);
  }

 private:
  struct Row {
    std::string_view key;
    std::string_view value;
  };
  using Rows = std::deque<Row>;
  struct Wanted {
    uint64_t hash;
    std::string_view key;
  };
  // Rows are found by number: what finds them stays small enough for the processor's cache, and
  // most of what is looked for is not here.
  struct NumberHash {
    using is_transparent = void;
    size_t operator()(const Wanted& wanted) const { return wanted.hash; }
    size_t operator()(uint32_t number) const { return store::DecisionKeyHash((*rows)[number].key); }
    const Rows* rows;
  };
  struct NumberEqual {
    using is_transparent = void;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t number, const Wanted& wanted) const {
      return (*rows)[number].key == wanted.key;
    }
    const Rows* rows;
  };

  [[nodiscard]] std::string_view Keep(std::string_view bytes);

  std::deque<std::string> chunks_;  // Never grown beyond what they reserved.
  Rows rows_;
  absl::flat_hash_set<uint32_t, NumberHash, NumberEqual> numbers_;
  std::string key_;
  std::string row_;
};

}  // namespace vigie::engine
