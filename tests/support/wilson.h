// SPDX-License-Identifier: Apache-2.0
// The interval that a test of the usual kind would look at; only ever a comparison.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

namespace vigie::support {

// Wilson's score interval for `successes` of `trials` > 0 at normal quantile `z`.
[[nodiscard]] inline std::pair<double, double> WilsonInterval(int64_t successes, int64_t trials,
                                                              double z) {
  const auto n = static_cast<double>(trials);
  const double rate = static_cast<double>(successes) / n;
  const double middle = (rate + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n));
  return {middle - half, middle + half};
}

}  // namespace vigie::support
