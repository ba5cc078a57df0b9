// SPDX-License-Identifier: Apache-2.0
#include "stats/evidence.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

namespace vigie::stats {
namespace {

constexpr std::uintmax_t kMostSteps = 200;
// Evidence is not defined at 0 and 1 themselves; no interval that is shown ends closer to them.
constexpr double kLeast = 1e-300;
constexpr double kMost = 1 - 1e-15;

double Logit(double p) { return std::log(p) - std::log1p(-p); }
double Expit(double x) { return 1 / (1 + std::exp(-x)); }

// 0 * log(0) counts as 0: an outcome that never came weighs nothing.
double Times(int64_t count, double log_ratio) {
  return count == 0 ? 0 : static_cast<double>(count) * log_ratio;
}

// The root of `excess` between `kept`, where it is negative, and `lost`, where it is not, to the
// last bits of a double.
template <typename Excess>
double Root(double kept, double lost, Excess excess) {
  const double at_kept = excess(kept);
  const double at_lost = excess(lost);
  if (at_kept >= 0) return kept;
  if (at_lost < 0) return lost < kept ? 0 : 1;  // Nothing is refuted on this side.
  constexpr int kBits = std::numeric_limits<double>::digits - 3;
  std::uintmax_t steps = kMostSteps;
  const auto [low, high] = kept < lost
                               ? boost::math::tools::toms748_solve(
                                     excess, kept, lost, at_kept, at_lost,
                                     boost::math::tools::eps_tolerance<double>(kBits), steps)
                               : boost::math::tools::toms748_solve(
                                     excess, lost, kept, at_lost, at_kept,
                                     boost::math::tools::eps_tolerance<double>(kBits), steps);
  return (low + high) / 2;
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
    interval.low = Root(std::min(rate, kMost), kLeast,
                        [&](double p) { return LogE(counts, p, Side::kAbove) - bound; });
  }
  if (counts.successes < counts.trials) {
    interval.high = Root(std::max(rate, kLeast), kMost,
                         [&](double p) { return LogE(counts, p, Side::kBelow) - bound; });
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
