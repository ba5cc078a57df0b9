// SPDX-License-Identifier: Apache-2.0
#include "engine/due.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace vigie::engine {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::pair<int64_t, int64_t>> AllOf(DueQueue& queue) {
  std::vector<std::pair<int64_t, int64_t>> all;
  while (const auto entry = queue.Pop(INT64_MAX)) all.push_back(*entry);
  return all;
}

TEST(DueQueue, GivesWhatIsDueInOrderOfTimeThenOfSerial) {
  DueQueue queue;
  for (const auto& [due_ms, serial] :
       std::vector<std::pair<int64_t, int64_t>>{{30, 1}, {10, 3}, {20, 4}, {10, 2}}) {
    queue.Push(due_ms, serial);
  }
  EXPECT_EQ(queue.Next(), 10);
  EXPECT_FALSE(queue.Pop(9).has_value());
  EXPECT_THAT(AllOf(queue), ElementsAre(Pair(10, 2), Pair(10, 3), Pair(20, 4), Pair(30, 1)));
  EXPECT_FALSE(queue.Next().has_value());
}

TEST(DueQueue, LetsGoOfClosedDecisionsAndKeepsTheOrderOfTheOthers) {
  DueQueue queue;
  constexpr int64_t kDecisions = 100'000;
  const auto is_open = [](int64_t serial) { return serial % 1000 == 0; };
  for (int64_t serial = 1; serial <= kDecisions; ++serial) {
    queue.Push(kDecisions - serial, serial);
    queue.DropClosed(is_open);
    ASSERT_LE(queue.size(), 4096U);
  }
  std::vector<int64_t> open;
  for (const auto& [due_ms, serial] : AllOf(queue)) {
    EXPECT_EQ(due_ms, kDecisions - serial);
    if (is_open(serial)) open.push_back(serial);
  }
  ASSERT_EQ(open.size(), 100U);
  EXPECT_EQ(open.front(), kDecisions);
  EXPECT_EQ(open.back(), 1000);
}

TEST(DueQueue, LetsGoOfNothingWhileAllAreOpen) {
  DueQueue queue;
  for (int64_t serial = 1; serial <= 10'000; ++serial) {
    queue.Push(serial, serial);
    queue.DropClosed([](int64_t) { return true; });
  }
  EXPECT_EQ(queue.size(), 10'000U);
}

}  // namespace
}  // namespace vigie::engine
