// SPDX-License-Identifier: Apache-2.0
// Whether another key is noticed.
#include "privacy/key_check.h"

#include <fstream>
#include <iterator>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/temporary_directory.h"

namespace vigie::privacy {
namespace {

class KeyCheck : public testing::Test {
 protected:
  support::TemporaryDirectory directory_;
  const std::string path_ = directory_.File("pseudonym.check");
  const std::string key_ = std::string(32, 'k');
};

TEST_F(KeyCheck, TakesTheSameKeyAgainAndNoOther) {
  ASSERT_TRUE(CheckKey(path_, key_, 1).ok());
  EXPECT_TRUE(CheckKey(path_, key_, 1).ok());
  for (size_t i = 0; i < key_.size(); ++i) {
    std::string other = key_;
    other[i] = static_cast<char>(other[i] ^ 1);
    const auto status = CheckKey(path_, other, 1);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << i;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("backup"));
  }
  EXPECT_TRUE(CheckKey(path_, key_, 1).ok()) << "a refusal changes nothing";
}

TEST_F(KeyCheck, TakesAnotherKeyOfAnotherEpoch) {
  ASSERT_TRUE(CheckKey(path_, key_, 1).ok());
  const std::string next(32, 'n');
  EXPECT_TRUE(CheckKey(path_, next, 2).ok());
  EXPECT_FALSE(CheckKey(path_, key_, 2).ok());
}

TEST_F(KeyCheck, DoesNotTellTheKey) {
  ASSERT_TRUE(CheckKey(path_, key_, 1).ok());
  std::ifstream file(path_);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text.find(key_), std::string::npos);
  EXPECT_EQ(text.find("6b6b"), std::string::npos) << "nor in hexadecimal";
}

TEST_F(KeyCheck, OfDamagedContentIsRefusedAndSaysWhatToDo) {
  for (const char* damaged : {"", "vigie-key-check-1 1", "vigie-key-check-1 1 00"}) {
    std::ofstream(path_, std::ios::trunc) << damaged << "\n";
    const auto status = CheckKey(path_, key_, 1);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << damaged;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("pseudonym.check"));
  }
}

}  // namespace
}  // namespace vigie::privacy
