// SPDX-License-Identifier: Apache-2.0
#include "store/key_filter.h"

#include <algorithm>
#include <vector>

#include "base/prefetch.h"
#include "store/digest.h"
#include "store/keys.h"

namespace vigie::store {
namespace {

constexpr int64_t kBitsPerKey = 12;
constexpr int64_t kFewestKeys = 100'000;
constexpr size_t kBlockWords = 4;  // Of 64 bits.
constexpr int kBitsOfBlock = 8;    // One in each half of a word.

using Block = std::array<uint64_t, kBlockWords>;

// The bits of a key within its block, by the lower half of its hash.
Block BitsOf(uint64_t hash) {
  constexpr int kPlaceBits = 5;
  const uint64_t places = (hash & 0xffff'ffff) * kHashSpread >> (64 - kBitsOfBlock * kPlaceBits);
  Block bits{};
  for (int i = 0; i < kBitsOfBlock; ++i) {
    const uint64_t place = places >> (kPlaceBits * i) & 31;
    bits[static_cast<size_t>(i / 2)] |= uint64_t{1} << (place + 32 * (i % 2));
  }
  return bits;
}

}  // namespace

class KeyFilter::Part {
 public:
  explicit Part(int64_t keys)
      : keys_(keys),
        block_count_(static_cast<uint64_t>(keys * kBitsPerKey / (64 * kBlockWords) + 1)),
        words_(block_count_ * kBlockWords) {}

  // Whether it was not there.
  bool Add(uint64_t hash) {
    const Block bits = BitsOf(hash);
    const size_t first = FirstWord(hash);
    bool added = false;
    for (size_t i = 0; i < kBlockWords; ++i) {
      const uint64_t before = words_[first + i].fetch_or(bits[i], std::memory_order_relaxed);
      added |= (before & bits[i]) != bits[i];
    }
    return added;
  }
  [[nodiscard]] bool MayHold(uint64_t hash) const {
    const Block bits = BitsOf(hash);
    const size_t first = FirstWord(hash);
    for (size_t i = 0; i < kBlockWords; ++i) {
      if ((words_[first + i].load(std::memory_order_relaxed) & bits[i]) != bits[i]) return false;
    }
    return true;
  }
  void FetchAhead(uint64_t hash) const {
    base::PrefetchBytes(&words_[FirstWord(hash)], sizeof(Block));
  }
  // Counts a key; whether the part is full with it.
  bool CountsAsFull() { return count_.fetch_add(1, std::memory_order_relaxed) + 1 == keys_; }
  [[nodiscard]] int64_t keys() const { return keys_; }
  [[nodiscard]] int64_t bytes() const {
    return static_cast<int64_t>(words_.size() * sizeof(uint64_t));
  }

 private:
  // By the upper half of the hash.
  [[nodiscard]] size_t FirstWord(uint64_t hash) const {
    return static_cast<size_t>((hash >> 32) * block_count_ >> 32) * kBlockWords;
  }

  const int64_t keys_;
  const uint64_t block_count_;
  std::vector<std::atomic<uint64_t>> words_;
  std::atomic<int64_t> count_ = 0;
};

KeyFilter::KeyFilter(int64_t keys) {
  parts_[0] = std::make_unique<Part>(std::max(keys, kFewestKeys));
}

KeyFilter::~KeyFilter() = default;

uint64_t KeyFilter::HashOf(std::string_view key) { return DecisionKeyHash(key); }

// The order of what is added and asked by two threads is theirs to keep; the bits alone need none.
void KeyFilter::Add(std::string_view key) {
  const uint64_t hash = HashOf(key);
  if (MayHoldHash(hash)) return;
  const int newest = part_count_.load(std::memory_order_acquire) - 1;
  Part& part = *parts_[static_cast<size_t>(newest)];
  if (part.Add(hash) && part.CountsAsFull()) GrowAfter(newest);
}

bool KeyFilter::MayHoldHash(uint64_t hash) const {
  const int count = part_count_.load(std::memory_order_acquire);
  for (int i = count - 1; i >= 0; --i) {
    if (parts_[static_cast<size_t>(i)]->MayHold(hash)) return true;
  }
  return false;
}

void KeyFilter::FetchAhead(uint64_t hash) const {
  const int count = part_count_.load(std::memory_order_acquire);
  for (int i = 0; i < count; ++i) parts_[static_cast<size_t>(i)]->FetchAhead(hash);
}

void KeyFilter::GrowAfter(int part) {
  const absl::MutexLock lock(&mutex_);
  const int count = part_count_.load(std::memory_order_relaxed);
  if (count != part + 1 || count == kMaxParts) return;
  const int64_t keys = 2 * parts_[static_cast<size_t>(part)]->keys();
  parts_[static_cast<size_t>(count)] = std::make_unique<Part>(keys);
  part_count_.store(count + 1, std::memory_order_release);
}

int64_t KeyFilter::bytes() const {
  int64_t bytes = 0;
  const int count = part_count_.load(std::memory_order_acquire);
  for (int i = 0; i < count; ++i) bytes += parts_[static_cast<size_t>(i)]->bytes();
  return bytes;
}

}  // namespace vigie::store
