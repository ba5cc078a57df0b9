// SPDX-License-Identifier: Apache-2.0
#include "decision/kleene.h"

#include "gtest/gtest.h"

namespace vigie::decision {
namespace {

constexpr Truth kF = Truth::kFalse, kU = Truth::kUnknown, kT = Truth::kTrue;

TEST(Kleene, AndFollowsTheTable) {
  EXPECT_EQ(And(kF, kF), kF);
  EXPECT_EQ(And(kF, kU), kF);
  EXPECT_EQ(And(kF, kT), kF);
  EXPECT_EQ(And(kU, kF), kF);
  EXPECT_EQ(And(kU, kU), kU);
  EXPECT_EQ(And(kU, kT), kU);
  EXPECT_EQ(And(kT, kF), kF);
  EXPECT_EQ(And(kT, kU), kU);
  EXPECT_EQ(And(kT, kT), kT);
}

TEST(Kleene, OrFollowsTheTable) {
  EXPECT_EQ(Or(kF, kF), kF);
  EXPECT_EQ(Or(kF, kU), kU);
  EXPECT_EQ(Or(kF, kT), kT);
  EXPECT_EQ(Or(kU, kF), kU);
  EXPECT_EQ(Or(kU, kU), kU);
  EXPECT_EQ(Or(kU, kT), kT);
  EXPECT_EQ(Or(kT, kF), kT);
  EXPECT_EQ(Or(kT, kU), kT);
  EXPECT_EQ(Or(kT, kT), kT);
}

TEST(Kleene, AKnownValueIsNeverUnknown) {
  EXPECT_EQ(Known(false), kF);
  EXPECT_EQ(Known(true), kT);
}

}  // namespace
}  // namespace vigie::decision
