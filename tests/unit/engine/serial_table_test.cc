// SPDX-License-Identifier: Apache-2.0
#include "engine/serial_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "engine/state.h"

namespace vigie::engine {
namespace {

TEST(SerialTable, HoldsWhatAMapHolds) {
  std::mt19937 random(20261123);  // NOLINT(cert-msc51-cpp): the same in every run.
  std::array<DecisionState, 3> decisions;
  SerialTable table;
  std::map<int64_t, DecisionState*> map;
  for (int step = 0; step < 20'000; ++step) {
    // Some close together, some far apart, as rows of a damaged store may be.
    const int64_t serial = static_cast<int64_t>(random() % 300) * (random() % 2 == 0 ? 1 : 1'000) -
                           (random() % 100 == 0 ? 100 : 0);
    if (random() % 3 == 0) {
      table.Erase(serial);
      map.erase(serial);
    } else {
      DecisionState* decision = &decisions[random() % decisions.size()];
      table.Put(serial, decision);
      map[serial] = decision;
    }
    const auto found = map.find(serial);
    ASSERT_EQ(table.Find(serial), found == map.end() ? nullptr : found->second);
    ASSERT_EQ(table.Contains(serial), found != map.end());
    ASSERT_EQ(table.size(), map.size());
  }
  for (const auto& [serial, decision] : map) EXPECT_EQ(table.Find(serial), decision);
}

TEST(SerialTable, HoldsNothingAtFirst) {
  SerialTable table;
  table.Erase(1);
  EXPECT_EQ(table.Find(1), nullptr);
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace vigie::engine
