// SPDX-License-Identifier: Apache-2.0
#include "store/key_filter.h"

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/cat.h"
#include "gtest/gtest.h"

namespace vigie::store {
namespace {

std::string Key(int64_t number) { return base::Cat("decision-", number); }

// Of `count` keys that were not added, how many pass for one that was.
int64_t Mistaken(const KeyFilter& filter, int64_t count) {
  int64_t mistaken = 0;
  for (int64_t i = 0; i < count; ++i) mistaken += filter.MayHold(base::Cat("other-", i)) ? 1 : 0;
  return mistaken;
}

TEST(KeyFilter, HoldsNothingAtFirst) { EXPECT_EQ(Mistaken(KeyFilter(1000), 1000), 0); }

TEST(KeyFilter, NeverForgetsAKeyAndTellsNearlyAllOthers) {
  constexpr int64_t kKeys = 200'000;
  KeyFilter filter(kKeys);
  for (int64_t i = 0; i < kKeys; ++i) filter.Add(Key(i));
  for (int64_t i = 0; i < kKeys; ++i) ASSERT_TRUE(filter.MayHold(Key(i))) << i;
  // About 500 of 100,000, 1 in 200, where it is as full as it gets; the hash differs from run to
  // run, by which that deviates by some 22: either bound is more than 20 deviations away, so that
  // chance fails this less than once in 10^80 runs.
  EXPECT_LT(Mistaken(filter, 100'000), 1000);
  EXPECT_GT(Mistaken(filter, 100'000), 0);
}

TEST(KeyFilter, GrowsWithWhatItHolds) {
  constexpr int64_t kKeys = 800'000;
  KeyFilter filter(0);
  const int64_t small = filter.bytes();
  for (int64_t i = 0; i < kKeys; ++i) filter.Add(Key(i));
  for (int64_t i = 0; i < kKeys; ++i) ASSERT_TRUE(filter.MayHold(Key(i))) << i;
  EXPECT_GT(filter.bytes(), 4 * small);
  // Three full parts: about 1,500, with a deviation of some 40.
  EXPECT_LT(Mistaken(filter, 100'000), 2500);
}

TEST(KeyFilter, DoesNotGrowByKeysThatItHolds) {
  KeyFilter filter(0);
  const int64_t bytes = filter.bytes();
  for (int round = 0; round < 20; ++round) {
    for (int64_t i = 0; i < 50'000; ++i) filter.Add(Key(i));
  }
  EXPECT_EQ(filter.bytes(), bytes);
}

TEST(KeyFilter, TakesKeysOfTwoThreadsWhileAThirdAsks) {
  constexpr int64_t kKeys = 150'000;
  KeyFilter filter(0);
  std::vector<std::thread> threads;
  for (int64_t part = 0; part < 2; ++part) {
    threads.emplace_back([&filter, part] {
      for (int64_t i = part; i < 2 * kKeys; i += 2) {
        filter.Add(Key(i));
        if (!filter.MayHold(Key(i))) ADD_FAILURE() << i;
      }
    });
  }
  threads.emplace_back([&filter] { static_cast<void>(Mistaken(filter, kKeys)); });
  for (std::thread& thread : threads) thread.join();
  for (int64_t i = 0; i < 2 * kKeys; ++i) ASSERT_TRUE(filter.MayHold(Key(i))) << i;
}

}  // namespace
}  // namespace vigie::store
