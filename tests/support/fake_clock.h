// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test moves it.
//
// Folder support: words that the unit tests share. Nothing here is part of the product.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace vigie::support {

// Any thread.
class FakeClock final : public base::Clock {
 public:
  explicit FakeClock(int64_t now_ms) : now_ms_(now_ms) {}
  [[nodiscard]] int64_t NowMs() const override { return now_ms_; }
  void Advance(int64_t by_ms) { now_ms_ += by_ms; }

 private:
  std::atomic<int64_t> now_ms_;
};

}  // namespace vigie::support
