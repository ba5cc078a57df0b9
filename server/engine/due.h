// SPDX-License-Identifier: Apache-2.0
// When decisions become due (rule L4).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace vigie::engine {

// Serials of decisions by due time, earliest first, ties by serial. Entries are not removed when a
// decision's due time moves: whoever pops one compares it with the decision, and puts it back under
// the present due time when that is later, so that decisions close in order of due time. Not
// thread-safe.
class DueQueue {
 public:
  void Push(int64_t due_ms, int64_t serial) {
    entries_.emplace_back(due_ms, serial);
    std::push_heap(entries_.begin(), entries_.end(), std::greater<>());
  }
  // The next entry due at or before `now_ms`, taken out: its due time and serial; nothing when none
  // is.
  [[nodiscard]] std::optional<std::pair<int64_t, int64_t>> Pop(int64_t now_ms) {
    if (entries_.empty() || entries_.front().first > now_ms) return std::nullopt;
    std::pop_heap(entries_.begin(), entries_.end(), std::greater<>());
    const Entry entry = entries_.back();
    entries_.pop_back();
    return entry;
  }
  // Due time of the first entry; nothing when empty.
  [[nodiscard]] std::optional<int64_t> Next() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.front().first;
  }
  // Lets go of what whoever pops it would pass over, once it may be half of all: a decision that
  // closed would wait on for the time at which it would have expired, and for ever where its source
  // sends no watermark. Costs a look at one entry for each that was pushed.
  template <typename IsOpen>
  void DropClosed(const IsOpen& is_open) {
    if (entries_.size() < dropped_from_) return;
    std::erase_if(entries_, [&](const Entry& entry) { return !is_open(entry.second); });
    std::make_heap(entries_.begin(), entries_.end(), std::greater<>());
    dropped_from_ = std::max(kFewEntries, 2 * entries_.size());
  }
  [[nodiscard]] size_t size() const { return entries_.size(); }

 private:
  using Entry = std::pair<int64_t, int64_t>;
  static constexpr size_t kFewEntries = 4096;

  std::vector<Entry> entries_;  // A heap.
  size_t dropped_from_ = kFewEntries;
};

}  // namespace vigie::engine
