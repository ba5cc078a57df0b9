// SPDX-License-Identifier: Apache-2.0
// Seeded chance, the same on every machine: the distributions of the standard library are not.
//
// Folder simulation: the engine over a simulated disk, network and clock against a slow model of
// the measurement, seed by seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace vigie::simulation {

// Not thread-safe.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  // From 0 to `count` - 1; `count` is at least 1.
  int64_t Below(int64_t count) {
    return static_cast<int64_t>(engine_() % static_cast<uint64_t>(count));
  }
  // Both ends included.
  int64_t Between(int64_t low, int64_t high) { return low + Below(high - low + 1); }
  bool Percent(int64_t chance) { return Below(100) < chance; }
  bool Permille(int64_t chance) { return Below(1000) < chance; }
  template <typename T>
  const T& Pick(const std::vector<T>& choices) {
    return choices[static_cast<size_t>(Below(static_cast<int64_t>(choices.size())))];
  }
  template <typename T>
  T Pick(std::initializer_list<T> choices) {
    return choices.begin()[Below(static_cast<int64_t>(choices.size()))];
  }
  // The first of the weights has index 0.
  size_t Weighted(std::initializer_list<int64_t> weights) {
    int64_t sum = 0;
    for (const int64_t weight : weights) sum += weight;
    int64_t left = Below(sum);
    size_t index = 0;
    for (const int64_t weight : weights) {
      if (left < weight) break;
      left -= weight;
      ++index;
    }
    return index;
  }
  // A generator of its own, so that what one part draws moves nothing in another.
  Dice Fork() { return Dice(engine_()); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace vigie::simulation
