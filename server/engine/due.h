// SPDX-License-Identifier: Apache-2.0
// When decisions become due (rule L4).
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

namespace vigie::engine {

// Serials of decisions by due time, earliest first, ties by serial. Entries are not removed when a
// decision's due time moves: whoever pops one compares it with the decision, and puts it back under
// the present due time when that is later, so that decisions close in order of due time. Not
// thread-safe.
class DueQueue {
 public:
  void Push(int64_t due_ms, int64_t serial) { queue_.emplace(due_ms, serial); }
  // The next entry due at or before `now_ms`, taken out: its due time and serial; nothing when none
  // is.
  [[nodiscard]] std::optional<std::pair<int64_t, int64_t>> Pop(int64_t now_ms) {
    if (queue_.empty() || queue_.top().first > now_ms) return std::nullopt;
    const Entry entry = queue_.top();
    queue_.pop();
    return entry;
  }
  // Due time of the first entry; nothing when empty.
  [[nodiscard]] std::optional<int64_t> Next() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.top().first;
  }

 private:
  using Entry = std::pair<int64_t, int64_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue_;
};

}  // namespace vigie::engine
