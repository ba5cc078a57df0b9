// SPDX-License-Identifier: Apache-2.0
// The only way to read the time.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace vigie::base {

// Tells the time. Implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual int64_t NowMs() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] int64_t NowMs() const override;
};

// Monotonic time for durations shown in metrics and logs; never enters the fold.
[[nodiscard]] double MonotonicSeconds();

}  // namespace vigie::base
