// SPDX-License-Identifier: Apache-2.0
// A store is what a fresh fold of its log makes; every difference is found.
#include "engine/recheck.h"

#include <filesystem>
#include <functional>
#include <limits>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/block.h"
#include "store/digest.h"
#include "support/rechecked.h"
#include "support/running_engine.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::support;
using store::Family;

constexpr int64_t kHourMs = 3'600'000;

// Decisions of two days, closed and open, with truth, a batch, a refusal, and one seen late.
void Feed(RunningEngine& running) {
  running.DeclareSource();
  for (int i = 0; i < 30; ++i) {
    const std::string id = absl::StrCat("d", i);
    const int64_t at_ms = kMorningMs + i * kHourMs;
    Event decided = DecidedAt(id, at_ms + 9'000);
    decided.mutable_decided()->set_batch_id(i % 5 == 0 ? "batch" : "");
    ASSERT_TRUE(running
                    .SendEvents(IssuedAt(id, at_ms), ShownAt(id, at_ms + 1'000),
                                OpenedAt(id, at_ms + 2'000), decided)
                    .status.ok());
    running.clock().Advance(kHourMs);
  }
  sv::Record watermark;
  watermark.mutable_watermark()->set_source_id("ehr");
  watermark.mutable_watermark()->set_watermark_ms(kMorningMs + 29 * kHourMs);
  running.Turn(watermark);
  Event refused = ShownAt("r", kMorningMs);
  refused.clear_system_id();
  ASSERT_TRUE(running
                  .SendEvents(TruthAt("d0", kMorningMs + kHourMs, "B"),
                              OpenedAt("late", kMorningMs), refused)
                  .status.ok());
}

std::map<std::string, RowsCompared> ByKind(const Recheck& found) {
  std::map<std::string, RowsCompared> kinds;
  for (const RowsCompared& rows : found.rows) kinds.emplace(rows.kind, rows);
  return kinds;
}

// A directory that was fed and is closed now.
class RecheckTest : public testing::Test {
 protected:
  RecheckTest() {
    Feed(running_);
    running_.Close();
  }
  [[nodiscard]] const std::string& directory() const { return running_.directory().path(); }
  [[nodiscard]] std::unique_ptr<store::Store> Opened() const {
    return *store::Store::Open({.directory = directory(), .block_cache_bytes = 1 << 20});
  }
  // One row of a family, the first whose key starts so.
  static std::pair<std::string, std::string> RowOf(const store::Store& store, Family family,
                                                   std::string_view prefix = "") {
    std::pair<std::string, std::string> row;
    EXPECT_TRUE(store.newest()
                    .Scan(family, prefix, prefix,
                          [&](std::string_view key, std::string_view value) {
                            row = {std::string(key), std::string(value)};
                            return false;
                          })
                    .ok());
    EXPECT_FALSE(row.first.empty());
    return row;
  }
  // The status of the recheck after the log got one more block, as `change` makes it.
  absl::Status AfterABlock(const std::function<void(sv::Block&)>& change) {
    {
      const auto store = Opened();
      const std::string last =
          store->newest().BlockHolding(std::numeric_limits<int64_t>::max()).value();
      const sv::Block before = store::DecodeBlock(last).value();
      sv::Block block;
      block.set_first_position(before.first_position() + before.records_size());
      block.set_recorded_at_ms(before.recorded_at_ms());
      block.set_previous_sha256(store::Sha256(last));
      block.add_records()->mutable_tick();
      change(block);
      EXPECT_TRUE(store->AppendBlock(block.first_position(), store::EncodeBlock(block)).ok());
    }
    return Rechecked(directory()).status();
  }

  RunningEngine running_;
};

TEST_F(RecheckTest, FindsRowsOfEveryFamilyEqual) {
  const auto found = Rechecked(directory());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(found->ViewsEqual());
  EXPECT_TRUE(found->log.anchored);
  EXPECT_EQ(found->log.first_position, 1);
  EXPECT_EQ(found->log.last_position, found->cursor.position());
  EXPECT_EQ(found->log.event_count, 122);
  auto kinds = ByKind(*found);
  EXPECT_EQ(kinds["decisions"].equal, 31);
  EXPECT_GT(kinds["tallies"].equal, 10);
  EXPECT_EQ(kinds["quarantine"].equal, 1);
  EXPECT_GT(kinds["meta o"].equal, 0) << "decisions that are not closed";
  EXPECT_EQ(kinds["meta cursor"].equal, 1);
  EXPECT_EQ(kinds["meta format"].equal, 1);
}

TEST_F(RecheckTest, ComparesAtTheCursorWhenTheLogGoesFurther) {
  ASSERT_TRUE(AfterABlock([](sv::Block&) {}).ok());
  const auto found = Rechecked(directory());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->log.last_position, found->cursor.position() + 1);
  EXPECT_TRUE(found->ViewsEqual());
  EXPECT_FALSE(found->rows.empty());
}

TEST_F(RecheckTest, FindsARowThatDiffersIsMissingOrIsTooMuchInEveryFamily) {
  for (const Family family : {Family::kDecisions, Family::kTallies, Family::kQuarantine}) {
    const char* const kind = store::kFamilies[static_cast<size_t>(family)].name;
    std::pair<std::string, std::string> row;
    const auto change = [&](std::string key, std::optional<std::string> value) {
      const auto store = Opened();
      if (row.first.empty()) row = RowOf(*store, family);
      if (key.empty()) key = row.first;
      ASSERT_TRUE(store->WriteViews({{family, key, std::move(value)}}).ok());
    };
    const auto counts = [&] { return ByKind(*Rechecked(directory()))[kind]; };
    change("", "other");
    EXPECT_EQ(counts().different, 1) << kind;
    change("", std::nullopt);
    EXPECT_EQ(counts().missing, 1) << kind;
    change("", row.second);
    EXPECT_TRUE(counts().AllEqual()) << kind;
    change("zz", "one more");
    EXPECT_EQ(counts().extra, 1) << kind;
    EXPECT_FALSE(Rechecked(directory())->ViewsEqual()) << kind;
    change("zz", std::nullopt);
  }
}

TEST_F(RecheckTest, FindsAChangedRowOfTheRegister) {
  {
    const auto store = Opened();
    const auto [key, value] = RowOf(*store, Family::kMeta, "s/");
    ASSERT_TRUE(store->WriteViews({{Family::kMeta, key, value + "\x08\x01"}}).ok());
  }
  const auto found = Rechecked(directory());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(ByKind(*found)["meta s"].different, 1);
}

TEST_F(RecheckTest, RefusesAGapInTheLog) {
  const absl::Status status =
      AfterABlock([](sv::Block& block) { block.set_first_position(block.first_position() + 1); });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), ", want ")) << status;
}

TEST_F(RecheckTest, RefusesABlockThatDoesNotFollowTheOneBefore) {
  const absl::Status status =
      AfterABlock([](sv::Block& block) { block.set_previous_sha256(std::string(32, 'x')); });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "does not follow")) << status;
}

TEST_F(RecheckTest, RefusesTimeThatGoesBack) {
  const absl::Status status =
      AfterABlock([](sv::Block& block) { block.set_recorded_at_ms(block.recorded_at_ms() - 1); });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "time goes back")) << status;
}

TEST_F(RecheckTest, RefusesAnEventThatCannotBeRead) {
  const absl::Status status = AfterABlock(
      [](sv::Block& block) { block.mutable_records(0)->mutable_event()->set_event("\xff\xff"); });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "no event can be read")) << status;
}

TEST_F(RecheckTest, RefusesALogThatEndsBeforeItsAnchor) {
  const auto store = Opened();
  const auto anchor = *store->anchor();
  ASSERT_TRUE(
      store::WriteAnchor(running_.directory().File("anchor"),
                         {.position = anchor.position + 5, .block_sha256 = anchor.block_sha256})
          .ok());
  const TemporaryDirectory copy;
  std::filesystem::copy(directory(), copy.File("data"), std::filesystem::copy_options::recursive);
  const absl::Status status = Rechecked(copy.File("data")).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "anchor")) << status;
}

TEST_F(RecheckTest, RefusesALogWithoutTheBlockThatTheViewsEndWith) {
  {
    const auto store = Opened();
    sv::Cursor cursor = ReadCursor(store->newest()).value();
    cursor.set_block_sha256(std::string(32, 'x'));
    ASSERT_TRUE(store->WriteViews({{Family::kMeta, "cursor", cursor.SerializeAsString()}}).ok());
  }
  const absl::Status status = Rechecked(directory()).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "views include")) << status;
}

TEST_F(RecheckTest, SaysThatAPurgeKeptTheViewsFromBeingCompared) {
  {
    const auto store = Opened();
    sv::Cursor cursor = ReadCursor(store->newest()).value();
    cursor.set_purged_before_ms(kMorningMs);
    ASSERT_TRUE(store->WriteViews({{Family::kMeta, "cursor", cursor.SerializeAsString()}}).ok());
  }
  const auto found = Rechecked(directory());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->not_compared, NotCompared::kPurged);
  EXPECT_TRUE(found->rows.empty());
  EXPECT_EQ(found->log.event_count, 122) << "the log is checked all the same";
}

TEST(Recheck, OfAStoreThatWasNeverWrittenIsEqual) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(store::Store::Open({.directory = directory.path()}).ok());
  ExpectEqualsFreshFold(directory.path());
}

TEST(Recheck, NeedsTheLimitsThatTakePartInTheFold) {
  RunningEngine running({}, {.max_scopes = 3});
  Feed(running);
  running.Close();
  ExpectEqualsFreshFold(running.directory().path(), {.max_scopes = 3});
  EXPECT_FALSE(Rechecked(running.directory().path())->ViewsEqual());
}

}  // namespace
}  // namespace vigie::engine
