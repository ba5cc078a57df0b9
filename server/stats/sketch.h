// SPDX-License-Identifier: Apache-2.0
// A quantile sketch of times with relative error .01 (DDSketch; Masson, Rim and Lee, 2019).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace vigie::stats {

// Counts times in logarithmic buckets. Exactly additive: merging equals adding all the values.
// Not thread-safe.
class Sketch {
 public:
  static constexpr double kRelativeError = 0.01;

  // Bucket of a time in milliseconds; times under 1 ms count as 1 ms.
  [[nodiscard]] static int Key(int64_t value_ms);
  // The time that stands for a bucket, in milliseconds.
  [[nodiscard]] static double Value(int key);

  void Add(int64_t value_ms);
  // Adds `count` to a bucket, for reading a stored sketch.
  void AddKey(int key, int64_t count);
  // The bucket value at rank `rank` in [0, 1] of the n values: the first bucket whose cumulative
  // count exceeds rank * (n - 1). Nothing when empty.
  [[nodiscard]] std::optional<double> Quantile(double rank) const;
  // Non-empty buckets by rising key.
  struct Bucket {
    int key = 0;
    int64_t count = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };
  [[nodiscard]] const std::vector<Bucket>& Buckets() const { return buckets_; }

  friend bool operator==(const Sketch&, const Sketch&) = default;

 private:
  std::vector<Bucket> buckets_;  // Flat: tallies are copied often and updated at one end.
};

}  // namespace vigie::stats
