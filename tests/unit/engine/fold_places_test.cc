// SPDX-License-Identifier: Apache-2.0
// Decisions of one place and day are counted together and told to their tallies later: nobody can
// see when.
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "engine/fold.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/baseline_policy.h"
#include "support/fold_feed.h"
#include "support/memory_views.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;

Event DecidedIn(const std::string& unit, const std::string& id, int64_t at_ms) {
  Event decided = DecidedAt(id, at_ms);
  decided.set_unit_id(unit);
  return decided;
}

// Three days in three units, with truths, late events and what comes after a day is final.
void FeedThreeDays(FoldFeed& feed, const std::function<void()>& after_each) {
  feed.Declare("ehr");
  for (int i = 0; i < 60; ++i) {
    const std::string id = absl::StrCat("d", i);
    const int64_t at_ms = kMorningMs + i * kHourMs;
    feed.SetNow(at_ms);
    feed.Offer(DecidedIn(absl::StrCat("ward-", i % 3), id, at_ms));
    if (i % 4 == 0) feed.Watermark(at_ms + 2 * kHourMs);
    after_each();
    if (i % 5 == 0) feed.Offer(TruthAt(id, at_ms + 1, i % 2 == 0 ? "A" : "B"));
    if (i % 7 == 0) feed.Offer(OpenedAt(id, at_ms + 1'000));
    after_each();
  }
  feed.SetNow(kMorningMs + 20 * kDayMs);
  feed.Offer(DecidedIn("ward-0", "late", kMorningMs));
  feed.Watermark(kMorningMs + 21 * kDayMs);
  after_each();
}

TEST(FoldPlaces, TalliesAreTheSameWhetherOrNotSomebodyLooksInBetween) {
  FoldFeed unseen;
  FeedThreeDays(unseen, [] {});
  FoldFeed seen;
  FeedThreeDays(seen, [&] { static_cast<void>(seen.OrganisationTally()); });
  ASSERT_GT(seen.OrganisationTally()->closed, 50);
  EXPECT_EQ(RowsOf(unseen.fold()), RowsOf(seen.fold()));
}

TEST(FoldPlaces, WhoeverLooksSeesEveryDecisionThatClosed) {
  FoldFeed feed;
  feed.Declare("ehr");
  for (int i = 1; i <= 5; ++i) {
    feed.WholeDecision(absl::StrCat("d", i), kMorningMs + i * kHourMs);
    EXPECT_EQ(feed.OrganisationTally()->closed, i);
    EXPECT_EQ(feed.OrganisationTally()->changed_at, feed.fold().cursor().position());
  }
  feed.WholeDecision("d6", kMorningMs + 6 * kHourMs);
  EXPECT_EQ(feed.fold().TakeTouchedTallies().size(), feed.fold().scopes().size() * 4);
  EXPECT_TRUE(feed.fold().TakeTouchedTallies().empty());
}

// More of them than are counted together.
TEST(FoldPlaces, AnyNumberOfPlacesIsCounted) {
  constexpr int kUnits = 5'000;
  FoldFeed feed({.max_scopes = 3 * kUnits});
  feed.Declare("ehr");
  for (int i = 0; i < kUnits; ++i) {
    feed.Offer(DecidedIn(absl::StrCat("ward-", i), absl::StrCat("d", i), kMorningMs));
  }
  feed.Watermark(kMorningMs + 8 * kHourMs);
  const Fold::Flush flush = feed.fold().BeginFlush();
  int64_t closed_in_units = 0;
  for (const auto& [id, tally] : flush.tallies) {
    const bool counts = id.scope.unit != 0 && id.scope.system == 0 && id.period.first_day == 0;
    if (counts) closed_in_units += tally->closed;
  }
  EXPECT_EQ(closed_in_units, kUnits);
  EXPECT_EQ(feed.OrganisationTally()->closed, kUnits);
}

// One copy is enough of what both look at.
TEST(FoldPlaces, AFlushWritesTheCopiesThatWerePublished) {
  FoldFeed feed;
  feed.Declare("ehr");
  feed.WholeDecision("d1", kMorningMs);
  const auto published = feed.fold().TakeTouchedTallies();
  Fold::Flush flush = feed.fold().BeginFlush();
  EXPECT_FALSE(published.empty());
  EXPECT_EQ(flush.tallies, published);
  feed.WholeDecision("d2", kMorningMs + kHourMs);
  EXPECT_EQ(feed.OrganisationTally()->closed, 2);
  for (const auto& [id, tally] : published) EXPECT_EQ(tally->closed, 1);
  for (const auto& [id, tally] : feed.fold().TakeTouchedTallies()) EXPECT_EQ(tally->closed, 2);
}

// A day that is over leaves memory one flush after it was written, unless something was counted
// there meanwhile.
TEST(FoldPlaces, ADayThatLeavesMemoryTakesAlongWhatWasCountedSince) {
  const auto whole = [](bool flushed) {
    FoldFeed feed;
    auto policy = BaselinePolicy();
    policy.set_version("2");
    policy.mutable_closing()->set_period_grace_ms(60 * kDayMs);
    feed.Activate(policy);
    feed.Declare("ehr");
    feed.SetNow(kMorningMs + 20 * kDayMs);
    feed.Offer(DecidedAt("first", kMorningMs));
    feed.Offer(DecidedAt("second", kMorningMs + 4 * kHourMs));
    feed.Watermark(kMorningMs + 3 * kHourMs);
    MemoryViews views;
    if (flushed) {
      Fold::Flush flush = feed.fold().BeginFlush();
      feed.Watermark(kMorningMs + 8 * kHourMs);
      Fold::AddRows(flush);
      views.ApplyRows(flush.Rows());
      feed.fold().EndFlush(std::move(flush));
      EXPECT_TRUE(feed.fold().TakeDroppedTallies().empty());
    } else {
      feed.Watermark(kMorningMs + 8 * kHourMs);
    }
    views.Apply(feed.fold().TakeChanges());
    EXPECT_TRUE(feed.fold().TakeDroppedTallies().empty());
    views.Apply(feed.fold().TakeChanges());
    EXPECT_FALSE(feed.fold().TakeDroppedTallies().empty());
    return views.rows();
  };
  EXPECT_EQ(whole(true), whole(false));
}

}  // namespace
}  // namespace vigie::engine
