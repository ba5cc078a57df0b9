// SPDX-License-Identifier: Apache-2.0
// A data directory of an earlier format: its views are made again from its log, which is the same.
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/engine.h"
#include "gtest/gtest.h"
#include "support/rechecked.h"
#include "support/running_engine.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::support;
using store::Family;

constexpr int64_t kHourMs = 3'600'000;

// A directory in format 1: the log of a few decisions; every row of the views is wrong, a few are
// missing, and others stand where format 2 has none.
class EarlierFormat : public testing::Test {
 protected:
  EarlierFormat() {
    running_.DeclareSource();
    for (int i = 0; i < 20; ++i) {
      const std::string id = absl::StrCat("d", i);
      const int64_t at_ms = kMorningMs + i * kHourMs;
      EXPECT_TRUE(running_
                      .SendEvents(ShownAt(id, at_ms), OpenedAt(id, at_ms + 1'000),
                                  DecidedAt(id, at_ms + 9'000))
                      .status.ok());
      running_.clock().Advance(24 * kHourMs);
    }
    running_.Close();
    const auto store = Opened();
    std::vector<store::ViewChange> changes = {{Family::kMeta, "format", "1"},
                                              {Family::kTallies, "old", "row"},
                                              {Family::kMeta, "x/old", "row"}};
    for (const Family family : {Family::kDecisions, Family::kTallies}) {
      EXPECT_TRUE(store->newest()
                      .Scan(family, "", "",
                            [&](std::string_view key, std::string_view) {
                              const bool missing = changes.size() % 3 == 0;
                              changes.push_back(
                                  {family, std::string(key),
                                   missing ? std::nullopt : std::optional<std::string>("stale")});
                              return true;
                            })
                      .ok());
    }
    EXPECT_GT(changes.size(), 30U);
    EXPECT_TRUE(store->WriteViews(std::move(changes)).ok());
  }
  [[nodiscard]] const std::string& directory() const { return running_.directory().path(); }
  [[nodiscard]] std::unique_ptr<store::Store> Opened() const {
    return *store::Store::Open({.directory = directory(), .block_cache_bytes = 1 << 20});
  }
  RunningEngine running_;
};

TEST_F(EarlierFormat, IsToldApartByARecheckWhichComparesNothing) {
  const auto found = Rechecked(directory());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->not_compared, NotCompared::kOlderFormat);
  EXPECT_EQ(found->log.event_count, 60);
}

TEST_F(EarlierFormat, IsMadeAgainFromTheLogWhenItIsOpened) {
  ASSERT_TRUE(running_.Open(directory()).ok());
  EXPECT_EQ(running_.EventCount(), 60);
  EXPECT_GE(running_.engine().catch_up().records, 60);
  running_.Close();
  EXPECT_EQ(Opened()->format(), store::kFormat);
  ExpectEqualsFreshFold(directory());
}

TEST_F(EarlierFormat, IsMadeAgainAfterACrashThatFollowedTheForgetting) {
  ASSERT_TRUE(Opened()->ForgetViews().ok());
  ASSERT_TRUE(running_.Open(directory()).ok());
  running_.Close();
  ExpectEqualsFreshFold(directory());
}

TEST_F(EarlierFormat, IsMadeAgainAfterACrashInTheMiddleOfTheFold) {
  {
    const auto store = Opened();
    ASSERT_TRUE(store->ForgetViews().ok());
    const NoViews nothing;
    Fold fold(&nothing, {});
    int blocks = 0;
    ASSERT_TRUE(absl::IsCancelled(
        store->ForEachBlock(1, [&](int64_t first_position, std::string_view bytes) -> absl::Status {
          if (++blocks > 10) return absl::CancelledError("crash");
          return FoldBlock(first_position, bytes, fold);
        })));
    ASSERT_TRUE(store->WriteViews(fold.TakeChanges()).ok());
  }
  ASSERT_TRUE(running_.Open(directory()).ok());
  running_.Close();
  ExpectEqualsFreshFold(directory());
}

TEST_F(EarlierFormat, IsRefusedAfterAPurgeWithASentenceAndKeepsItsViews) {
  {
    const auto store = Opened();
    sv::Cursor cursor = ReadCursor(store->newest()).value();
    cursor.set_purged_before_ms(kMorningMs);
    ASSERT_TRUE(store->WriteViews({{Family::kMeta, "cursor", cursor.SerializeAsString()}}).ok());
  }
  const absl::Status status = running_.Open(directory());
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "run the vigied that wrote it")) << status;
  EXPECT_EQ(Opened()->format(), 1);
}

TEST_F(EarlierFormat, IsRefusedWhenItsLogEndsBeforeItsViewsAndKeepsThem) {
  {
    const auto store = Opened();
    sv::Cursor cursor = ReadCursor(store->newest()).value();
    cursor.set_position(cursor.position() + 1);
    ASSERT_TRUE(store->WriteViews({{Family::kMeta, "cursor", cursor.SerializeAsString()}}).ok());
  }
  EXPECT_TRUE(absl::IsDataLoss(running_.Open(directory())));
  EXPECT_EQ(Opened()->format(), 1);
}

}  // namespace
}  // namespace vigie::engine
