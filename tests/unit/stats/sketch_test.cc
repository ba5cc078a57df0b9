// SPDX-License-Identifier: Apache-2.0
#include "stats/sketch.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace vigie::stats {
namespace {

TEST(Sketch, HasNoQuantileWhenEmpty) { EXPECT_EQ(Sketch().Quantile(.5), std::nullopt); }

TEST(Sketch, KeepsEveryQuantileWithinOnePercent) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> times(10, 1);
  Sketch sketch;
  std::vector<int64_t> values;
  for (int i = 0; i < 5'000; ++i) {
    values.push_back(std::max<int64_t>(1, std::llround(times(random))));
    sketch.Add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double rank : {0., .01, .25, .5, .75, .99, 1.}) {
    const auto index = static_cast<size_t>(rank * static_cast<double>(values.size() - 1));
    const auto exact = static_cast<double>(values[index]);
    EXPECT_NEAR(*sketch.Quantile(rank), exact, .0101 * exact) << rank;
  }
}

TEST(Sketch, MergingBucketsEqualsAddingAllValues) {
  std::mt19937_64 random(11);
  std::uniform_int_distribution<int64_t> times(1, 600'000);
  Sketch all, first, second;
  for (int i = 0; i < 2'000; ++i) {
    const int64_t value = times(random);
    all.Add(value);
    (i % 3 == 0 ? first : second).Add(value);
  }
  for (const auto& [key, count] : second.Buckets()) first.AddKey(key, count);
  EXPECT_EQ(first, all);
}

TEST(Sketch, CountsTimesUnderOneMillisecondAsOne) {
  EXPECT_EQ(Sketch::Key(0), Sketch::Key(1));
  EXPECT_EQ(Sketch::Key(-5), Sketch::Key(1));
}

}  // namespace
}  // namespace vigie::stats
