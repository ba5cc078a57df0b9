// SPDX-License-Identifier: Apache-2.0
// The e-process on counts (measurement.md section 4).
//
// Room stats: pure mathematics on counts. No clock, no I/O, no other room. Every function here may
// be called from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace vigie::stats {

// Successes among trials, 0 <= successes <= trials.
struct Counts {
  int64_t successes = 0;
  int64_t trials = 0;
};

// Which side of a threshold the alternatives lie on.
enum class Side { kBelow, kAbove };

// Number of alternatives in the grid and their distances in logits: delta_k = 0.1 * 2^(k/2).
inline constexpr int kGridSize = 12;
[[nodiscard]] std::array<double, kGridSize> GridDeltas();
// The alternatives q_k = expit(logit p0 -/+ delta_k) to `threshold` in (0, 1).
[[nodiscard]] std::array<double, kGridSize> GridAlternatives(double threshold, Side side);

// ln E of `counts` against `threshold` in (0, 1): the mixture of likelihood ratios over the grid
// with equal weights. While the running average of conditional means is at or above (kBelow), at or
// below (kAbove) the threshold, E ever reaches 1/alpha with probability at most alpha, for any
// dependence, order or drift (Ville's inequality).
[[nodiscard]] double LogE(Counts counts, double threshold, Side side);

// All thresholds that neither side refutes at 2/alpha: valid at every look together.
struct Interval {
  double low = 0;
  double high = 1;
};
// `alpha` in (0, 1). By bisection to within 1e-12.
[[nodiscard]] Interval ConfidenceInterval(Counts counts, double alpha);

// Most further trials that FurtherTrials looks for.
inline constexpr int64_t kMaxFurtherTrials = 10'000'000;
// The smallest m for which LogE of (S + round(p m), n + m) reaches `log_bound`, going on at the
// present rate p = S/n, or without a failure when there is no trial yet. 0 when it is reached
// already; nothing when it is not reachable at this rate (rule V3).
[[nodiscard]] std::optional<int64_t> FurtherTrials(Counts counts, double threshold, Side side,
                                                   double log_bound);

// Smallest n at which a run of only failures (kBelow) or only successes (kAbove) reaches
// `log_bound`.
[[nodiscard]] int64_t MinimumTrials(double threshold, Side side, double log_bound);

// The threshold on the scale of a classifier with sensitivity and specificity:
// p0 * Se + (1 - p0) * (1 - Sp).
[[nodiscard]] double ObservedThreshold(double threshold, double sensitivity, double specificity);

// Kullback-Leibler divergence of Bernoulli(q) from Bernoulli(p), p in (0, 1), in nats.
[[nodiscard]] double BernoulliDivergence(double q, double p);

}  // namespace vigie::stats
