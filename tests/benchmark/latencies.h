// SPDX-License-Identifier: Apache-2.0
// Times and processor time, as the programs of the benchmark print them.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"

namespace vigie::benchmark {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double SecondsBetween(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

// Processor time of this process so far, in user and system mode, seconds.
[[nodiscard]] inline double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Quantiles of how long something took, as members of a JSON object: `NAME_p50_ms` and so on.
[[nodiscard]] inline std::string QuantilesAsJson(absl::string_view name,
                                                 std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&seconds](double rank) {
    if (seconds.empty()) return 0.0;
    return 1000 * seconds[static_cast<size_t>(rank * static_cast<double>(seconds.size() - 1))];
  };
  return absl::StrFormat(
      "\"%s_p50_ms\":%.3f,\"%s_p99_ms\":%.3f,\"%s_p999_ms\":%.3f,\"%s_max_ms\":%.3f", name, at(.5),
      name, at(.99), name, at(.999), name, at(1));
}

}  // namespace vigie::benchmark
