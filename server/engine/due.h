// SPDX-License-Identifier: Apache-2.0
// When decisions become due (rule L4).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
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
  void Push(int64_t due_ms, int64_t serial) { Put({due_ms, serial}); }
  // The next entry due at or before `now_ms`, taken out: its due time and serial; nothing when none
  // is.
  [[nodiscard]] std::optional<std::pair<int64_t, int64_t>> Pop(int64_t now_ms) {
    Run* run = First(runs_);
    if (!heap_.empty() && (run == nullptr || heap_.front() < run->front())) {
      if (heap_.front().first > now_ms) return std::nullopt;
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const Entry entry = heap_.back();
      heap_.pop_back();
      return entry;
    }
    if (run == nullptr || run->front().first > now_ms) return std::nullopt;
    const Entry entry = run->front();
    run->pop_front();
    return entry;
  }
  // Due time of the first entry; nothing when empty.
  [[nodiscard]] std::optional<int64_t> Next() const {
    std::optional<int64_t> next;
    if (const Run* run = First(runs_); run != nullptr) next = run->front().first;
    if (!heap_.empty()) next = std::min(next.value_or(INT64_MAX), heap_.front().first);
    return next;
  }
  // The serial that is popped after so many others, about; nothing when that is not known.
  [[nodiscard]] std::optional<int64_t> Ahead(size_t others) const {
    const Run* run = First(runs_);
    if (run == nullptr || run->size() <= others) return std::nullopt;
    return (*run)[others].second;
  }
  // Lets go of what whoever pops it would pass over, once it may be half of all: a decision that
  // closed would wait on for the time at which it would have expired, and for ever where its source
  // sends no watermark. Costs a look at one entry for each that was pushed.
  template <typename IsOpen>
  void DropClosed(const IsOpen& is_open) {
    if (size() < dropped_from_) return;
    const auto closed = [&](const Entry& entry) { return !is_open(entry.second); };
    for (Run& run : runs_) std::erase_if(run, closed);
    std::erase_if(heap_, closed);
    // Runs that have become free take what was in disorder because of them.
    std::sort(heap_.begin(), heap_.end());
    for (const Entry& entry : std::exchange(heap_, {})) Put(entry);
    dropped_from_ = std::max(kFewEntries, 2 * size());
  }
  [[nodiscard]] size_t size() const {
    size_t size = heap_.size();
    for (const Run& run : runs_) size += run.size();
    return size;
  }

 private:
  using Entry = std::pair<int64_t, int64_t>;
  using Run = std::deque<Entry>;  // In order.
  static constexpr size_t kFewEntries = 4096;
  // What is due after one delay mostly comes in order, and there are few delays: expiry, settling,
  // what never opens.
  static constexpr size_t kRuns = 4;

  // Behind the run that ends closest before it, so that a far one does not block a run for others.
  void Put(const Entry& entry) {
    Run* best = nullptr;
    for (Run& run : runs_) {
      if (run.empty()) {
        if (best == nullptr) best = &run;
      } else if (run.back() <= entry &&
                 (best == nullptr || best->empty() || best->back() < run.back())) {
        best = &run;
      }
    }
    if (best != nullptr) {
      best->push_back(entry);
      return;
    }
    heap_.push_back(entry);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  // The run that holds the earliest entry of all runs; null when all are empty.
  template <typename Runs>
  [[nodiscard]] static auto First(Runs& runs) -> decltype(runs.data()) {
    decltype(runs.data()) first = nullptr;
    for (auto& run : runs) {
      if (!run.empty() && (first == nullptr || run.front() < first->front())) first = &run;
    }
    return first;
  }

  std::array<Run, kRuns> runs_;
  std::vector<Entry> heap_;  // What comes in no order.
  size_t dropped_from_ = kFewEntries;
};

}  // namespace vigie::engine
