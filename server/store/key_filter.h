// SPDX-License-Identifier: Apache-2.0
// Remembers which keys were written, in some 12 bits each, so that most keys that were not are told
// without asking every table of a store.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/synchronization/mutex.h"

namespace vigie::store {

// A Bloom filter of blocks of one half cache line (Putze, Sanders, Singler 2007, "Cache-, Hash- and
// Space-Efficient Bloom Filters"). It grows by filters of twice the size; of keys that were not
// added about 1 in 200 passes for one that was, for each filter. Nothing leaves it. Any thread.
class KeyFilter {
 public:
  // Has room for so many keys before it grows.
  explicit KeyFilter(int64_t keys);
  ~KeyFilter();
  KeyFilter(const KeyFilter&) = delete;
  KeyFilter& operator=(const KeyFilter&) = delete;

  void Add(std::string_view key);
  // False only for a key that was never added.
  [[nodiscard]] bool MayHold(std::string_view key) const { return MayHoldHash(HashOf(key)); }
  // Begins to bring into the processor's cache what MayHold reads for a key of this hash
  // (DecisionKeyHash).
  void FetchAhead(uint64_t hash) const;
  [[nodiscard]] int64_t bytes() const;

 private:
  class Part;
  static constexpr int kMaxParts = 40;

  [[nodiscard]] static uint64_t HashOf(std::string_view key);
  [[nodiscard]] bool MayHoldHash(uint64_t hash) const;
  void GrowAfter(int part) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;  // Of growing.
  std::array<std::unique_ptr<Part>, kMaxParts> parts_;
  std::atomic<int> part_count_ = 1;  // A part is there before it is counted.
};

}  // namespace vigie::store
