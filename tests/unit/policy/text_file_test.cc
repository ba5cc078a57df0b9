// SPDX-License-Identifier: Apache-2.0
#include "policy/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/cat.h"

namespace vigie::policy {
namespace {

using ::testing::HasSubstr;

// A file of its own for each test.
std::string WriteFile(std::string_view content) {
  const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string path =
      base::Cat(::testing::TempDir(), "/vigie_", test->test_suite_name(), "_", test->name());
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

TEST(TextFile, IsReadWhole) {
  const std::string path = WriteFile("a: 1\n\xc3\xa9\n");
  EXPECT_EQ(ReadTextFile(path, 100).value(), "a: 1\n\xc3\xa9\n");
  std::filesystem::remove(path);
}

TEST(TextFile, AtItsLimitIsRead) {
  const std::string path = WriteFile("12345");
  EXPECT_EQ(ReadTextFile(path, 5).value(), "12345");
  std::filesystem::remove(path);
}

TEST(TextFile, OverItsLimitIsRefused) {
  const std::string path = WriteFile("123456");
  const absl::Status status = ReadTextFile(path, 5).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("want at most 5"));
  std::filesystem::remove(path);
}

TEST(TextFile, ThatDoesNotExistIsNotFound) {
  const absl::Status status = ReadTextFile("/no/such/file.yaml", 5).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "/no/such/file.yaml: no such file");
}

TEST(TextFile, ThatIsADirectoryIsRefused) {
  const absl::Status status = ReadTextFile(::testing::TempDir(), 5).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace vigie::policy
