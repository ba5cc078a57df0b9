// SPDX-License-Identifier: Apache-2.0
// Truth values with unknown, combined by Kleene's strong logic (measurement.md section 2).
#pragma once

#include <algorithm>
#include <cstdint>

namespace vigie::decision {

// In rising order, so that And is the minimum and Or the maximum.
enum class Truth : uint8_t { kFalse = 0, kUnknown = 1, kTrue = 2 };

[[nodiscard]] inline Truth Known(bool value) { return value ? Truth::kTrue : Truth::kFalse; }
[[nodiscard]] inline Truth And(Truth a, Truth b) { return std::min(a, b); }
[[nodiscard]] inline Truth Or(Truth a, Truth b) { return std::max(a, b); }

}  // namespace vigie::decision
