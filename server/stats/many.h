// SPDX-License-Identifier: Apache-2.0
// Evidence over many hypotheses at once (rule V7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vigie::stats {

// The e-BH procedure (Wang and Ramdas, 2022) on e-values given as logarithms, any dependence: the
// indices it rejects, ascending. The mean share of false ones among them is at most `level`, in
// (0, 1). Only for present values, never for running maxima.
[[nodiscard]] std::vector<size_t> EBenjaminiHochberg(std::span<const double> log_e, double level);

// ln of the weighted mean of e-values given as logarithms; weights are not negative, their sum is
// at most 1, so that the mean is an e-value again. Minus infinity when all weights are 0.
[[nodiscard]] double LogMeanE(std::span<const double> log_e, std::span<const double> weights);

// ln of what the j-th hypothesis of an unbounded sequence pays, from 1: its share of an error
// budget is 6 / (pi^2 j^2), and those sum to 1.
[[nodiscard]] double LogSequencePrice(int64_t j);

}  // namespace vigie::stats
