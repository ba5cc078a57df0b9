// SPDX-License-Identifier: Apache-2.0
#include "engine/due.h"

#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace vigie::engine {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
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

// Seeded; what comes after one of some delays mostly comes in order, and some in no order at all.
TEST(DueQueue, GivesTheSameOrderHoweverEntriesCome) {
  std::mt19937_64 random(7);
  constexpr std::array<int64_t, 5> kDelaysMs = {120'000, 3'600'000, 86'400'000, 500, 40'000};
  DueQueue queue;
  std::set<std::pair<int64_t, int64_t>> wanted;
  for (int64_t serial = 1; serial <= 50'000; ++serial) {
    const int64_t jitter_ms = random() % 50 == 0 ? static_cast<int64_t>(random() % 1'000'000) : 0;
    const int64_t due_ms = 20 * serial + kDelaysMs[random() % kDelaysMs.size()] + jitter_ms;
    queue.Push(due_ms, serial);
    wanted.emplace(due_ms, serial);
    while (const auto entry = queue.Pop(20 * serial)) {
      ASSERT_EQ(*entry, *wanted.begin());
      wanted.erase(wanted.begin());
    }
    ASSERT_TRUE(wanted.empty() || wanted.begin()->first > 20 * serial);
  }
  EXPECT_EQ(queue.size(), wanted.size());
  EXPECT_THAT(AllOf(queue), ElementsAreArray(wanted));
}

TEST(DueQueue, SaysWhatIsPoppedSoon) {
  DueQueue queue;
  for (int64_t serial = 1; serial <= 3; ++serial) queue.Push(10 * serial, serial);
  EXPECT_EQ(queue.Ahead(0), 1);
  EXPECT_EQ(queue.Ahead(2), 3);
  EXPECT_FALSE(queue.Ahead(3).has_value());
  EXPECT_FALSE(DueQueue().Ahead(0).has_value());
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
