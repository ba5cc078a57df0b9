// SPDX-License-Identifier: Apache-2.0
#include "engine/closed_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "base/cat.h"
#include "engine/codec.h"

namespace vigie::engine {
namespace {

DecisionState Closed(const std::string& id, size_t texts) {
  DecisionState state;
  state.id = id;
  state.organisation = 1;
  state.stage = Stage::kClosed;
  state.closed_at_ms = 1'000;
  state.finding.chosen = std::string(texts, 'x');
  return state;
}

std::string KeyOf(const std::string& id) {
  return store::DecisionKey(1, store::IdSpace::kDecision, id);
}

std::optional<std::string_view> Find(const ClosedRows& rows, const std::string& id) {
  const std::string key = KeyOf(id);
  return rows.Find(key, store::DecisionKeyHash(key));
}

TEST(ClosedRows, GiveTheRowsThatTheViewsWillHold) {
  ClosedRows rows(0);
  rows.Add(Closed("a", 3));
  rows.Add(Closed("b", 0));
  EXPECT_EQ(rows.size(), 2U);
  std::string row;
  EncodeDecision(Closed("a", 3), &row);
  EXPECT_EQ(Find(rows, "a"), row);
  EncodeDecision(Closed("b", 0), &row);
  EXPECT_EQ(Find(rows, "b"), row);
  EXPECT_EQ(Find(rows, "c"), std::nullopt);
}

// More than a chunk, and one that fills more than a chunk by itself.
TEST(ClosedRows, StayWhereTheyAreWhileOthersAreAdded) {
  constexpr int kRows = 3'000;
  constexpr size_t kTextBytes = 1'000;
  ClosedRows rows(0);
  rows.Add(Closed("first", kTextBytes));
  const std::string_view first = Find(rows, "first").value();
  const std::string before(first);
  rows.Add(Closed("large", size_t{3} << 20));
  for (int i = 0; i < kRows; ++i) rows.Add(Closed(base::Cat(i), kTextBytes));
  EXPECT_EQ(first, before);
  EXPECT_EQ(Find(rows, "first")->data(), first.data());
  std::map<std::string, size_t> sizes;
  rows.ForEach([&sizes](std::string_view key, std::string_view row) {
    EXPECT_TRUE(sizes.emplace(key, row.size()).second);
  });
  EXPECT_EQ(sizes.size(), size_t{kRows} + 2);
  EXPECT_GT(sizes.at(KeyOf("large")), size_t{3} << 20);
}

}  // namespace
}  // namespace vigie::engine
