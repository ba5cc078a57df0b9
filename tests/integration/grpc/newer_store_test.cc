// SPDX-License-Identifier: Apache-2.0
// A data directory that a later version has written.
#include "grpc/vigied_process.h"
#include "gtest/gtest.h"
#include "store/store.h"

namespace vigie::testing {
namespace {

constexpr int kDataDirectoryRefused = 3;

TEST(NewerStore, IsRefusedWithACodeOfItsOwnAndASentenceThatSaysWhatToDo) {
  const ScratchDirectory directory;
  {
    VigiedProcess daemon(directory.path());
    ASSERT_TRUE(daemon.running());
    ASSERT_EQ(daemon.Stop(), 0);
  }
  {
    const auto store = store::Store::Open({.directory = directory.path() / "data"});
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->WriteViews({{store::Family::kMeta, "format", "99"}}).ok());
  }
  const RefusedStart refused = StartRefused(directory.path());
  EXPECT_EQ(refused.exit_code, kDataDirectoryRefused);
  EXPECT_NE(refused.last_line.find("format 99"), std::string::npos) << refused.last_line;
  EXPECT_NE(refused.last_line.find("newer vigied"), std::string::npos) << refused.last_line;
}

}  // namespace
}  // namespace vigie::testing
