// SPDX-License-Identifier: Apache-2.0
#include "stats/evidence.h"

#include <algorithm>
#include <cmath>

namespace vigie::stats {
namespace {

// 60 halvings of [0, 1] leave less than 1e-18.
constexpr int kBisectionSteps = 60;

double Logit(double p) { return std::log(p) - std::log1p(-p); }
double Expit(double x) { return 1 / (1 + std::exp(-x)); }

// 0 * log(0) counts as 0: an outcome that never came weighs nothing.
double Times(int64_t count, double log_ratio) {
  return count == 0 ? 0 : static_cast<double>(count) * log_ratio;
}

// Finds the crossing of `refuted` between `kept`, where it is false, and `lost`, where it is true.
template <typename Refuted>
double Bisect(double kept, double lost, Refuted refuted) {
  for (int step = 0; step < kBisectionSteps; ++step) {
    const double middle = (kept + lost) / 2;
    (refuted(middle) ? lost : kept) = middle;
  }
  return (kept + lost) / 2;
}

}  // namespace

std::array<double, kGridSize> GridDeltas() {
  std::array<double, kGridSize> deltas;
  for (int k = 0; k < kGridSize; ++k) deltas[k] = 0.1 * std::pow(2.0, k / 2.0);
  return deltas;
}

std::array<double, kGridSize> GridAlternatives(double threshold, Side side) {
  static const std::array<double, kGridSize> deltas = GridDeltas();
  const double sign = side == Side::kBelow ? -1 : 1;
  std::array<double, kGridSize> alternatives;
  for (int k = 0; k < kGridSize; ++k) {
    alternatives[k] = Expit(Logit(threshold) + sign * deltas[k]);
  }
  return alternatives;
}

double LogE(Counts counts, double threshold, Side side) {
  const auto alternatives = GridAlternatives(threshold, side);
  const int64_t failures = counts.trials - counts.successes;
  std::array<double, kGridSize> logs;
  for (int k = 0; k < kGridSize; ++k) {
    const double q = alternatives[k];
    logs[k] = Times(counts.successes, std::log(q / threshold)) +
              Times(failures, std::log1p(-q) - std::log1p(-threshold));
  }
  const double largest = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double log : logs) sum += std::exp(log - largest);
  return largest + std::log(sum / kGridSize);
}

Interval ConfidenceInterval(Counts counts, double alpha) {
  if (counts.trials == 0) return {};
  const double bound = std::log(2 / alpha);
  const double rate = static_cast<double>(counts.successes) / static_cast<double>(counts.trials);
  Interval interval;
  if (counts.successes > 0) {
    interval.low =
        Bisect(rate, 0, [&](double p) { return LogE(counts, p, Side::kAbove) >= bound; });
  }
  if (counts.successes < counts.trials) {
    interval.high =
        Bisect(rate, 1, [&](double p) { return LogE(counts, p, Side::kBelow) >= bound; });
  }
  return interval;
}

std::optional<int64_t> FurtherTrials(Counts counts, double threshold, Side side, double log_bound) {
  const double rate = counts.trials == 0 ? 1
                                         : static_cast<double>(counts.successes) /
                                               static_cast<double>(counts.trials);
  const auto reached = [&](int64_t further) {
    const auto successes = std::llround(rate * static_cast<double>(further));
    return LogE({counts.successes + successes, counts.trials + further}, threshold, side) >=
           log_bound;
  };
  if (reached(0)) return 0;
  int64_t enough = 1;
  while (!reached(enough)) {
    if (enough >= kMaxFurtherTrials) return std::nullopt;
    enough *= 2;
  }
  int64_t short_of = enough / 2;
  while (enough - short_of > 1) {
    const int64_t middle = short_of + (enough - short_of) / 2;
    (reached(middle) ? enough : short_of) = middle;
  }
  return enough;
}

int64_t MinimumTrials(double threshold, Side side, double log_bound) {
  int64_t trials = 1;
  while (LogE({side == Side::kBelow ? 0 : trials, trials}, threshold, side) < log_bound) ++trials;
  return trials;
}

double ObservedThreshold(double threshold, double sensitivity, double specificity) {
  return threshold * sensitivity + (1 - threshold) * (1 - specificity);
}

double BernoulliDivergence(double q, double p) {
  const double successes = q > 0 ? q * std::log(q / p) : 0;
  const double failures = q < 1 ? (1 - q) * std::log((1 - q) / (1 - p)) : 0;
  return successes + failures;
}

}  // namespace vigie::stats
