// SPDX-License-Identifier: Apache-2.0
// kill -9 under load: what was acknowledged is there, once.
#include <thread>

#include "grpc/scene.h"

namespace vigie::testing {
namespace {

constexpr int kBatches = 400;
constexpr int kBatchEvents = 50;
constexpr int kKilledAfter = 60;  // Batches acknowledged.

class KilledDaemon : public DaemonTest {
 protected:
  // Sends until the daemon is killed; the last acknowledged sequence.
  int64_t SendUntilKilled(const std::string& source_id, int first_decision) {
    Stream stream(ingest(), source_id);
    EXPECT_TRUE(stream.Started().has_value());
    std::thread sender([&] {
      for (int batch = 0; batch < kBatches; ++batch) {
        const int first = batch * kBatchEvents;
        if (!stream.Send(first + 1, DecidedEvents(first_decision + first, kBatchEvents))) return;
      }
    });
    int64_t acknowledged_sequence = 0;
    for (int batch = 1;; ++batch) {
      const auto acknowledged = stream.Acknowledged();
      if (!acknowledged.has_value()) break;
      acknowledged_sequence = acknowledged->durable_sequence();
      if (batch == kKilledAfter) daemon().Kill();
    }
    sender.join();
    EXPECT_FALSE(stream.Finish().status.ok());
    return acknowledged_sequence;
  }
};

TEST_F(KilledDaemon, HoldsEveryAcknowledgedEventOnce) {
  const int64_t acknowledged = SendUntilKilled("ehr-1", 1);
  ASSERT_GE(acknowledged, kKilledAfter * kBatchEvents);
  ASSERT_LT(acknowledged, kBatches * kBatchEvents) << "killed too late to prove anything";
  Restart();

  int64_t durable = 0;
  {
    Stream stream(ingest(), "ehr-1");
    const auto answer = stream.Started();
    ASSERT_TRUE(answer.has_value());
    durable = answer->durable_sequence();
    EXPECT_GE(durable, acknowledged);
  }
  const v1::SourceState source = Source("ehr-1");
  ASSERT_EQ(source.delivered_size(), 1);
  EXPECT_EQ(source.delivered(0).count(), durable);

  // A source that lost its place sends everything again: what was there is found, nothing doubles.
  v1::StreamStarted started;
  const auto again = OpenWhenFree(ingest(), "ehr-1", kOtherRun, &started);
  ASSERT_NE(again, nullptr);
  int64_t duplicates = 0;
  for (int batch = 0; batch < kBatches; ++batch) {
    const int first = batch * kBatchEvents;
    again->Send(first + 1, DecidedEvents(1 + first, kBatchEvents));
    const auto answer = again->Acknowledged();
    ASSERT_TRUE(answer.has_value());
    for (const v1::EventResult& result : answer->results()) {
      ASSERT_EQ(result.fate(), v1::EVENT_FATE_DUPLICATE);
      EXPECT_LE(result.sequence(), durable);
      ++duplicates;
    }
  }
  EXPECT_EQ(duplicates, durable);
  EXPECT_EQ(Source("ehr-1").delivered(0).count(), kBatches * kBatchEvents);
}

}  // namespace
}  // namespace vigie::testing
