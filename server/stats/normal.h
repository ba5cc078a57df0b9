// SPDX-License-Identifier: Apache-2.0
// The normal quantile and the detection index built on it.
#pragma once

#include <cstdint>

namespace vigie::stats {

// z with P(Z <= z) = p for a standard normal Z; p in (0, 1).
[[nodiscard]] double NormalQuantile(double p);

// Signal detection with wrong suggestions as signals and their rejection as detection.
struct Detection {
  int64_t hits = 0;          // Wrong suggestions not taken over.
  int64_t wrong = 0;         // Wrong suggestions.
  int64_t false_alarms = 0;  // Right suggestions not taken over.
  int64_t right = 0;         // Right suggestions.
};
// d' = z((hits + 1/2) / (wrong + 1)) - z((false alarms + 1/2) / (right + 1)); the log-linear
// correction keeps it finite (rule N1).
[[nodiscard]] double DPrime(const Detection& detection);

}  // namespace vigie::stats
