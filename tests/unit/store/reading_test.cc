// SPDX-License-Identifier: Apache-2.0
// A store opened to read only, a checkpoint of it, and views that are forgotten.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/digest.h"
#include "store/keys.h"
#include "store/store.h"
#include "support/temporary_directory.h"

namespace vigie::store {
namespace {

using support::TemporaryDirectory;
using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<std::unique_ptr<Store>> Opened(const std::string& directory) {
  return Store::Open({.directory = directory, .block_cache_bytes = 1 << 20});
}

absl::StatusOr<std::unique_ptr<Store>> OpenedForReading(const std::string& directory) {
  return Store::OpenForReading({.directory = directory, .block_cache_bytes = 1 << 20});
}

// Every file below a directory with its content's hash and its time of change.
std::map<std::string, std::pair<std::string, int64_t>> FilesOf(const std::string& directory) {
  std::map<std::string, std::pair<std::string, int64_t>> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    std::string content;
    if (file.is_regular_file()) {
      std::ifstream stream(file.path(), std::ios::binary);
      content.assign(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    files[file.path().string()] = {Sha256(content),
                                   file.last_write_time().time_since_epoch().count()};
  }
  return files;
}

std::vector<std::string> LogOf(const Store& store) {
  std::vector<std::string> blocks;
  EXPECT_TRUE(store
                  .ForEachBlock(1,
                                [&](int64_t, std::string_view bytes) {
                                  blocks.emplace_back(bytes);
                                  return absl::OkStatus();
                                })
                  .ok());
  return blocks;
}

// What a kill -9 leaves: a write-ahead log that no table holds yet.
void CopyWhileOpen(const std::string& from, const std::string& to) {
  std::filesystem::create_directories(to);
  std::filesystem::copy(from + "/store", to + "/store");
}

TEST(Reading, ChangesNoByteOfTheDirectoryAndSeesWhatOnlyTheWriteAheadLogHolds) {
  const TemporaryDirectory directory;
  const std::string copy = directory.File("copy");
  {
    const auto store = Opened(directory.path());
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->AppendBlock(1, "one").ok());
    ASSERT_TRUE((*store)->WriteViews({{Family::kDecisions, "k", "v"}}).ok());
    CopyWhileOpen(directory.path(), copy);
  }
  const auto before = FilesOf(copy);
  {
    const auto store = OpenedForReading(copy);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_THAT(LogOf(**store), ElementsAre("one"));
    EXPECT_EQ((*store)->newest().Get(Family::kDecisions, "k").value(), "v");
    EXPECT_EQ((*store)->format(), kFormat);
    EXPECT_TRUE((*store)->VerifyChecksums().ok());
    EXPECT_FALSE((*store)->WriteViews({{Family::kMeta, "k", "w"}}).ok());
    EXPECT_FALSE((*store)->AppendBlock(2, "two").ok());
  }
  EXPECT_EQ(FilesOf(copy), before);
}

TEST(Reading, OfADirectoryWithoutAStoreSaysWhatItWants) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(absl::IsNotFound(OpenedForReading(directory.path()).status()));
  EXPECT_TRUE(absl::IsNotFound(OpenedForReading(directory.File("absent")).status()));
  std::filesystem::create_directory(directory.File("store"));
  EXPECT_TRUE(absl::IsNotFound(OpenedForReading(directory.path()).status()));
  EXPECT_TRUE(std::filesystem::is_empty(directory.File("store")));
}

TEST(Reading, OfANewerFormatIsRefused) {
  const TemporaryDirectory directory;
  ASSERT_TRUE((*Opened(directory.path()))->WriteViews({{Family::kMeta, "format", "99"}}).ok());
  const auto status = OpenedForReading(directory.path()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("newer vigied"));
}

// The footer is left out: its padding means nothing, so its bytes are free.
TEST(Reading, FindsEveryFlippedByteOfATable) {
  constexpr std::streamoff kFooterBytes = 53;
  const TemporaryDirectory directory;
  {
    const auto store = Opened(directory.path());
    for (int64_t position = 1; position <= 40; ++position) {
      ASSERT_TRUE((*store)->AppendBlock(position, Sha256(PositionKey(position))).ok());
    }
  }
  ASSERT_TRUE(Opened(directory.path()).ok());  // Recovery writes the tables.
  int flipped = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory.File("store"))) {
    if (file.path().extension() != ".sst") continue;
    const auto size = static_cast<std::streamoff>(file.file_size());
    for (std::streamoff at = 0; at < size - kFooterBytes; at += 31) {
      std::fstream table(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      table.seekg(at);
      const char was = static_cast<char>(table.get());
      table.seekp(at);
      table.put(static_cast<char>(was ^ 0x10));
      table.flush();
      const auto store = OpenedForReading(directory.path());
      absl::Status found = store.status();
      if (found.ok()) found = (*store)->VerifyChecksums();
      EXPECT_FALSE(found.ok()) << "byte " << at << " of " << size;
      table.seekp(at);
      table.put(was);
      ++flipped;
    }
  }
  ASSERT_GT(flipped, 20);
  EXPECT_TRUE((*OpenedForReading(directory.path()))->VerifyChecksums().ok());
}

TEST(Checkpoint, HoldsWhatWasWrittenBeforeItAndNothingAfter) {
  const TemporaryDirectory directory;
  const std::string copy = directory.File("copy");
  const auto store = Opened(directory.path());
  ASSERT_TRUE((*store)->AppendBlock(1, "one").ok());
  ASSERT_TRUE((*store)->WriteViews({{Family::kTallies, "k", "v"}}).ok());
  std::filesystem::create_directory(copy);
  const absl::Status made = (*store)->MakeCheckpoint(copy + "/store");
  ASSERT_TRUE(made.ok()) << made;
  ASSERT_TRUE((*store)->AppendBlock(2, "two").ok());
  const auto opened = OpenedForReading(copy);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(LogOf(**opened), ElementsAre("one"));
  EXPECT_EQ((*opened)->newest().Get(Family::kTallies, "k").value(), "v");
  EXPECT_FALSE((*store)->MakeCheckpoint(copy + "/store").ok()) << "there is one already";
}

TEST(Views, AreForgottenAllAtOnceAndTheLogIsKept) {
  const TemporaryDirectory directory;
  {
    const auto store = Opened(directory.path());
    ASSERT_TRUE((*store)->AppendBlock(1, "one").ok());
    ASSERT_TRUE(
        (*store)
            ->WriteViews({{Family::kMeta, "format", "1"},
                          {Family::kMeta, "cursor", "c"},
                          {Family::kDecisions, DecisionKey(1, IdSpace::kDecision, "x"), "d"},
                          {Family::kDecisions, std::string("\x7f\xff\xff\xff z", 6), "d"},
                          {Family::kTallies, TallyKey(1, {}, {}), "t"},
                          {Family::kQuarantine, PositionKey(INT64_MAX), "q"}})
            .ok());
  }
  {
    const auto store = Opened(directory.path());
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_TRUE((*store)->views_outdated());
    ASSERT_TRUE((*store)->ForgetViews().ok());
    EXPECT_FALSE((*store)->views_outdated());
  }
  const auto store = Opened(directory.path());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->format(), kFormat);
  EXPECT_THAT(LogOf(**store), ElementsAre("one"));
  for (const FamilySpec& family : kFamilies) {
    std::vector<std::string> keys;
    ASSERT_TRUE((*store)
                    ->newest()
                    .Scan(family.family, "", "",
                          [&](std::string_view key, std::string_view) {
                            keys.emplace_back(key);
                            return true;
                          })
                    .ok());
    if (family.family == Family::kLog) continue;
    if (family.family == Family::kMeta) {
      EXPECT_THAT(keys, ElementsAre("format"));
    } else {
      EXPECT_TRUE(keys.empty()) << family.name;
    }
  }
}

}  // namespace
}  // namespace vigie::store
