// SPDX-License-Identifier: Apache-2.0
#include "stats/many.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace vigie::stats {

std::vector<size_t> EBenjaminiHochberg(std::span<const double> log_e, double level) {
  std::vector<size_t> order(log_e.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return log_e[a] > log_e[b]; });
  size_t rejected = 0;
  for (size_t k = 1; k <= order.size(); ++k) {
    const double bound =
        std::log(static_cast<double>(order.size()) / (static_cast<double>(k) * level));
    if (log_e[order[k - 1]] >= bound) rejected = k;
  }
  order.resize(rejected);
  std::sort(order.begin(), order.end());
  return order;
}

double LogMeanE(std::span<const double> log_e, std::span<const double> weights) {
  double largest = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < log_e.size(); ++i) {
    if (weights[i] > 0) largest = std::max(largest, log_e[i]);
  }
  if (std::isinf(largest)) return largest;
  double sum = 0;
  for (size_t i = 0; i < log_e.size(); ++i) {
    if (weights[i] > 0) sum += weights[i] * std::exp(log_e[i] - largest);
  }
  return largest + std::log(sum);
}

double LogSequencePrice(int64_t j) {
  const auto number = static_cast<double>(j);
  return std::log(std::numbers::pi * std::numbers::pi * number * number / 6);
}

}  // namespace vigie::stats
