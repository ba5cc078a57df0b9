// SPDX-License-Identifier: Apache-2.0
// Detection of a fall below a threshold by a Shiryaev-Roberts e-detector (measurement.md section 4;
// Shin, Ramdas and Rinaldo, 2024).
#pragma once

#include <array>

#include "stats/evidence.h"

namespace vigie::stats {

// What one trial multiplies each statistic by.
struct ChangeFactors {
  std::array<double, kGridSize> success{};
  std::array<double, kGridSize> failure{};
};
// The likelihood ratios of the grid on one side of `threshold` in (0, 1).
[[nodiscard]] ChangeFactors ChangeFactorsOf(double threshold, Side side);

// R_k <- (R_k + 1) L_k(x), one for each alternative of the grid; the statistic is their mean. While
// every conditional mean is on the threshold's good side, at least A trials pass on average before
// the statistic first reaches A. Depends on the order of trials.
struct ChangeStatistics {
  std::array<double, kGridSize> values{};

  void Add(bool success, const ChangeFactors& factors);
  [[nodiscard]] double Mean() const;
};

}  // namespace vigie::stats
