// SPDX-License-Identifier: Apache-2.0
#include "stats/change.h"

namespace vigie::stats {

ChangeFactors ChangeFactorsOf(double threshold, Side side) {
  const auto alternatives = GridAlternatives(threshold, side);
  ChangeFactors factors;
  for (int k = 0; k < kGridSize; ++k) {
    factors.success[k] = alternatives[k] / threshold;
    factors.failure[k] = (1 - alternatives[k]) / (1 - threshold);
  }
  return factors;
}

void ChangeStatistics::Add(bool success, const ChangeFactors& factors) {
  const auto& ratios = success ? factors.success : factors.failure;
  for (int k = 0; k < kGridSize; ++k) values[k] = (values[k] + 1) * ratios[k];
}

double ChangeStatistics::Mean() const {
  // Four sums side by side: in one, each addition would wait for the one before.
  constexpr size_t kLanes = 4;
  static_assert(kGridSize % kLanes == 0);
  std::array<double, kLanes> sums{};
  for (size_t k = 0; k < values.size(); k += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += values[k + lane];
  }
  return (sums[0] + sums[1] + (sums[2] + sums[3])) / kGridSize;
}

}  // namespace vigie::stats
