// SPDX-License-Identifier: Apache-2.0
#include "simulator/random.h"

#include "absl/strings/str_cat.h"

namespace vigie::simulator {
namespace {

// Spreads nearby seeds over the whole state space (Steele, Lea, Flood 2014, finalizer).
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

Random::Random(uint64_t seed, uint64_t stream) : engine_(Mix(Mix(seed) ^ (stream << 1 | 1))) {}

double Random::Uniform() { return static_cast<double>(Bits() >> 11) * 0x1.0p-53; }

int64_t Random::Between(int64_t low, int64_t high) {
  // The bias of the remainder is below 2^-20 for every span of time used here.
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  return low + static_cast<int64_t>(Bits() % span);
}

size_t Random::Index(size_t size) { return static_cast<size_t>(Bits() % size); }

bool Random::Chance(double probability) { return Uniform() < probability; }

double Random::Normal() {
  double sum = -6.0;
  for (int i = 0; i < 12; ++i) sum += Uniform();
  return sum;
}

double Random::LogNormal(double median, double sigma) {
  return median * PortableExp(sigma * Normal());
}

std::string Random::Hex128() {
  const uint64_t high = Bits();
  const uint64_t low = Bits();
  return absl::StrCat(absl::Hex(high, absl::kZeroPad16), absl::Hex(low, absl::kZeroPad16));
}

double PortableExp(double x) {
  constexpr double kHalvings = 64;
  const double reduced = x / kHalvings;
  double term = 1.0;
  double sum = 1.0;
  for (int i = 1; i <= 16; ++i) {
    term = term * reduced / i;
    sum += term;
  }
  for (int i = 0; i < 6; ++i) sum *= sum;  // Undoes the division by 2^6.
  return sum;
}

}  // namespace vigie::simulator
