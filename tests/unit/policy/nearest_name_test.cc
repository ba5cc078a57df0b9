// SPDX-License-Identifier: Apache-2.0
#include "policy/nearest_name.h"

#include <gtest/gtest.h>

namespace vigie::policy {
namespace {

TEST(NearestName, FindsTheNameWithTheFewestChangedLetters) {
  EXPECT_EQ(NearestName("expiry", {"settle_delay_ms", "expiry_ms", "idle_cap_ms"}), "expiry_ms");
}

TEST(NearestName, IgnoresCase) { EXPECT_EQ(NearestName("record", {"IMAGE", "RECORD"}), "RECORD"); }

TEST(NearestName, TakesTheFirstOnATie) { EXPECT_EQ(NearestName("ac", {"ab", "ad"}), "ab"); }

TEST(NearestName, IsEmptyWhenNothingIsKnown) { EXPECT_EQ(NearestName("anything", {}), ""); }

TEST(NearestName, TakesVeryLongInput) {
  EXPECT_EQ(NearestName("version" + std::string(100'000, 'x'), {"id", "version"}), "version");
}

}  // namespace
}  // namespace vigie::policy
