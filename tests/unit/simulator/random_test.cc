// SPDX-License-Identifier: Apache-2.0
#include "simulator/random.h"

#include <cmath>
#include <cstdint>

#include "gtest/gtest.h"

namespace vigie::simulator {
namespace {

// Bit for bit, so that another compiler or library that differs is noticed here first.
TEST(Random, GivesTheSameNumbersOnEveryPlatform) {
  Random random(1, 2);
  EXPECT_EQ(random.Bits(), 5539025441023847014ULL);
  EXPECT_EQ(random.Uniform(), 0x1.57f004b3d8e6cp-3);
  EXPECT_EQ(random.Between(-5, 1'000'000), 32299);
  EXPECT_EQ(random.Normal(), 0x1.5f26ff706feb2p+0);
  EXPECT_EQ(random.LogNormal(42'000, 0.55), 0x1.855c0744a9ec8p+15);
  EXPECT_EQ(random.Hex128(), "0990b5310cfaacb1891273e1439c9a11");
}

TEST(Random, StreamsOfOneSeedDiffer) {
  EXPECT_NE(Random(1, 0).Bits(), Random(1, 1).Bits());
  EXPECT_NE(Random(1, 0).Bits(), Random(2, 0).Bits());
}

TEST(Random, PortableExpAgreesWithTheMathematicsLibrary) {
  for (double x = -20; x <= 20; x += 0.37) {
    EXPECT_NEAR(PortableExp(x) / std::exp(x), 1.0, 1e-13) << x;
  }
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  constexpr int kDraws = 100'000;
  Random random(7, 0);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = random.Normal();
    sum += draw;
    squares += draw * draw;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.015);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
}

TEST(Random, BetweenReachesBothEndsAndNothingBeyond) {
  Random random(3, 0);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 1'000; ++i) {
    const int64_t drawn = random.Between(-3, 4);
    ASSERT_GE(drawn, -3);
    ASSERT_LE(drawn, 4);
    low |= drawn == -3;
    high |= drawn == 4;
  }
  EXPECT_TRUE(low);
  EXPECT_TRUE(high);
}

}  // namespace
}  // namespace vigie::simulator
