// SPDX-License-Identifier: Apache-2.0
// The fold over nothing but its log: rules L1, L4, L5, L9, L10, L11, N3, V6 and R8 across
// decisions.
#include "engine/fold.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/codec.h"
#include "engine/engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/baseline_policy.h"
#include "support/fold_feed.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;

constexpr int64_t kSettleMs = 120'000;
constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;

class FoldTest : public testing::Test {
 protected:
  FoldTest() { feed_.Declare("ehr"); }
  [[nodiscard]] Stage StageOf(const std::string& id) { return feed_.Find(id)->stage; }
  FoldFeed feed_;
};

TEST_F(FoldTest, WhatComesBeforeAnOpeningWaitsAsPendingL1) {
  feed_.Offer(OpenedAt("d", kMorningMs));
  EXPECT_EQ(StageOf("d"), Stage::kPending);
  feed_.Offer(DecidedAt("d", kMorningMs + 5'000));
  EXPECT_EQ(StageOf("d"), Stage::kOpen);
  feed_.Watermark(kMorningMs + kHourMs);
  ASSERT_EQ(StageOf("d"), Stage::kClosed);
  EXPECT_EQ(feed_.Find("d")->finding.degree, DEGREE_CONCRETE);
}

TEST_F(FoldTest, WhatNeverOpensLeavesNoTraceInTalliesL1) {
  feed_.Offer(OpenedAt("d", kMorningMs));
  feed_.Tick(kMorningMs + 400 * kDayMs);
  EXPECT_EQ(StageOf("d"), Stage::kClosed);
  EXPECT_EQ(feed_.OrganisationTally(), nullptr);
}

TEST_F(FoldTest, ClosesBySettleDelayOfRecordedTimeL4) {
  feed_.Offer(ShownAt("d", kMorningMs));
  feed_.Offer(DecidedAt("d", kMorningMs));
  feed_.Tick(kMorningMs + kSettleMs - 1);
  EXPECT_EQ(StageOf("d"), Stage::kOpen);
  feed_.Tick(kMorningMs + kSettleMs);
  EXPECT_EQ(StageOf("d"), Stage::kClosed);
}

TEST_F(FoldTest, ClosesByWatermarkAtActAndSettleDelayL4) {
  feed_.Offer(ShownAt("d", kMorningMs));
  feed_.Offer(DecidedAt("d", kMorningMs + 1'000));
  feed_.Watermark(kMorningMs + 1'000 + kSettleMs - 1);
  EXPECT_EQ(StageOf("d"), Stage::kOpen);
  feed_.Watermark(kMorningMs + 1'000 + kSettleMs);
  EXPECT_EQ(StageOf("d"), Stage::kClosed);
}

// They waited for the time at which they would have expired, and at their source for ever: memory
// grew with every decision that closed.
TEST_F(FoldTest, ClosedDecisionsOfASourceWithoutWatermarksWaitForNothing) {
  constexpr int kDecisions = 9'000;
  for (int i = 0; i < kDecisions; ++i) {
    const std::string id = "d-" + std::to_string(i);
    feed_.Offer(ShownAt(id, feed_.now_ms()));
    feed_.Offer(DecidedAt(id, feed_.now_ms()));
    if (i % 100 == 99) feed_.Tick(feed_.now_ms() + kSettleMs);
  }
  EXPECT_EQ(feed_.fold().open_count(), 0U);
  EXPECT_LT(feed_.fold().waiting_count(), size_t{kDecisions});
}

TEST_F(FoldTest, WaitsForTheWatermarkOfEverySourceL4) {
  feed_.Declare("pacs");
  feed_.Offer(ShownAt("d", kMorningMs), "pacs");
  feed_.Offer(DecidedAt("d", kMorningMs), "ehr");
  feed_.Watermark(kMorningMs + kHourMs, "ehr");
  EXPECT_EQ(StageOf("d"), Stage::kOpen);
  feed_.Watermark(kMorningMs + kHourMs, "pacs");
  EXPECT_EQ(StageOf("d"), Stage::kClosed);
}

TEST_F(FoldTest, ExpiresWithoutAnActL4) {
  feed_.Offer(ShownAt("d", kMorningMs));
  feed_.Tick(kMorningMs + 3 * kDayMs - 1);
  EXPECT_EQ(StageOf("d"), Stage::kOpen);
  feed_.Tick(kMorningMs + 3 * kDayMs);
  ASSERT_EQ(StageOf("d"), Stage::kClosed);
  EXPECT_THAT(feed_.Find("d")->finding.reasons, testing::ElementsAre(REASON_NO_DECISION));
}

TEST_F(FoldTest, AVoidedActStartsNoClosingL4) {
  feed_.Offer(ShownAt("d", kMorningMs));
  feed_.Offer(DecidedAt("d", kMorningMs));
  Event voided = AnEvent("d", "voided", kMorningMs + 1);
  voided.mutable_voided()->set_voided_event_id("d/decided");
  feed_.Offer(voided);
  feed_.Tick(kMorningMs + kSettleMs);
  EXPECT_EQ(StageOf("d"), Stage::kOpen);
}

TEST_F(FoldTest, EventsAfterCloseAreCountedAndChangeNothingElseL5) {
  feed_.WholeDecision("d", kMorningMs);
  const auto before = *feed_.OrganisationTally();
  feed_.Offer(DecidedAt("d", kMorningMs + 90'000, "B", DECISION_OUTCOME_OVERRIDDEN));  // Refused.
  Event late = AnEvent("d", "late", kMorningMs + 3'000);
  late.mutable_evidence_opened()->set_kind(EVIDENCE_KIND_RECORD);
  EXPECT_EQ(feed_.Offer(late).fate, EVENT_FATE_RECORDED);
  const auto& after = *feed_.OrganisationTally();
  EXPECT_EQ(after.late_event, 1);
  EXPECT_EQ(feed_.Find("d")->late_count, 1);
  EXPECT_EQ(after.closed, before.closed);
  EXPECT_EQ(after.reasons, before.reasons);
  EXPECT_EQ(feed_.Find("d")->finding.degree, DEGREE_CONCRETE);
}

TEST_F(FoldTest, RecourseAfterCloseIsNotLateL5) {
  feed_.WholeDecision("d", kMorningMs);
  Event reversed = AnEvent("d", "reversed", kMorningMs + kDayMs);
  reversed.mutable_reversed();
  feed_.Offer(reversed);
  EXPECT_EQ(feed_.OrganisationTally()->late_event, 0);
}

TEST_F(FoldTest, TheSameEventIsADuplicateWhileOpenAndAfterCloseL9) {
  feed_.Offer(ShownAt("d", kMorningMs));
  EXPECT_EQ(feed_.Offer(ShownAt("d", kMorningMs)).fate, EVENT_FATE_DUPLICATE);
  EXPECT_EQ(feed_.Offer(ShownAt("d", kMorningMs), "other-door").fate, EVENT_FATE_DUPLICATE);
  feed_.WholeDecision("d", kMorningMs - 1'000);
  EXPECT_EQ(StageOf("d"), Stage::kClosed);
  EXPECT_EQ(feed_.Offer(ShownAt("d", kMorningMs)).fate, EVENT_FATE_DUPLICATE);
}

TEST_F(FoldTest, TheSameEventSentLaterIsStillADuplicateL9) {
  Event event = ShownAt("d", kMorningMs);
  event.set_sent_at_ms(kMorningMs);
  feed_.Offer(event);
  event.set_sent_at_ms(kMorningMs + 1);
  EXPECT_EQ(feed_.Offer(event).fate, EVENT_FATE_DUPLICATE);
}

TEST_F(FoldTest, TheSameIdWithOtherContentIsRefusedL9) {
  feed_.Offer(ShownAt("d", kMorningMs));
  const Offer open = feed_.Offer(ShownAt("d", kMorningMs + 1));
  EXPECT_EQ(open.fate, EVENT_FATE_REFUSED);
  EXPECT_EQ(open.refusal->violation.reason(), REFUSAL_REASON_CONTENT_CHANGED);
  EXPECT_EQ(open.refusal->code, absl::StatusCode::kAlreadyExists);
  feed_.WholeDecision("e", kMorningMs);
  EXPECT_EQ(feed_.Offer(ShownAt("e", kMorningMs)).refusal->violation.reason(),
            REFUSAL_REASON_CONTENT_CHANGED);
}

TEST_F(FoldTest, EventsThatDisagreeOnTheSystemAreRefusedL10) {
  feed_.Offer(ShownAt("d", kMorningMs));
  Event other = OpenedAt("d", kMorningMs);
  other.set_system_id("stroke");
  const Offer offer = feed_.Offer(other);
  EXPECT_EQ(offer.fate, EVENT_FATE_REFUSED);
  EXPECT_EQ(offer.refusal->violation.field(), "system_id");
  EXPECT_EQ(offer.refusal->code, absl::StatusCode::kFailedPrecondition);
}

TEST_F(FoldTest, EventsThatDisagreeOnTheKindAreRefusedL10) {
  Event shown = ShownAt("d", kMorningMs);
  shown.set_decision_kind("triage");
  feed_.Offer(shown);
  Event other = OpenedAt("d", kMorningMs);
  EXPECT_EQ(feed_.Offer(other).fate, EVENT_FATE_RECORDED);
  other = DecidedAt("d", kMorningMs);
  other.set_decision_kind("diagnosis");
  EXPECT_EQ(feed_.Offer(other).refusal->violation.field(), "decision_kind");
}

TEST_F(FoldTest, WhatComesAfterAPeriodIsFinalCountsAsPeriodLateL10) {
  feed_.SetNow(kMorningMs + 10 * kDayMs);
  feed_.WholeDecision("d", kMorningMs);
  const decision::ScopeKey scope = {.organisation = feed_.fold().names().Find("hospital")};
  absl::TimeZone paris;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Paris", &paris));
  const auto periods = decision::PeriodsOf(kMorningMs, paris);
  const auto* day = feed_.fold().FindTally({.epoch = 1, .scope = scope, .period = periods[1]});
  ASSERT_NE(day, nullptr);
  EXPECT_EQ(day->period_late, 1);
  EXPECT_EQ(day->closed, 0);
  EXPECT_EQ(feed_.OrganisationTally()->closed, 1);
  const auto* month = feed_.fold().FindTally({.epoch = 1, .scope = scope, .period = periods[3]});
  EXPECT_EQ(month->closed, 1);
}

TEST_F(FoldTest, TestSourcesCountApartL11) {
  feed_.Declare("trial", ENVIRONMENT_TEST);
  feed_.Offer(ShownAt("d", kMorningMs), "trial");
  feed_.Offer(DecidedAt("d", kMorningMs), "trial");
  feed_.Watermark(kMorningMs + kHourMs, "trial");
  EXPECT_EQ(feed_.OrganisationTally(), nullptr);
  ASSERT_NE(feed_.OrganisationTally(true), nullptr);
  EXPECT_EQ(feed_.OrganisationTally(true)->closed, 1);
}

TEST_F(FoldTest, EvidenceOfABatchCountsForItsOtherDecisionsR8) {
  Event evidence = AnEvent("d1", "evidence", kMorningMs + 2'000);
  evidence.mutable_evidence_opened()->set_kind(EVIDENCE_KIND_RECORD);
  evidence.mutable_evidence_opened()->set_origin(EVIDENCE_ORIGIN_INDEPENDENT);
  evidence.mutable_evidence_opened()->set_batch_id("morning");
  feed_.Offer(ShownAt("d1", kMorningMs));
  feed_.Offer(evidence);
  for (const std::string batch : {"morning", "evening"}) {
    feed_.Offer(ShownAt(batch, kMorningMs));
    Event decided = DecidedAt(batch, kMorningMs + 9'000);
    decided.mutable_decided()->set_batch_id(batch);
    decided.mutable_decided()->set_batch_item_count(20);
    feed_.Offer(decided);
  }
  feed_.Watermark(kMorningMs + kHourMs);
  EXPECT_THAT(feed_.Find("morning")->finding.reasons,
              testing::Not(testing::Contains(REASON_BATCH_WITHOUT_EVIDENCE)));
  EXPECT_THAT(feed_.Find("evening")->finding.reasons,
              testing::Contains(REASON_BATCH_WITHOUT_EVIDENCE));
}

TEST_F(FoldTest, TruthCountsWhetherItComesBeforeOrAfterCloseN3) {
  feed_.Offer(TruthAt("d", kMorningMs + 5'000, "B"));
  feed_.WholeDecision("d", kMorningMs);
  feed_.WholeDecision("e", kMorningMs);
  feed_.Offer(TruthAt("e", kMorningMs + kDayMs, "B"));
  const auto& tally = *feed_.OrganisationTally();
  ASSERT_EQ(tally.origins.size(), 1U);
  EXPECT_EQ(tally.origins[0].Vigilance().trials, 2);
  EXPECT_EQ(tally.origins[0].Vigilance().successes, 0);
  EXPECT_EQ(tally.truth_revised, 0);
}

TEST_F(FoldTest, ARevisedTruthTakesTheOldTrialBackN3) {
  feed_.WholeDecision("d", kMorningMs);
  feed_.Offer(TruthAt("d", kMorningMs + kDayMs, "B"));
  feed_.Offer(TruthAt("d", kMorningMs + 2 * kDayMs, "A"));
  const auto& tally = *feed_.OrganisationTally();
  EXPECT_EQ(tally.origins.at(0).Vigilance().trials, 0);
  EXPECT_EQ(tally.truth_revised, 1);
}

TEST_F(FoldTest, TruthOfAnUncountedOriginIsOnlyCountedN2) {
  feed_.WholeDecision("d", kMorningMs);
  feed_.Offer(TruthAt("d", kMorningMs + kDayMs, "B", TRUTH_ORIGIN_OPPORTUNISTIC));
  feed_.Offer(TruthAt("d", kMorningMs + kDayMs, "B", TRUTH_ORIGIN_SEEDED));
  EXPECT_TRUE(feed_.OrganisationTally()->origins.empty());
}

TEST_F(FoldTest, ANewPolicyBeginsAtNothingV6) {
  feed_.WholeDecision("d", kMorningMs);
  auto policy = BaselinePolicy();
  policy.set_version("2");
  feed_.Offer(ShownAt("e", kMorningMs));
  feed_.Activate(policy);
  EXPECT_EQ(feed_.OrganisationTally(), nullptr);
  feed_.WholeDecision("e", kMorningMs - 1'000);
  ASSERT_NE(feed_.OrganisationTally(), nullptr);
  EXPECT_EQ(feed_.OrganisationTally()->closed, 1);
  EXPECT_EQ(feed_.Find("e")->epoch, 2);
  EXPECT_EQ(feed_.Find("d")->epoch, 1);
}

TEST(FoldScopes, BeyondTheLimitFoldIntoOther) {
  FoldFeed feed({.max_scopes = 4});  // Organisation, system, unit, system x unit.
  feed.Declare("ehr");
  feed.WholeDecision("d", kMorningMs);
  EXPECT_EQ(feed.fold().cursor().scope_overflow_count(), 0);
  for (const std::string id : {"e", "f"}) {
    Event decided = DecidedAt(id, kMorningMs);
    decided.set_unit_id("ward-" + id);
    feed.Offer(decided);
  }
  feed.Watermark(kMorningMs + 2 * kHourMs);
  EXPECT_EQ(feed.OrganisationTally()->closed, 3);
  const auto& names = feed.fold().names();
  const auto* other = feed.fold().FindTally(
      {.epoch = 1,
       .scope = {.organisation = names.Find("hospital"), .unit = names.Find("_other")},
       .period = {}});
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(other->closed, 2);
  EXPECT_GT(feed.fold().cursor().scope_overflow_count(), 0);
}

// The log alone gives the same rows, byte by byte.
TEST_F(FoldTest, WhatChangesWhileAFlushIsUnderWayIsWrittenAsItWasAndThenAsItIs) {
  feed_.Offer(ShownAt("stays", kMorningMs));
  feed_.Offer(ShownAt("closes", kMorningMs));
  feed_.Offer(ShownAt("grows", kMorningMs));
  feed_.WholeDecision("closed", kMorningMs - kDayMs);
  Fold::Flush flush = feed_.fold().BeginFlush();
  feed_.Offer(DecidedAt("closes", kMorningMs + 1'000));
  feed_.Offer(OpenedAt("grows", kMorningMs + 1'000));
  feed_.Offer(TruthAt("closed", kMorningMs + 1'000, "A"));
  feed_.Tick(feed_.now_ms() + kSettleMs);
  ASSERT_EQ(StageOf("closes"), Stage::kClosed);

  Fold::AddRows(flush);
  std::map<std::string, DecisionState> written;
  for (const store::ViewRow& row : flush.Rows()) {
    if (row.family != store::Family::kDecisions) continue;
    DecisionState state = *DecodeDecision(row.key, *row.value);
    const std::string id = state.id;
    written[id] = std::move(state);
  }
  EXPECT_EQ(written.at("closes").stage, Stage::kOpen);
  EXPECT_EQ(written.at("grows").facts.size(), 1U);
  EXPECT_TRUE(written.at("closed").afterwards.empty());
  feed_.fold().EndFlush(std::move(flush));

  const auto rows = RowsOf(feed_.fold());
  EXPECT_EQ(feed_.fold().open_count(), 2U);
  const auto key = [](std::string_view id) {
    return std::pair(static_cast<int>(store::Family::kDecisions),
                     store::DecisionKey(1, store::IdSpace::kDecision, id));
  };
  EXPECT_EQ(rows.count(key("stays")), 0U) << "nothing of it changed since";
  EXPECT_EQ(DecodeDecision(key("closes").second, rows.at(key("closes")))->stage, Stage::kClosed);
  EXPECT_EQ(DecodeDecision(key("grows").second, rows.at(key("grows")))->facts.size(), 2U);
  EXPECT_EQ(DecodeDecision(key("closed").second, rows.at(key("closed")))->afterwards.size(), 1U);
}

TEST_F(FoldTest, ReadAgainFromTheLogGivesTheSameRows) {
  feed_.Declare("trial", ENVIRONMENT_TEST);
  for (int i = 0; i < 40; ++i) {
    const std::string id = "d" + std::to_string(i);
    feed_.SetNow(kMorningMs + i * kHourMs);
    feed_.WholeDecision(id, feed_.now_ms());
    if (i % 3 == 0) feed_.Offer(TruthAt(id, feed_.now_ms() + 1, i % 2 == 0 ? "A" : "B"));
    if (i % 4 == 0) feed_.Offer(OpenedAt(id + "-pending", feed_.now_ms()));
    if (i % 5 == 0) feed_.Offer(ShownAt(id + "-trial", feed_.now_ms()), "trial");
    if (i % 7 == 0) feed_.Offer(ShownAt(id, feed_.now_ms() + 1'000));
  }
  feed_.Tick(feed_.now_ms() + 4 * kDayMs);
  NoViews nothing;
  Fold again(&nothing, {});
  for (const auto& [position, bytes] : feed_.blocks()) {
    ASSERT_TRUE(FoldBlock(position, bytes, again).ok());
  }
  EXPECT_EQ(RowsOf(again), RowsOf(feed_.fold()));
}

TEST_F(FoldTest, ABlockThatDoesNotFollowIsRefused) {
  feed_.WholeDecision("d", kMorningMs);
  NoViews nothing;
  Fold again(&nothing, {});
  const auto& second = feed_.blocks().at(1);
  EXPECT_TRUE(absl::IsDataLoss(FoldBlock(second.first, second.second, again)));
}

}  // namespace
}  // namespace vigie::engine
