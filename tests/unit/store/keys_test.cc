// SPDX-License-Identifier: Apache-2.0
#include "store/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "store/digest.h"

namespace vigie::store {
namespace {

// Tables that know a decision by its name and tables that know it by its key share a hash.
TEST(DecisionHash, IsThatOfTheKey) {
  for (const std::string id : {"", "d", "0190f3a8-7a41-7c55-9d53-2f3f1c2f7a10"}) {
    for (const IdSpace space : {IdSpace::kDecision, IdSpace::kUnaided, IdSpace::kSystem}) {
      for (const decision::NameIndex organisation : {1, 255, 256, INT32_MAX}) {
        EXPECT_EQ(DecisionHash(organisation, space, PassingHash(id)),
                  DecisionKeyHash(DecisionKey(organisation, space, id)));
      }
    }
  }
}

TEST(DecisionHash, DiffersByOrganisationSpaceAndIdentifier) {
  std::set<uint64_t> seen;
  for (const std::string id : {"a", "b"}) {
    for (const IdSpace space : {IdSpace::kDecision, IdSpace::kUnaided}) {
      for (const decision::NameIndex organisation : {1, 2}) {
        seen.insert(DecisionHash(organisation, space, PassingHash(id)));
      }
    }
  }
  EXPECT_EQ(seen.size(), 8U);
}

TEST(DecisionHash, IsOfAnyBytes) {
  const std::set<uint64_t> seen = {DecisionKeyHash(""), DecisionKeyHash("abc"),
                                   DecisionKeyHash("abcde")};
  EXPECT_EQ(seen.size(), 3U);
}

}  // namespace
}  // namespace vigie::store
