// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same on every platform.
//
// The standard fixes std::mt19937_64 but not the distributions, and mathematics libraries differ in
// the last bit. Everything here uses the engine and IEEE additions and multiplications only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace vigie::simulator {

// A stream of random numbers. Not thread-safe.
class Random {
 public:
  // Streams of one seed are independent of each other.
  Random(uint64_t seed, uint64_t stream);

  [[nodiscard]] uint64_t Bits() { return engine_(); }
  // Uniform in [0, 1).
  [[nodiscard]] double Uniform();
  // Uniform integer in [low, high]; low <= high.
  [[nodiscard]] int64_t Between(int64_t low, int64_t high);
  // Uniform in [0, size); size > 0.
  [[nodiscard]] size_t Index(size_t size);
  // True with this probability.
  [[nodiscard]] bool Chance(double probability);
  // Mean 0, variance 1, within [-6, 6]: a sum of twelve uniforms.
  [[nodiscard]] double Normal();
  // exp(ln median + sigma * Normal()).
  [[nodiscard]] double LogNormal(double median, double sigma);
  // 32 lower-case hex digits.
  [[nodiscard]] std::string Hex128();

 private:
  std::mt19937_64 engine_;
};

// e^x for |x| <= 40, relative error under 1e-14.
[[nodiscard]] double PortableExp(double x);

}  // namespace vigie::simulator
