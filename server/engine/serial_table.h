// SPDX-License-Identifier: Apache-2.0
// The decisions that are not closed, by serial.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"

namespace vigie::engine {

struct DecisionState;

// Decisions are looked for mostly in the order of their serials, when they become due. So those
// that follow one another stand side by side, and few looks have to wait for memory. One that
// stays alone takes half a kilobyte. Not thread-safe.
class SerialTable {
 public:
  // The decision; null when it is not here.
  [[nodiscard]] DecisionState* Find(int64_t serial) const {
    const auto found = rows_.find(serial >> kRowBits);
    return found == rows_.end() ? nullptr : found->second->decisions[PlaceOf(serial)];
  }
  [[nodiscard]] bool Contains(int64_t serial) const { return Find(serial) != nullptr; }
  // Takes in a decision, in the place of the one of this serial if there is one.
  void Put(int64_t serial, DecisionState* decision) {
    std::unique_ptr<Row>& row = rows_[serial >> kRowBits];
    if (row == nullptr) row = std::make_unique<Row>();
    DecisionState*& place = row->decisions[PlaceOf(serial)];
    if (place == nullptr) {
      ++row->size;
      ++size_;
    }
    place = decision;
  }
  // Nothing when it is not here.
  void Erase(int64_t serial) {
    const auto found = rows_.find(serial >> kRowBits);
    if (found == rows_.end()) return;
    Row& row = *found->second;
    DecisionState*& place = row.decisions[PlaceOf(serial)];
    if (place == nullptr) return;
    place = nullptr;
    --size_;
    if (--row.size == 0) rows_.erase(found);
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  static constexpr int kRowBits = 6;
  static constexpr size_t kRowSize = size_t{1} << kRowBits;
  struct Row {
    std::array<DecisionState*, kRowSize> decisions{};
    size_t size = 0;
  };
  [[nodiscard]] static size_t PlaceOf(int64_t serial) {
    return static_cast<size_t>(serial) % kRowSize;
  }

  absl::flat_hash_map<int64_t, std::unique_ptr<Row>> rows_;
  size_t size_ = 0;
};

}  // namespace vigie::engine
