// SPDX-License-Identifier: Apache-2.0
// What is purged, what stays, and that a crash between two steps of a purge changes neither.
#include "engine/retention.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/codec.h"
#include "engine/purge_list.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/block.h"
#include "support/fold_feed.h"
#include "support/memory_views.h"
#include "support/running_engine.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using store::Family;

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kCeilingDays = 365;

using Rows = std::map<std::string, std::string>;

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { Reopen(); }

  void Reopen() { ASSERT_TRUE(running_.Open().ok()); }
  void Purge() {
    const absl::Status purged = running_.engine().retention().Purge();
    ASSERT_TRUE(purged.ok()) << purged;
  }

  // Whole decisions at the clock's time, closed by a watermark far ahead.
  void Feed(const std::string& name, int count) {
    const int64_t now_ms = running_.clock().NowMs();
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      const std::string id = absl::StrCat(name, "-", i);
      events.push_back(IssuedAt(id, now_ms));
      events.push_back(ShownAt(id, now_ms));
      events.push_back(DecidedAt(id, now_ms + 1'000));
    }
    EventWork work = running_.Work(std::move(events));
    work.watermark_ms = now_ms + 20 * kHourMs;
    EXPECT_TRUE(running_.Send(std::move(work)).status.ok());
  }
  [[nodiscard]] Receipt Offer(Event event) { return running_.Send({std::move(event)}); }

  // After a turn that wrote the views.
  [[nodiscard]] Rows RowsIn(Family family) {
    running_.clock().Advance(3'000);
    running_.Turn();
    running_.Turn();
    Rows rows;
    const auto read = running_.engine().store().Read()->Scan(
        family, "", "", [&](std::string_view key, std::string_view value) {
          rows.emplace(key, value);
          return true;
        });
    EXPECT_TRUE(read.ok()) << read;
    return rows;
  }
  // Blocks recorded before, decisions that rest since before.
  [[nodiscard]] int64_t BlocksBefore(int64_t before_ms) {
    int64_t count = 0;
    for (const auto& [key, bytes] : RowsIn(Family::kLog)) {
      count += store::DecodeBlock(bytes)->recorded_at_ms() < before_ms ? 1 : 0;
    }
    return count;
  }
  [[nodiscard]] int64_t DecisionsBefore(int64_t before_ms) {
    int64_t count = 0;
    for (const auto& [key, row] : RowsIn(Family::kDecisions)) {
      const auto state = DecodeDecision(key, row);
      const bool rests = state->stage == Stage::kClosed && state->last_recorded_ms < before_ms;
      count += rests && state->closed_at_ms < before_ms ? 1 : 0;
    }
    return count;
  }
  [[nodiscard]] int64_t HorizonMs() const {
    absl::TimeZone paris;
    EXPECT_TRUE(absl::LoadTimeZone("Europe/Paris", &paris));
    const auto now = absl::FromUnixMillis(running_clock().NowMs());
    return absl::ToUnixMillis(absl::FromCivil(absl::ToCivilDay(now, paris) - kCeilingDays, paris));
  }
  [[nodiscard]] const FakeClock& running_clock() const {
    return const_cast<RunningEngine&>(running_).clock();
  }
  // Whether a text stands in any file of the store.
  [[nodiscard]] bool IsOnDisk(const std::string& text) const {
    for (const auto& file :
         std::filesystem::directory_iterator(running_.directory().File("store"))) {
      std::ifstream bytes(file.path(), std::ios::binary);
      const std::string all((std::istreambuf_iterator<char>(bytes)),
                            std::istreambuf_iterator<char>());
      if (absl::StrContains(all, text)) return true;
    }
    return false;
  }

  // Purges when told: its own thread might look at the clock between two steps of a test.
  RunningEngine running_{[](Engine::Options& options) {
    options.retention = {.ceiling_days = kCeilingDays, .by_itself = false};
  }};
};

TEST_F(RetentionTest, Row26_AfterTheCeilingARangeScanFindsNothingOlderAndTalliesStay) {
  running_.DeclareSource();
  Feed("old", 20);
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  Feed("new", 5);
  const int64_t horizon_ms = HorizonMs();
  ASSERT_GT(BlocksBefore(horizon_ms), 0);
  ASSERT_EQ(DecisionsBefore(horizon_ms), 20);
  const Rows tallies = RowsIn(Family::kTallies);
  ASSERT_FALSE(tallies.empty());
  Purge();
  EXPECT_EQ(BlocksBefore(horizon_ms), 0);
  EXPECT_EQ(DecisionsBefore(horizon_ms), 0);
  EXPECT_EQ(RowsIn(Family::kTallies), tallies);
  EXPECT_EQ(RowsIn(Family::kDecisions).size(), 5U);
  const LogPurge purged = running_.engine().retention().purged();
  EXPECT_EQ(purged.before_ms(), horizon_ms);
  EXPECT_EQ(purged.event_count(), 60);
  EXPECT_EQ(purged.decision_count(), 20);
  EXPECT_GE(running_.engine().retention().OldestRecordMs(), horizon_ms);
}

TEST_F(RetentionTest, AtTheCeilingNothingIsPurgedYet) {
  Feed("old", 20);
  running_.clock().Advance(kCeilingDays * kDayMs);
  const Rows log = RowsIn(Family::kLog);
  Purge();
  EXPECT_EQ(RowsIn(Family::kLog), log);
  EXPECT_EQ(running_.engine().retention().purged().before_ms(), 0);
}

TEST_F(RetentionTest, WhatWasPurgedIsRememberedOverARestart) {
  Feed("old", 20);
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  Feed("new", 5);
  Purge();
  const Rows tallies = RowsIn(Family::kTallies);
  const LogPurge before = running_.engine().retention().purged();
  Reopen();
  const LogPurge after = running_.engine().retention().purged();
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(RowsIn(Family::kTallies), tallies);
  Purge();
  EXPECT_EQ(running_.engine().retention().purged().SerializeAsString(), before.SerializeAsString());
}

// It would be counted a second time, for nothing knows any more that it is a duplicate.
TEST_F(RetentionTest, APurgedEventThatComesAgainIsRefused) {
  const Event old = DecidedAt("old-0", running_.clock().NowMs() + 1'000);
  Feed("old", 20);
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  EXPECT_EQ(Offer(old).results.at(0).fate(), EVENT_FATE_DUPLICATE);
  Purge();
  const Receipt again = Offer(old);
  EXPECT_EQ(again.results.at(0).fate(), EVENT_FATE_REFUSED);
  EXPECT_EQ(again.results.at(0).violation().reason(), REFUSAL_REASON_OUT_OF_RANGE);
  EXPECT_EQ(again.results.at(0).violation().field(), "occurred_at_ms");
  EXPECT_EQ(Offer(ShownAt("later", running_.clock().NowMs())).results.at(0).fate(),
            EVENT_FATE_RECORDED);
}

TEST_F(RetentionTest, ADecisionThatWasTouchedSinceIsKept) {
  Feed("old", 20);
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  const Event truth = TruthAt("old-3", running_.clock().NowMs(), "B");
  EXPECT_EQ(Offer(truth).results.at(0).fate(), EVENT_FATE_RECORDED);
  Purge();
  EXPECT_EQ(RowsIn(Family::kDecisions).size(), 1U);
  EXPECT_EQ(running_.engine().retention().purged().decision_count(), 19);
  // Later events of it still find it.
  EXPECT_EQ(Offer(truth).results.at(0).fate(), EVENT_FATE_DUPLICATE);
}

TEST_F(RetentionTest, AnOpenDecisionIsKept) {
  EXPECT_EQ(Offer(ShownAt("open", running_.clock().NowMs())).results.at(0).fate(),
            EVENT_FATE_RECORDED);
  Feed("old", 5);
  running_.Close();
  Reopen();
  ASSERT_EQ(RowsIn(Family::kDecisions).size(), 6U);
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  // It expires now, and rests from now on.
  Purge();
  EXPECT_EQ(RowsIn(Family::kDecisions).size(), 1U);
}

TEST_F(RetentionTest, RefusedEventsGoWithTheirBlocks) {
  Event bad = ShownAt("d", running_.clock().NowMs());
  bad.clear_system_id();
  EXPECT_EQ(Offer(bad).results.at(0).fate(), EVENT_FATE_REFUSED);
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  bad.set_event_id("later");
  EXPECT_EQ(Offer(bad).results.at(0).fate(), EVENT_FATE_REFUSED);
  ASSERT_EQ(RowsIn(Family::kQuarantine).size(), 2U);
  Purge();
  EXPECT_EQ(RowsIn(Family::kQuarantine).size(), 1U);
  running_.Turn();
  EXPECT_EQ(running_.engine().published().Read(
                [](const auto& state) { return state.quarantine_kept_count; }),
            1);
}

TEST_F(RetentionTest, PurgedBytesHaveLeftTheDiskAtTheNextStart) {
  Feed("purge-me", 20);
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  Feed("keep-me", 5);
  ASSERT_TRUE(IsOnDisk("purge-me"));
  Purge();
  Reopen();
  running_.Close();
  EXPECT_FALSE(IsOnDisk("purge-me"));
  EXPECT_TRUE(IsOnDisk("keep-me"));
}

// The record of a purge is on disk, the blocks are still there.
TEST_F(RetentionTest, ACrashBeforeTheBlocksAreDeletedIsMendedAtTheNextStart) {
  Feed("old", 20);
  const int64_t last = running_.engine().published().Read([](const auto& s) { return s.as_of; });
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  Feed("new", 5);
  const Rows tallies = RowsIn(Family::kTallies);
  sv::Record record;
  record.mutable_log_purge()->set_before_ms(HorizonMs());
  record.mutable_log_purge()->set_first_position(1);
  record.mutable_log_purge()->set_last_position(last);
  record.mutable_log_purge()->set_event_count(60);
  running_.Turn(record);
  ASSERT_GT(BlocksBefore(HorizonMs()), 0);
  Reopen();
  EXPECT_EQ(BlocksBefore(HorizonMs()), 0);
  EXPECT_EQ(RowsIn(Family::kTallies), tallies);
  EXPECT_EQ(running_.engine().retention().purged().last_position(), last);
  Purge();
  EXPECT_EQ(running_.engine().retention().purged().event_count(), 60);
}

TEST_F(RetentionTest, AnAnchorThatWasPurgedDoesNotRefuseTheStart) {
  Feed("old", 20);
  ASSERT_FALSE(RowsIn(Family::kLog).empty());  // The anchor is kept by now.
  const std::string anchor = running_.directory().File("anchor");
  std::filesystem::copy(anchor, anchor + ".old");
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  Purge();
  running_.Close();
  std::filesystem::rename(anchor + ".old", anchor);
  Reopen();
}

// The rows after a block that says what was purged, over rows that were there before.
TEST(PurgeListTest, AFoldRemovesTheDecisionsListedForItsRecordAndNoOthers) {
  FoldFeed feed;
  feed.Declare("ehr");
  feed.WholeDecision("a", kMorningMs);
  feed.WholeDecision("b", kMorningMs);
  const size_t before = feed.blocks().size();
  sv::Record record;
  record.mutable_log_purge()->set_before_ms(kMorningMs);
  record.mutable_log_purge()->set_decision_count(1);
  feed.Append(record);
  for (const bool same_position : {true, false}) {
    MemoryViews views;
    Fold fold(&views, {});
    for (size_t i = 0; i < before; ++i) {
      ASSERT_TRUE(FoldBlock(feed.blocks()[i].first, feed.blocks()[i].second, fold).ok());
    }
    views.Apply(fold.TakeChanges());
    const std::string key =
        store::DecisionKey(fold.names().Find("hospital"), store::IdSpace::kDecision, "a");
    const int64_t position = feed.blocks()[before].first + (same_position ? 0 : 1);
    views.Apply(
        {{Family::kMeta, kPurgeListKey, EncodePurgeList({.position = position, .keys = {key}})}});
    ASSERT_TRUE(FoldBlock(feed.blocks()[before].first, feed.blocks()[before].second, fold).ok());
    views.Apply(fold.TakeChanges());
    EXPECT_EQ(views.rows().contains({static_cast<int>(Family::kDecisions), key}), !same_position);
    EXPECT_EQ(fold.cursor().purged_decision_count(), 1);
  }
}

TEST(PurgeListTest, AListIsReadBackAsItWasWritten) {
  const PurgeList list = {.position = 77, .keys = {"", "k", std::string(69, '\xff')}};
  const auto read = DecodePurgeList(EncodePurgeList(list));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->position, 77);
  EXPECT_EQ(read->keys, list.keys);
  EXPECT_TRUE(absl::IsDataLoss(DecodePurgeList("short").status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodePurgeList(EncodePurgeList(list) + "\x05k").status()));
}

}  // namespace
}  // namespace vigie::engine
