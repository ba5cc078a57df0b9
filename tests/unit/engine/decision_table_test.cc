// SPDX-License-Identifier: Apache-2.0
#include "engine/decision_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cat.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

using store::DecisionName;
using store::IdSpace;

std::unique_ptr<DecisionState> Decision(std::string id, decision::NameIndex organisation = 1,
                                        IdSpace space = IdSpace::kDecision) {
  auto state = std::make_unique<DecisionState>();
  state->id = std::move(id);
  state->organisation = organisation;
  state->space = space;
  state->hash = store::DecisionHash(organisation, space, store::PassingHash(state->id));
  return state;
}

uint64_t HashOf(const DecisionName& name) {
  return store::DecisionHash(name.organisation, name.space, store::PassingHash(name.id));
}

TEST(DecisionTable, FindsADecisionByItsWholeName) {
  DecisionTable table;
  const DecisionState* one = table.Insert(Decision("d"));
  const DecisionState* elsewhere = table.Insert(Decision("d", 2));
  const DecisionState* unaided = table.Insert(Decision("d", 1, IdSpace::kUnaided));
  const DecisionName name = {.organisation = 1, .space = IdSpace::kDecision, .id = "d"};
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_EQ(table.Find(name, HashOf(name)), one);
    EXPECT_EQ(table.Find(NameOf(*elsewhere), elsewhere->hash), elsewhere);
    EXPECT_EQ(table.Find(NameOf(*unaided), unaided->hash), unaided);
  }
  EXPECT_TRUE(table.Contains(name, HashOf(name)));
  const DecisionName unknown = {.organisation = 3, .space = IdSpace::kDecision, .id = "d"};
  EXPECT_EQ(table.Find(unknown, HashOf(unknown)), nullptr);
  // Whatever the hash says, the name decides.
  EXPECT_EQ(table.Find(unknown, one->hash), nullptr);
}

TEST(DecisionTable, FindsNoDecisionThatLeft) {
  DecisionTable table;
  const DecisionState* left = table.Insert(Decision("d"));
  const DecisionName name = {.organisation = 1, .space = IdSpace::kDecision, .id = "d"};
  ASSERT_EQ(table.Find(name, HashOf(name)), left);
  table.Erase(*left);
  EXPECT_EQ(table.Find(name, HashOf(name)), nullptr);
  EXPECT_FALSE(table.Contains(name, HashOf(name)));
}

TEST(DecisionTable, LetsGoOfNoDecisionThatTookAnothersPlace) {
  DecisionTable table;
  const DecisionState* first = table.Insert(Decision("d"));
  const DecisionName name = {.organisation = 1, .space = IdSpace::kDecision, .id = "d"};
  const std::unique_ptr<DecisionState> replaced = table.Replace(Decision("d"));
  EXPECT_EQ(replaced.get(), first);
  const DecisionState* second = table.Find(name, HashOf(name));
  ASSERT_NE(second, nullptr);
  EXPECT_NE(second, first);
  table.Erase(*first);
  EXPECT_EQ(table.Find(name, HashOf(name)), second);
}

TEST(DecisionTable, KeepsAllWhileItGrowsAndShrinks) {
  constexpr int kDecisions = 5000;
  DecisionTable table;
  std::vector<const DecisionState*> held;
  for (int i = 0; i < kDecisions; ++i) held.push_back(table.Insert(Decision(base::Cat("d-", i))));
  for (int i = 0; i < kDecisions; i += 2) table.Erase(*held[static_cast<size_t>(i)]);
  int left = 0;
  table.ForEach([&left](const DecisionState& /*state*/) { ++left; });
  EXPECT_EQ(left, kDecisions / 2);
  for (int i = 0; i < kDecisions; ++i) {
    const std::string id = base::Cat("d-", i);
    const DecisionName name = {.organisation = 1, .space = IdSpace::kDecision, .id = id};
    const DecisionState* found = table.Find(name, HashOf(name));
    EXPECT_EQ(found, i % 2 == 0 ? nullptr : held[static_cast<size_t>(i)]) << id;
  }
}

}  // namespace
}  // namespace vigie::engine
