// SPDX-License-Identifier: Apache-2.0
#include "outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace vigie::client {
namespace {

using testing::Eq;
using testing::Optional;

constexpr OutboxLimits kLimits{
    .max_events = 100, .max_bytes = 10'000, .max_batch_events = 4, .max_batch_bytes = 1'000};

void AddEvents(Outbox& outbox, int count) {
  for (int i = 0; i < count; ++i) {
    v1::Event event;
    event.set_event_id(absl::StrCat("e", i));
    const int64_t bytes = BytesInBatch(event);
    outbox.Add(std::move(event), bytes);
  }
}

TEST(Outbox, NumbersBatchesConsecutively) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 6);
  const auto first = outbox.TakeBatch();
  const auto second = outbox.TakeBatch();
  EXPECT_EQ(first->first_sequence(), 1);
  EXPECT_EQ(first->end_sequence(), 5);
  EXPECT_EQ(second->first_sequence(), 5);
  EXPECT_EQ(second->end_sequence(), 7);
  EXPECT_EQ(outbox.TakeBatch(), nullptr);
}

TEST(Outbox, FreesMemoryOnlyWhenAWholeBatchIsAcknowledged) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 4);
  (void)outbox.TakeBatch();
  EXPECT_EQ(outbox.Acknowledge(3), 3);
  EXPECT_EQ(outbox.buffered_events(), 4);
  EXPECT_EQ(outbox.Acknowledge(4), 1);
  EXPECT_TRUE(outbox.IsEmpty());
  EXPECT_EQ(outbox.buffered_bytes(), 0);
}

TEST(Outbox, IgnoresAnAcknowledgementOfWhatWasNeverSent) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 6);
  (void)outbox.TakeBatch();
  EXPECT_EQ(outbox.Acknowledge(1000), 4);
  EXPECT_EQ(outbox.buffered_events(), 2);
}

TEST(Outbox, SendsAgainFromWhereTheServerIs) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 6);
  (void)outbox.TakeBatch();
  (void)outbox.TakeBatch();
  const int64_t bytes = outbox.buffered_bytes();
  outbox.Rewind();
  EXPECT_EQ(outbox.buffered_bytes(), bytes);
  EXPECT_THAT(outbox.Resume(2), Optional(Eq(2)));
  const auto batch = outbox.TakeBatch();
  EXPECT_EQ(batch->first_sequence(), 3);
  EXPECT_EQ(batch->request.batch().events(0).event_id(), "e2");
  EXPECT_EQ(batch->request.batch().events_size(), 4);
}

TEST(Outbox, CountsASequenceAcknowledgedBeforeAReconnectOnce) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 4);
  (void)outbox.TakeBatch();
  EXPECT_EQ(outbox.Acknowledge(3), 3);
  outbox.Rewind();
  EXPECT_THAT(outbox.Resume(3), Optional(Eq(0)));
  EXPECT_EQ(outbox.buffered_events(), 1);
}

TEST(Outbox, NoticesThatTheServerLostWhatItAcknowledged) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 4);
  (void)outbox.TakeBatch();
  (void)outbox.Acknowledge(4);
  AddEvents(outbox, 1);
  EXPECT_EQ(outbox.Resume(0), std::nullopt);
  outbox.StartAnew();
  EXPECT_THAT(outbox.Resume(0), Optional(Eq(0)));
  EXPECT_EQ(outbox.TakeBatch()->first_sequence(), 1);
}

TEST(Outbox, SkipsWhatTheServerHasOfAnEarlierRun) {
  Outbox outbox(kLimits, 1);
  EXPECT_THAT(outbox.Resume(2), Optional(Eq(0)));
  v1::Event event;
  EXPECT_FALSE(outbox.Add(v1::Event(event), 5));
  EXPECT_FALSE(outbox.Add(v1::Event(event), 5));
  EXPECT_TRUE(outbox.Add(v1::Event(event), 5));
  EXPECT_EQ(outbox.TakeBatch()->first_sequence(), 3);
}

TEST(Outbox, EndsABatchAtAWatermark) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 2);
  outbox.SetWatermark(10);
  AddEvents(outbox, 1);
  const auto batch = outbox.TakeBatch();
  EXPECT_EQ(batch->request.batch().events_size(), 2);
  EXPECT_EQ(batch->request.batch().watermark_ms(), 10);
  EXPECT_FALSE(outbox.TakeBatch()->request.batch().has_watermark_ms());
}

TEST(Outbox, SendsALoneWatermarkOnlyWhenNothingIsInFlight) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 1);
  (void)outbox.TakeBatch();
  outbox.SetWatermark(10);
  EXPECT_FALSE(outbox.HasBatch());
  (void)outbox.Acknowledge(1);
  const auto batch = outbox.TakeBatch();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->request.batch().watermark_ms(), 10);
  EXPECT_FALSE(outbox.IsEmpty());
  EXPECT_EQ(outbox.Acknowledge(1), 0);
  EXPECT_TRUE(outbox.IsEmpty());
}

TEST(Outbox, RepeatsAWatermarkWhoseAnswerGotLost) {
  Outbox outbox(kLimits, 1);
  AddEvents(outbox, 1);
  outbox.SetWatermark(10);
  (void)outbox.TakeBatch();
  outbox.Rewind();
  EXPECT_THAT(outbox.Resume(1), Optional(Eq(1)));
  const auto batch = outbox.TakeBatch();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->request.batch().events_size(), 0);
  EXPECT_EQ(batch->request.batch().watermark_ms(), 10);
  EXPECT_EQ(batch->first_sequence(), 2);
}

TEST(Outbox, KeepsBatchesUnderTheirLimitOfBytes) {
  Outbox outbox(
      {.max_events = 100, .max_bytes = 10'000, .max_batch_events = 100, .max_batch_bytes = 200}, 1);
  AddEvents(outbox, 100);
  while (const auto batch = outbox.TakeBatch()) {
    EXPECT_LE(batch->request.ByteSizeLong(), 200u);
  }
}

}  // namespace
}  // namespace vigie::client
