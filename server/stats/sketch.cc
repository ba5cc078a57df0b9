// SPDX-License-Identifier: Apache-2.0
#include "stats/sketch.h"

#include <algorithm>
#include <cmath>

namespace vigie::stats {
namespace {

constexpr double kGamma = (1 + Sketch::kRelativeError) / (1 - Sketch::kRelativeError);
constexpr int64_t kLookedUpMs = 65'536;  // Longer times are computed each.

int KeyOf(int64_t value_ms) {
  static const double log_gamma = std::log(kGamma);
  const auto value = static_cast<double>(std::max<int64_t>(value_ms, 1));
  return static_cast<int>(std::ceil(std::log(value) / log_gamma));
}

}  // namespace

// Two logarithms for every decision are worth a table.
int Sketch::Key(int64_t value_ms) {
  static const std::vector<int16_t> keys = [] {
    std::vector<int16_t> all(kLookedUpMs);
    for (int64_t ms = 0; ms < kLookedUpMs; ++ms) {
      all[static_cast<size_t>(ms)] = static_cast<int16_t>(KeyOf(ms));
    }
    return all;
  }();
  return value_ms >= 0 && value_ms < kLookedUpMs ? keys[static_cast<size_t>(value_ms)]
                                                 : KeyOf(value_ms);
}

double Sketch::Value(int key) { return 2 * std::pow(kGamma, key) / (kGamma + 1); }

void Sketch::Add(int64_t value_ms) { AddKey(Key(value_ms), 1); }

void Sketch::AddKey(int key, int64_t count) {
  const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), key,
                                   [](const Bucket& bucket, int k) { return bucket.key < k; });
  if (at != buckets_.end() && at->key == key) {
    at->count += count;
  } else {
    buckets_.insert(at, Bucket{key, count});
  }
}

std::optional<double> Sketch::Quantile(double rank) const {
  int64_t total = 0;
  for (const auto& [key, count] : buckets_) total += count;
  if (total == 0) return std::nullopt;
  const double target = rank * static_cast<double>(total - 1);
  int64_t seen = 0;
  for (const auto& [key, count] : buckets_) {
    seen += count;
    if (static_cast<double>(seen) > target) return Value(key);
  }
  return Value(buckets_.back().key);
}

}  // namespace vigie::stats
