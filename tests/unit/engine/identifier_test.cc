// SPDX-License-Identifier: Apache-2.0
// Identifiers are looked at sixteen characters at once; the contract speaks of each.
#include <string>
#include <string_view>

#include "base/limits.h"
#include "engine/validate.h"
#include "gtest/gtest.h"

namespace vigie::engine {
namespace {

constexpr std::string_view kAllowed =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-";

TEST(Identifier, HasOneToSixtyFourCharacters) {
  EXPECT_FALSE(IsIdentifier(""));
  for (size_t size = 1; size <= base::kMaxIdentifierChars; ++size) {
    EXPECT_TRUE(IsIdentifier(std::string(size, 'a'))) << size;
  }
  EXPECT_FALSE(IsIdentifier(std::string(base::kMaxIdentifierChars + 1, 'a')));
}

TEST(Identifier, HasOnlyAllowedCharactersAtEveryPlaceOfEveryLength) {
  for (size_t size = 1; size <= base::kMaxIdentifierChars; ++size) {
    for (size_t place = 0; place < size; ++place) {
      std::string text(size, '9');
      for (int character = 0; character < 256; ++character) {
        text[place] = static_cast<char>(character);
        ASSERT_EQ(IsIdentifier(text), kAllowed.find(text[place]) != std::string_view::npos)
            << character << " at " << place << " of " << size;
      }
    }
  }
}

}  // namespace
}  // namespace vigie::engine
