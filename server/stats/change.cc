// SPDX-License-Identifier: Apache-2.0
#include "stats/change.h"

#include <numeric>

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
  return std::accumulate(values.begin(), values.end(), 0.0) / kGridSize;
}

}  // namespace vigie::stats
