// SPDX-License-Identifier: Apache-2.0
// The log and the views on disk: keys, blocks, refusals.
#include "store/store.h"

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/block.h"
#include "store/digest.h"
#include "store/keys.h"
#include "support/temporary_directory.h"

namespace vigie::store {
namespace {

using support::TemporaryDirectory;
using testing::HasSubstr;

vigie::store::v1::Block ABlock(int64_t first) {
  vigie::store::v1::Block block;
  block.set_first_position(first);
  block.set_recorded_at_ms(1'772'442'000'000);
  block.add_records()->mutable_tick();
  return block;
}

absl::StatusOr<std::unique_ptr<Store>> Opened(const std::string& directory) {
  return Store::Open({.directory = directory, .block_cache_bytes = 1 << 20});
}

TEST(Keys, OrderOfBytesIsOrderOfPositionsAndReadsBack) {
  int64_t last = -1;
  for (const int64_t position : {0L, 1L, 255L, 256L, 65'536L, 1L << 32, 1L << 55}) {
    EXPECT_EQ(PositionOfKey(PositionKey(position)), position);
    if (last >= 0) {
      EXPECT_LT(PositionKey(last), PositionKey(position));
    }
    last = position;
  }
}

TEST(Keys, IdentifierSpacesNeverMeet) {
  EXPECT_NE(DecisionKey(1, IdSpace::kDecision, "x"), DecisionKey(1, IdSpace::kUnaided, "x"));
  EXPECT_LT(DecisionKey(1, IdSpace::kUnaided, "z"), DecisionKey(2, IdSpace::kDecision, "a"));
}

TEST(Keys, EveryPartOfATallyKeyTells) {
  const decision::ScopeKey scope = {1, 2, 3, 4, false};
  const std::string key = TallyKey(1, scope, {});
  EXPECT_EQ(key.size(), 26U);
  EXPECT_NE(key, TallyKey(2, scope, {}));
  EXPECT_NE(key, TallyKey(1, {1, 2, 3, 4, true}, {}));
  EXPECT_NE(key, TallyKey(1, scope, {vigie::v1::PERIOD_KIND_DAY, 0}));
}

TEST(Digests, AreTheirKnownAnswers) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(StableHash(""), 0x2D06800538D394C2U);
  EXPECT_EQ(static_cast<unsigned char>(Sha256("abc")[0]), 0xBAU);
}

TEST(Block, ReadsBackAndRefusesEveryFlippedByte) {
  const std::string bytes = EncodeBlock(ABlock(7));
  EXPECT_EQ(DecodeBlock(bytes)->first_position(), 7);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x41);
    EXPECT_FALSE(DecodeBlock(flipped).ok()) << "byte " << i;
  }
}

TEST(Block, RefusesEveryTruncation) {
  const std::string bytes = EncodeBlock(ABlock(7));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeBlock(bytes.substr(0, size)).ok()) << size;
  }
}

TEST(Block, WrittenRecordByRecordHasTheBytesOfTheWholeMessage) {
  vigie::store::v1::Block block;
  block.set_first_position(300);
  block.set_recorded_at_ms(1'772'442'000'000);
  block.set_previous_sha256(Sha256("before"));
  BlockWriter writer(block.first_position(), block.recorded_at_ms(), block.previous_sha256());
  std::vector<uint8_t> records(size_t{64} << 10);
  size_t records_bytes = 0;
  // Empty and zero fields are left out; 128 is the first length of two bytes.
  for (const size_t size : {0, 1, 127, 128, 4096}) {
    constexpr int64_t kOccurredMs = 1'772'442'000'000;
    for (const int64_t sent_at_ms : {int64_t{0}, int64_t{5}, kOccurredMs, kOccurredMs + 60}) {
      const std::string event(size, 'e');
      auto* recorded = block.add_records()->mutable_event();
      recorded->set_event(event);
      recorded->set_source_id("ehr");
      if (sent_at_ms != 0) recorded->set_sent_after_ms(sent_at_ms - kOccurredMs);
      const EventRecord written(event.size(), "ehr", kOccurredMs, sent_at_ms);
      auto* const begin = records.data() + records_bytes;
      auto* const end = written.End(std::copy(event.begin(), event.end(), written.Begin(begin)));
      ASSERT_EQ(end - begin, std::ssize(written));
      writer.AddEvent(std::string_view(reinterpret_cast<const char*>(begin), written.size()));
      records_bytes += written.size() + (size == 127 ? 1 : 0);  // Some not behind one another.
      EXPECT_EQ(SentAtMs(*recorded, kOccurredMs), sent_at_ms);
    }
  }
  vigie::store::v1::Record* tick = block.add_records();
  tick->mutable_tick();
  writer.Add(*tick);
  vigie::store::v1::SourceProgress* progress = block.add_progress();
  progress->set_source_id("ehr");
  progress->set_last_sequence(16);
  writer.AddProgress(*progress);
  EXPECT_EQ(writer.record_count(), 21);
  EXPECT_EQ(writer.Finish(), EncodeBlock(block));
}

TEST(Block, OfAnEarlierFormatSaysWhenAnEventWasSent) {
  vigie::store::v1::RecordedEvent recorded;
  recorded.set_sent_at_ms(5);
  EXPECT_EQ(SentAtMs(recorded, 1'772'442'000'000), 5);
}

TEST(Keys, OfADecisionNameWhatTheyWereMadeOf) {
  const std::string key = DecisionKey(0x01020304, IdSpace::kUnaided, "d-1");
  const auto name = ReadDecisionKey(key);
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->organisation, 0x01020304);
  EXPECT_EQ(name->space, IdSpace::kUnaided);
  EXPECT_EQ(name->id, "d-1");
  EXPECT_FALSE(ReadDecisionKey(key.substr(0, 4)).has_value());
  EXPECT_FALSE(ReadDecisionKey("0000x").has_value());
}

TEST(Block, OfANewerBuildIsToldApartFromDamage) {
  std::string bytes = EncodeBlock(ABlock(7));
  bytes[0] = 2;
  EXPECT_TRUE(absl::IsFailedPrecondition(DecodeBlock(bytes).status()));
}

TEST(StoreTest, KeepsBlocksAndViewsAcrossOpenings) {
  const TemporaryDirectory directory;
  {
    const auto store = Opened(directory.path());
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_FALSE((*store)->anchor().has_value());
    ASSERT_TRUE((*store)->AppendBlock(1, "one").ok());
    ASSERT_TRUE((*store)->AppendBlock(4, "two").ok());
    ASSERT_TRUE((*store)->WriteViews({{Family::kMeta, "k", "v"}, {Family::kMeta, "l", "w"}}).ok());
    ASSERT_TRUE((*store)->WriteViews({{Family::kMeta, "l", std::nullopt}}).ok());
    ASSERT_TRUE((*store)->KeepAnchor({.position = 4, .block_sha256 = Sha256("two")}).ok());
  }
  const auto store = Opened(directory.path());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->newest().BlockHolding(3).value(), "one");
  EXPECT_EQ((*store)->newest().BlockHolding(4).value(), "two");
  EXPECT_EQ((*store)->newest().Get(Family::kMeta, "k").value(), "v");
  EXPECT_EQ((*store)->newest().Get(Family::kMeta, "l").value(), std::nullopt);
  EXPECT_EQ((*store)->anchor()->position, 4);
  std::vector<int64_t> positions;
  ASSERT_TRUE((*store)
                  ->ForEachBlock(2,
                                 [&](int64_t first, std::string_view) {
                                   positions.push_back(first);
                                   return absl::OkStatus();
                                 })
                  .ok());
  EXPECT_THAT(positions, testing::ElementsAre(1, 4));
}

TEST(StoreTest, ManyChangesAreWrittenAsTablesAndMeanTheSame) {
  const TemporaryDirectory directory;
  for (const int64_t tables_from : {1, 1'000}) {
    const auto store = Store::Open({.directory = directory.File(std::to_string(tables_from)),
                                    .block_cache_bytes = 1 << 20,
                                    .tables_from_changes = tables_from});
    ASSERT_TRUE(store.ok()) << store.status();
    const auto get = [&](std::string_view key) {
      return *(*store)->newest().Get(Family::kMeta, key);
    };
    ASSERT_TRUE((*store)->WriteViews({{Family::kMeta, "k", "v"}, {Family::kMeta, "l", "w"}}).ok());
    // Of one key the last change holds; keys that share their first bytes stay apart.
    ASSERT_TRUE((*store)
                    ->WriteViews({{Family::kMeta, "l", "x"},
                                  {Family::kDecisions, "a key longer than its head: 2", "2"},
                                  {Family::kDecisions, "a key longer than its head: 1", "1"},
                                  {Family::kMeta, "k", "y"},
                                  {Family::kMeta, "l", std::nullopt}})
                    .ok());
    EXPECT_EQ(get("k"), "y");
    EXPECT_EQ(get("l"), std::nullopt);
    EXPECT_EQ(*(*store)->newest().Get(Family::kDecisions, "a key longer than its head: 2"), "2");
    EXPECT_EQ((*store)->Tables().empty(), tables_from > 1);
  }
}

TEST(StoreTest, PreparedViewsAreThereOnlyOnceTheyAreWritten) {
  const TemporaryDirectory directory;
  const auto files_beside = [&] {
    return std::distance(std::filesystem::directory_iterator(directory.path()),
                         std::filesystem::directory_iterator());
  };
  const auto store = Store::Open(
      {.directory = directory.path(), .block_cache_bytes = 1 << 20, .tables_from_changes = 1});
  ASSERT_TRUE(store.ok()) << store.status();
  const auto before = files_beside();
  {
    auto prepared = (*store)->PrepareViews({{Family::kMeta, "k", "v"}});
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_GT(files_beside(), before);
    EXPECT_EQ((*store)->newest().Get(Family::kMeta, "k").value(), std::nullopt);
  }
  EXPECT_EQ(files_beside(), before) << "what is not written leaves nothing";
  auto prepared = (*store)->PrepareViews({{Family::kMeta, "k", "v"}});
  ASSERT_TRUE((*store)->WritePrepared(*std::move(prepared)).ok());
  EXPECT_EQ((*store)->newest().Get(Family::kMeta, "k").value(), "v");
  EXPECT_EQ(files_beside(), before);
}

// A copy of a store can hold a batch and lack the tables before it, which would show in no row.
TEST(StoreTest, ABatchWithoutTheTablesBeforeItIsRefused) {
  const TemporaryDirectory directory;
  {
    const auto store = Store::Open(
        {.directory = directory.path(), .block_cache_bytes = 1 << 20, .tables_from_changes = 1});
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->WriteViews({{Family::kMeta, "k", "v"}}).ok());
  }
  ASSERT_TRUE((*Opened(directory.path()))->WriteViews({{Family::kMeta, "l", "w"}}).ok());
  {
    const auto store = Opened(directory.path());
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->newest().Get(Family::kMeta, "k").value(), "v");
    ASSERT_TRUE((*store)->WriteViews({{Family::kTallies, kTablesMarkKey, std::nullopt}}).ok());
  }
  const auto status = Opened(directory.path()).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
}

TEST(StoreTest, ATableThatACrashLeftIsDeleted) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(Opened(directory.path()).ok());
  std::ofstream(directory.File("views-7-decisions.sst")) << "half a table";
  ASSERT_TRUE(Opened(directory.path()).ok());
  EXPECT_FALSE(std::filesystem::exists(directory.File("views-7-decisions.sst")));
}

TEST(StoreTest, OnceItKnowsItsDecisionsItFindsTheSameAsBefore) {
  const TemporaryDirectory directory;
  const auto row = [](int number) {
    return ViewChange{Family::kDecisions,
                      DecisionKey(1, IdSpace::kDecision, std::to_string(number)), "row"};
  };
  ASSERT_TRUE((*Opened(directory.path()))->WriteViews({row(1), row(2)}).ok());
  for (const int64_t tables_from : {1, 1'000}) {
    const auto store = Store::Open({.directory = directory.path(),
                                    .block_cache_bytes = 1 << 20,
                                    .tables_from_changes = tables_from});
    ASSERT_TRUE(store.ok()) << store.status();
    const auto is_there = [&](const Store::Reader& reader, int number) {
      return reader.Get(Family::kDecisions, row(number).key)->has_value();
    };
    ASSERT_TRUE((*store)->WriteViews({row(3)}).ok());
    const auto before = (*store)->Read();
    (*store)->LearnDecisions(/*canceled=*/false);
    ASSERT_TRUE((*store)->WriteViews({row(4)}).ok());
    ASSERT_TRUE((*store)->WriteViews({{Family::kDecisions, row(3).key, std::nullopt}}).ok());
    for (const int there : {1, 2, 4}) EXPECT_TRUE(is_there((*store)->newest(), there)) << there;
    for (int other = 5; other < 1000; ++other) EXPECT_FALSE(is_there((*store)->newest(), other));
    EXPECT_FALSE(is_there((*store)->newest(), 3)) << "deleted";
    EXPECT_TRUE(is_there(*before, 3)) << "a reader sees what was there when it began";
    ASSERT_TRUE((*store)->WriteViews({{Family::kDecisions, row(4).key, std::nullopt}}).ok());
  }
}

TEST(StoreTest, AReaderSeesOneState) {
  const TemporaryDirectory directory;
  const auto store = Opened(directory.path());
  const auto reader = (*store)->Read();
  ASSERT_TRUE((*store)->WriteViews({{Family::kMeta, "k", "v"}}).ok());
  EXPECT_EQ(reader->Get(Family::kMeta, "k").value(), std::nullopt);
}

TEST(StoreTest, ALockedDirectoryIsRefusedAndSaysWhatToDo) {
  const TemporaryDirectory directory;
  const auto holder = Opened(directory.path());
  const auto status = Opened(directory.path()).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("another vigied holds"));
}

TEST(StoreTest, ANewerFormatIsRefusedAndSaysWhatToDo) {
  const TemporaryDirectory directory;
  ASSERT_TRUE((*Opened(directory.path()))->WriteViews({{Family::kMeta, "format", "99"}}).ok());
  const auto status = Opened(directory.path()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("newer vigied"));
}

TEST(StoreTest, ADamagedAnchorIsRefused) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(Opened(directory.path()).ok());
  std::ofstream(directory.File("anchor")) << "vigie-anchor-1 7";
  EXPECT_TRUE(absl::IsDataLoss(Opened(directory.path()).status()));
}

// A flipped bit made a digit of the digest a letter that reads as the same digit.
TEST(StoreTest, AnAnchorWithALetterInItsDigestIsRefused) {
  const TemporaryDirectory directory;
  {
    const auto store = Opened(directory.path());
    ASSERT_TRUE((*store)->KeepAnchor({.position = 1, .block_sha256 = std::string(32, '\0')}).ok());
  }
  ASSERT_TRUE(Opened(directory.path()).ok());
  std::fstream anchor(directory.File("anchor"), std::ios::in | std::ios::out | std::ios::binary);
  anchor.seekp(30);
  anchor.put('0' ^ 0x40);
  anchor.close();
  EXPECT_TRUE(absl::IsDataLoss(Opened(directory.path()).status()));
}

// "block checksum mismatch" holds the word lock, which is not a reason to name another process.
TEST(StoreTest, ADamagedTableIsDamageAndNotALock) {
  const TemporaryDirectory directory;
  ASSERT_TRUE((*Opened(directory.path()))->WriteViews({{Family::kMeta, "k", "v"}}).ok());
  ASSERT_TRUE(Opened(directory.path()).ok());  // Recovery writes the table.
  int damaged = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory.File("store"))) {
    if (file.path().extension() != ".sst") continue;
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file.path()));
    std::fstream table(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    for (std::streamoff at = 0; at < size - 64; ++at) {
      table.seekp(at);
      table.put('\x5a');
    }
    ++damaged;
  }
  ASSERT_GT(damaged, 0);
  EXPECT_TRUE(absl::IsDataLoss(Opened(directory.path()).status()))
      << Opened(directory.path()).status();
}

}  // namespace
}  // namespace vigie::store
