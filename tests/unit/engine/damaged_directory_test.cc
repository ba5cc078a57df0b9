// SPDX-License-Identifier: Apache-2.0
// Every file of a data directory damaged in every way: refused, found, or harmless; never believed.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/scrubber.h"
#include "support/session.h"

namespace vigie::engine {
namespace {

using namespace vigie::support;
namespace fs = std::filesystem;

// Every row, by family and key.
using Content = std::map<std::pair<int, std::string>, std::string>;

absl::StatusOr<Content> ReadEverything(const store::Store& store) {
  Content content;
  for (const store::FamilySpec& family : store::kFamilies) {
    const absl::Status read =
        store.newest().Scan(family.family, "", "", [&](std::string_view key, std::string_view row) {
          content[{static_cast<int>(family.family), std::string(key)}] = row;
          return true;
        });
    if (!read.ok()) return read;
  }
  return content;
}

absl::Status ScrubEverything(const store::Store& store) {
  store::Scrubber scrubber(&store);
  for (;;) {
    const auto step = scrubber.Next();
    if (!step.ok()) return step.status();
    if (step->ends_pass) return absl::OkStatus();
  }
}

// What a start, a turn, a scrub and a look at every row make of a directory.
absl::StatusOr<Content> Use(const std::string& directory) {
  absl::Status fatal;
  RunningEngine running([&](Engine::Options& options) {
    options.sequencer.on_fatal = [&](const absl::Status& status) { fatal = status; };
  });
  running.clock().Advance(3'600'000);
  const absl::Status opened = running.Open(directory);
  if (!opened.ok()) return opened;
  running.Turn();
  if (!fatal.ok()) return fatal;
  const absl::Status scrubbed = ScrubEverything(running.engine().store());
  if (!scrubbed.ok()) return scrubbed;
  return ReadEverything(running.engine().store());
}

void FlipABit(const fs::path& file) {
  const auto middle = static_cast<std::streamoff>(fs::file_size(file) / 2);
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(middle);
  const int byte = bytes.get();
  bytes.seekp(middle);
  bytes.put(static_cast<char>(byte ^ 0x10));
}

struct Damage {
  const char* name;
  void (*apply)(const fs::path& file);
};

constexpr Damage kDamages[] = {
    {"a flipped bit", FlipABit},
    {"cut in half", [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }},
    {"one byte short",
     [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) - 1); }},
    {"emptied", [](const fs::path& file) { fs::resize_file(file, 0); }},
    {"deleted", [](const fs::path& file) { fs::remove(file); }},
};

std::vector<fs::path> FilesOf(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), directory));
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool HoldsNoData(const fs::path& file) {
  const std::string name = file.filename();
  return name == "LOCK" || name == "IDENTITY" || name.starts_with("LOG") ||
         name.starts_with("OPTIONS-");
}

// A stopped store: tables of two recoveries and a write-ahead log.
void MakeStore(const std::string& directory) {
  RunningEngine running([](Engine::Options&) {});
  for (const char* name : {"first", "second", "third"}) {
    ASSERT_TRUE(running.Open(directory).ok());
    if (std::string_view(name) == "first") running.DeclareSource();
    for (int i = 0; i < 8; ++i) {
      const std::string id = absl::StrCat(name, "-", i);
      const int64_t now_ms = running.clock().NowMs();
      ASSERT_TRUE(running
                      .SendEvents(IssuedAt(id, now_ms), OpenedAt(id, now_ms), DecidedAt(id, now_ms),
                                  TruthAt(id, now_ms, "A"))
                      .status.ok());
      running.clock().Advance(45'000);
    }
    running.Close();
  }
}

TEST(DamagedDirectory, IsRefusedOrFoundOrHoldsTheSameContentWhateverFileIsHit) {
  const TemporaryDirectory original;
  MakeStore(original.path());
  const auto files = FilesOf(original.path());
  const auto count = [&](std::string_view extension) {
    return std::count_if(files.begin(), files.end(),
                         [&](const fs::path& file) { return file.extension() == extension; });
  };
  ASSERT_GE(count(".sst"), 3);
  ASSERT_EQ(count(".log"), 1);
  Content whole;
  {
    const TemporaryDirectory copy;
    fs::copy(original.path(), copy.path(), fs::copy_options::recursive);
    auto used = Use(copy.path());
    ASSERT_TRUE(used.ok()) << used.status();
    whole = *std::move(used);
  }
  int found = 0;
  for (const fs::path& file : files) {
    for (const Damage& damage : kDamages) {
      SCOPED_TRACE(absl::StrCat(file.string(), ", ", damage.name));
      const TemporaryDirectory copy;
      fs::copy(original.path(), copy.path(), fs::copy_options::recursive);
      if (fs::file_size(fs::path(copy.path()) / file) == 0) continue;
      damage.apply(fs::path(copy.path()) / file);
      const auto used = Use(copy.path());
      if (used.ok()) {
        EXPECT_TRUE(*used == whole)
            << "believed, with " << used->size() << " rows for " << whole.size();
        EXPECT_NE(file.extension(), ".sst") << "a damaged table was not found";
        continue;
      }
      ++found;
      EXPECT_FALSE(HoldsNoData(file)) << used.status();
      EXPECT_TRUE(absl::IsDataLoss(used.status())) << used.status();
      EXPECT_THAT(std::string(used.status().message()), testing::HasSubstr("backup"));
    }
  }
  EXPECT_GT(found, 5 * count(".sst"));
}

// Where the records of a write-ahead log of RocksDB end: blocks of 32 KiB; a record is a checksum
// (4), a length (2, little-endian), a type (1: whole, 2 to 4: first, middle, last part) and bytes.
std::vector<uintmax_t> RecordEnds(const fs::path& log) {
  constexpr size_t kBlock = 32'768;
  constexpr size_t kHeader = 7;
  std::ifstream file(log, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<uintmax_t> ends;
  size_t at = 0;
  while (at + kHeader <= bytes.size()) {
    if (kBlock - at % kBlock < kHeader) at += kBlock - at % kBlock;
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
    const int type = byte(6);
    at += kHeader + byte(4) + (size_t{byte(5)} << 8);
    if (type == 1 || type == 4) ends.push_back(at);
  }
  return ends;
}

int64_t AnchoredPosition(const std::string& directory) {
  return store::ReadAnchor(directory + "/anchor")->value_or(store::Anchor{}).position;
}

int64_t EndOfLogIn(const std::string& directory) {
  const auto store = store::Store::Open({.directory = directory, .block_cache_bytes = 1 << 20});
  const auto end = store.ok() ? EndOfLog(**store) : store.status();
  return end.ok() ? end->position : 0;
}

// The limit of what a write-ahead log that ends cleanly can hide: what followed the anchor, which
// is written once a second.
TEST(DamagedDirectory, ACutWriteAheadLogIsRefusedUpToTheAnchorAndNoFurther) {
  const TemporaryDirectory original;
  RunningEngine running([](Engine::Options&) {});
  ASSERT_TRUE(running.Open(original.path()).ok());
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(running.SendEvents(ShownAt(absl::StrCat("d", i), kMorningMs)).status.ok());
    // The anchor is kept in the first half only.
    if (i < 4) running.clock().Advance(1'500);
  }
  const TemporaryDirectory killed;  // What a kill -9 leaves.
  fs::copy(original.path(), killed.path(), fs::copy_options::recursive);
  running.Close();
  const int64_t anchored = AnchoredPosition(killed.path());
  fs::path log;
  for (const fs::path& file : FilesOf(killed.path())) {
    if (file.extension() == ".log") log = file;
  }
  int refused = 0;
  int shortened = 0;
  for (const uintmax_t end : RecordEnds(fs::path(killed.path()) / log)) {
    SCOPED_TRACE(absl::StrCat("cut at ", end));
    const TemporaryDirectory copy;
    fs::copy(killed.path(), copy.path(), fs::copy_options::recursive);
    fs::resize_file(fs::path(copy.path()) / log, end);
    const TemporaryDirectory looked_at;
    fs::copy(copy.path(), looked_at.path(), fs::copy_options::recursive);
    const int64_t position = EndOfLogIn(looked_at.path());
    const absl::Status opened = running.Open(copy.path());
    running.Close();
    EXPECT_EQ(opened.ok(), position >= anchored) << opened << " at " << position;
    if (!opened.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(opened)) << opened;
    }
    refused += opened.ok() ? 0 : 1;
    shortened += opened.ok() ? 1 : 0;
  }
  EXPECT_GE(refused, 4);
  EXPECT_GE(shortened, 2) << "the anchor is not behind, so the limit is not seen";
}

}  // namespace
}  // namespace vigie::engine
