// SPDX-License-Identifier: Apache-2.0
// A fold that is let go and loaded again goes on as if nothing had happened: the same log gives
// the same rows, wherever it was interrupted. Tells the stories of what a review found.
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "engine/actor_hours.h"
#include "engine/engine.h"
#include "engine/sequencer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/baseline_policy.h"
#include "support/fake_clock.h"
#include "support/fold_feed.h"
#include "support/memory_views.h"
#include "support/temporary_directory.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;

constexpr int64_t kMinuteMs = 60'000;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;

// The rows after a log, with the fold let go and loaded after the blocks named.
MemoryViews::Rows RowsAfter(const std::vector<std::pair<int64_t, std::string>>& blocks,
                            const std::function<bool(size_t)>& restart_after) {
  MemoryViews views;
  auto fold = std::make_unique<Fold>(&views, Fold::Options{});
  for (size_t i = 0; i < blocks.size(); ++i) {
    const absl::Status folded = FoldBlock(blocks[i].first, blocks[i].second, *fold);
    EXPECT_TRUE(folded.ok()) << folded;
    if (!restart_after(i)) continue;
    views.Apply(fold->TakeChanges());
    fold = std::make_unique<Fold>(&views, Fold::Options{});
    const absl::Status loaded = fold->Load();
    EXPECT_TRUE(loaded.ok()) << loaded;
  }
  views.Apply(fold->TakeChanges());
  return views.rows();
}

class Restart : public testing::Test {
 protected:
  Restart() {
    feed_.Declare("ehr");
    feed_.Declare("pacs");
  }
  void Expect() {
    const auto whole = RowsAfter(feed_.blocks(), [](size_t) { return false; });
    EXPECT_EQ(RowsAfter(feed_.blocks(), [](size_t) { return true; }), whole);
    for (size_t at = 0; at < feed_.blocks().size(); ++at) {
      ASSERT_EQ(RowsAfter(feed_.blocks(), [at](size_t i) { return i == at; }), whole)
          << "after block " << at << " of " << feed_.blocks().size();
    }
  }
  FoldFeed feed_;
};

// A review: live, the decision waited at the source that was behind; loaded, at its first one, so
// the other's watermark closed nothing and the event after it was judged instead of late.
TEST_F(Restart, ChangesNotWhenADecisionOfTwoSourcesCloses) {
  feed_.Offer(ShownAt("d", kMorningMs), "ehr");
  feed_.Offer(DecidedAt("d", kMorningMs + 1'000), "pacs");
  feed_.Watermark(kMorningMs + kHourMs, "ehr");
  feed_.Watermark(kMorningMs + kHourMs, "pacs");
  feed_.Offer(OpenedAt("d", kMorningMs + 500), "ehr");
  ASSERT_EQ(feed_.Find("d")->late_count, 1);
  Expect();
}

// A review: live, decisions closed by the time they were queued first; loaded, by their due time.
TEST_F(Restart, ChangesNotTheOrderInWhichDecisionsClose) {
  Event first = IssuedAt("x", kMorningMs);
  first.set_unit_id("unit-x");
  feed_.Offer(first);
  Event second = IssuedAt("y", kMorningMs + 5 * kHourMs);
  second.set_unit_id("unit-y");
  feed_.Offer(second);
  Event later = ShownAt("x", kMorningMs + 10 * kHourMs);
  later.set_unit_id("unit-x");
  feed_.Offer(later);
  feed_.Watermark(kMorningMs + 100 * kHourMs);
  Expect();
}

TEST_F(Restart, ChangesNothingOfWhatIsMeasured) {
  auto policy = BaselinePolicy();
  policy.set_version("2");
  policy.mutable_examination()->set_floor_ms(11 * kMinuteMs);
  policy.mutable_examination()->add_calibrations("spring");
  sv::Record calibration;
  calibration.mutable_calibration()->set_organisation_id("hospital");
  calibration.mutable_calibration()->mutable_baseline()->set_calibration_id("spring");
  calibration.mutable_calibration()->mutable_baseline()->set_decision_kind("triage");
  calibration.mutable_calibration()->mutable_baseline()->set_median_ms(2 * kMinuteMs);
  feed_.Append(calibration);
  feed_.Activate(policy);
  ProbeManifest manifest;
  ProbeItem* item = manifest.add_items();
  item->set_decision_id("seeded");
  item->add_truth()->set_code("B");
  sv::Record committed;
  committed.mutable_probe_plan_committed()->set_organisation_id("hospital");
  committed.mutable_probe_plan_committed()->mutable_plan()->set_plan_id("plan");
  committed.mutable_probe_plan_committed()->mutable_plan()->set_system_id("sepsis");
  committed.mutable_probe_plan_committed()->set_manifest(manifest.SerializeAsString());
  feed_.Append(committed);
  sv::Record handed_out;
  handed_out.mutable_probe_handed_out()->set_organisation_id("hospital");
  handed_out.mutable_probe_handed_out()->set_plan_id("plan");
  feed_.Append(handed_out);
  feed_.WholeDecision("seeded", kMorningMs);
  for (int i = 0; i < 24; ++i) {
    feed_.SetNow(kMorningMs + i * 5 * kMinuteMs);
    const std::string id = absl::StrCat("d-", i);
    Event decided = DecidedAt(id, feed_.now_ms() + kMinuteMs);
    decided.mutable_actor()->set_pseudonym(std::string(16, static_cast<char>('a' + i % 2)));
    feed_.Offer(ShownAt(id, feed_.now_ms()));
    if (i % 3 == 0) feed_.Offer(OpenedAt(id, feed_.now_ms() + 1'000), "pacs");
    feed_.Offer(decided);
    feed_.Watermark(feed_.now_ms() + kHourMs);
    if (i % 4 == 0) feed_.Watermark(feed_.now_ms() + kHourMs, "pacs");
    if (i % 5 == 0) feed_.Offer(TruthAt(id, feed_.now_ms() + kHourMs, "B"));
  }
  sv::Record drawn;
  drawn.mutable_audit_drawn()->set_organisation_id("hospital");
  drawn.mutable_audit_drawn()->mutable_draw()->set_draw_id("draw-1");
  drawn.mutable_audit_drawn()->mutable_draw()->add_strata()->set_sample_count(1);
  drawn.mutable_audit_drawn()->add_samples()->add_decision_ids("d-1");
  feed_.Append(drawn);
  Event answer = TruthAt("d-1", feed_.now_ms(), "B", TRUTH_ORIGIN_DRAWN_AUDIT);
  answer.mutable_truth_established()->set_origin_id("draw-1");
  feed_.Offer(answer);
  feed_.Tick(feed_.now_ms() + 20 * kDayMs);
  ASSERT_EQ(feed_.Find("d-1")->truth->key.origin_id, "draw-1");
  ASSERT_EQ(feed_.Find("seeded")->plan, 1);
  ASSERT_GT(feed_.OrganisationTally()->overfull_hours, 0);
  Expect();
}

// A review: a test source's decisions filled the hours of people's real ones.
TEST_F(Restart, DecisionsOfTestSourcesFillNoHoursL11) {
  auto policy = BaselinePolicy();
  policy.set_version("2");
  policy.mutable_examination()->set_floor_ms(40 * kMinuteMs);
  feed_.Activate(policy);
  feed_.Declare("trial", ENVIRONMENT_TEST);
  for (const char* source : {"trial", "ehr"}) {
    Event decided = DecidedAt(absl::StrCat("d-", source), kMorningMs);
    decided.mutable_actor()->set_pseudonym(std::string(16, 'a'));
    feed_.Offer(decided, source);
    feed_.Watermark(kMorningMs + kHourMs, source);
  }
  EXPECT_EQ(feed_.OrganisationTally()->workload.successes, 1);
  EXPECT_EQ(feed_.OrganisationTally()->overfull_hours, 0);
}

// The simulation: a turn that wrote nothing dropped what had grown old, and its time stayed in the
// fold when the clock was set back; the log knew neither.
TEST_F(Restart, ATurnThatWroteNothingChangesNothing) {
  Event evidence = AnEvent("d", "evidence", kMorningMs);
  evidence.mutable_evidence_opened()->set_kind(EVIDENCE_KIND_RECORD);
  evidence.mutable_evidence_opened()->set_origin(EVIDENCE_ORIGIN_INDEPENDENT);
  evidence.mutable_evidence_opened()->set_batch_id("round");
  feed_.Offer(evidence);
  const size_t blocks = feed_.blocks().size();
  feed_.Tick(kMorningMs + 5 * kDayMs);
  ASSERT_EQ(feed_.blocks().size(), blocks);
  feed_.SetNow(kMorningMs + kDayMs);
  feed_.Offer(OpenedAt("d", kMorningMs));
  EXPECT_EQ(RowsOf(feed_.fold()), RowsAfter(feed_.blocks(), [](size_t) { return false; }));
}

// A review: a truth left out because its day was final was taken back from the day under a policy
// with a longer grace, and a cell went below zero.
TEST_F(Restart, AReplacedTruthIsTakenBackOnlyFromPeriodsThatHadItN3) {
  feed_.WholeDecision("d", kMorningMs);
  feed_.SetNow(kMorningMs + 20 * kDayMs);
  feed_.Offer(TruthAt("d", kMorningMs + kDayMs, "B"));
  auto longer = BaselinePolicy();
  longer.set_version("2");
  longer.mutable_closing()->set_period_grace_ms(60 * kDayMs);
  feed_.Activate(longer);
  feed_.Offer(TruthAt("d", kMorningMs + 2 * kDayMs, "A"));
  absl::TimeZone paris;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Paris", &paris));
  const decision::ScopeKey scope = {.organisation = feed_.fold().names().Find("hospital")};
  const auto day = decision::PeriodsOf(kMorningMs, paris)[1];
  const auto* tally = feed_.fold().FindTally({.epoch = 1, .scope = scope, .period = day});
  ASSERT_NE(tally, nullptr);
  for (const auto& origin : tally->origins) {
    for (const auto& row : origin.cells) {
      for (const int64_t cell : row) EXPECT_GE(cell, 0);
    }
  }
}

// A review: in a zone that is off by half an hour one UTC hour lies in two days, and what was
// counted on both was taken back from the first.
TEST(ActorHoursI5, AnHourOverMidnightIsKeptByDay) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Kolkata", &zone));
  ActorHours hours;
  const decision::Pseudonym actor = {1};
  const int64_t before_midnight = 1'772'560'800'000;  // 2026-03-03T18:00:00Z, 23:30 there.
  const auto at = [&](int64_t time_ms) {
    return hours.Add(actor, {.scope = {.organisation = 1}, .epoch = 1, .decisive_at_ms = time_ms},
                     25 * kMinuteMs, time_ms, zone);
  };
  at(before_midnight);
  at(before_midnight + 40 * kMinuteMs);
  const auto third = at(before_midnight + 50 * kMinuteMs);
  ASSERT_TRUE(third.has_value());
  EXPECT_TRUE(third->became_overfull);
  ASSERT_EQ(third->others.size(), 2U);
  EXPECT_EQ(third->others[0].count, 1);
  EXPECT_EQ(third->others[1].count, 1);
}

// A review: when a turn could not begin, whoever waited for it waited for ever.
TEST(SequencerFailure, ATurnThatCannotBeginAnswersItsCallers) {
  TemporaryDirectory directory;
  auto store = store::Store::Open({.directory = directory.path(), .block_cache_bytes = 1 << 20});
  ASSERT_TRUE(store.ok()) << store.status();
  MemoryViews views;
  FoldFeed feed;
  feed.Declare("ehr");
  feed.Offer(ShownAt("d", kMorningMs));
  feed.Offer(DecidedAt("d", kMorningMs));
  Fold fold(&views, {});
  for (const auto& [position, bytes] : feed.blocks()) {
    ASSERT_TRUE(FoldBlock(position, bytes, fold).ok());
  }
  views.Break();
  Published published;
  const FakeClock clock(kMorningMs + kHourMs);  // The decision is due.
  absl::Notification fatal;
  Sequencer sequencer(&fold, store->get(), &published, &clock,
                      {.on_fatal = [&](const absl::Status&) { fatal.Notify(); }});
  absl::Notification answered;
  absl::Status answer;
  const Command ask = [&](Turn& turn) -> absl::Status {
    turn.AfterDurable([&](const absl::Status& status) {
      answer = status;
      answered.Notify();
    });
    return absl::OkStatus();
  };
  ASSERT_TRUE(sequencer.TryPush(ask).ok());
  sequencer.Start();
  fatal.WaitForNotification();
  answered.WaitForNotification();
  EXPECT_EQ(answer.code(), absl::StatusCode::kUnavailable);
  sequencer.Stop();
}

}  // namespace
}  // namespace vigie::engine
