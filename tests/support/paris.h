// SPDX-License-Identifier: Apache-2.0
// The time zone of the tests.
#pragma once

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace vigie::support {

[[nodiscard]] inline absl::TimeZone Paris() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Paris", &zone));
  return zone;
}

}  // namespace vigie::support
