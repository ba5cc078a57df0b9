// SPDX-License-Identifier: Apache-2.0
// The engine over a real store: acknowledged means on disk, sequences, the queue, ticks.
#include "engine/engine.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/running_engine.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;

EventWork Sequenced(RunningEngine& running, int64_t first, std::vector<Event> events) {
  EventWork work = running.Work(std::move(events));
  work.source_incarnation = "6c1f7e0a-0000-4000-8000-000000000001";
  work.first_sequence = first;
  return work;
}

TEST(EngineTest, AcknowledgedEventsSurviveReopening) {
  RunningEngine running;
  EXPECT_TRUE(running.SendEvents(ShownAt("d", kMorningMs), DecidedAt("d", kMorningMs)).status.ok());
  ASSERT_TRUE(running.Open(running.directory().path()).ok());
  EXPECT_EQ(running.EventCount(), 2);
  EXPECT_EQ(running.engine().catch_up().records, 0);
  EXPECT_EQ(running.SendEvents(ShownAt("d", kMorningMs)).results.at(0).fate(),
            EVENT_FATE_DUPLICATE);
}

// Found by restarting: answers from the views said position 0 until the next flush.
TEST(EngineTest, ViewsSayTheirPositionFromTheStart) {
  RunningEngine running;
  ASSERT_TRUE(running.SendEvents(ShownAt("d", kMorningMs)).status.ok());
  ASSERT_TRUE(running.Open(running.directory().path()).ok());
  running.engine().published().Read([](const PublishedState& state) {
    EXPECT_GT(state.as_of, 0);
    EXPECT_EQ(state.view_position, state.as_of);
  });
}

// The directory is copied while the engine runs: what a kill -9 would leave.
TEST(EngineTest, CatchesUpFromTheLogWhatTheViewsLack) {
  RunningEngine running;
  ASSERT_TRUE(running.SendEvents(ShownAt("d", kMorningMs), DecidedAt("d", kMorningMs)).status.ok());
  const std::string copy = running.directory().File("copy");
  std::filesystem::create_directories(copy);
  std::filesystem::copy(running.directory().File("store"), copy + "/store");
  ASSERT_TRUE(running.Open(copy).ok());
  EXPECT_EQ(running.EventCount(), 2);
  EXPECT_GE(running.engine().catch_up().records, 2);
}

TEST(EngineTest, RefusesAStoreWhoseLogWasDeleted) {
  RunningEngine running;
  ASSERT_TRUE(running.SendEvents(ShownAt("d", kMorningMs)).status.ok());
  running.clock().Advance(2'000);
  running.Turn();
  running.Turn();
  const std::string copy = running.directory().File("copy");
  std::filesystem::create_directories(copy);
  std::filesystem::copy(running.directory().File("store"), copy + "/store");
  ASSERT_TRUE(std::filesystem::exists(running.directory().File("anchor")));
  std::filesystem::copy(running.directory().File("anchor"), copy + "/anchor");
  for (const auto& file : std::filesystem::directory_iterator(copy + "/store")) {
    if (file.path().extension() == ".log") std::filesystem::remove(file.path());
  }
  EXPECT_TRUE(absl::IsDataLoss(running.Open(copy)));
}

TEST(SequencerTest, Row24_AGapIsRefusedAndNamesWhatIsWanted) {
  RunningEngine running;
  const Receipt receipt = running.Send(Sequenced(running, 2, {ShownAt("d", kMorningMs)}));
  EXPECT_TRUE(absl::IsOutOfRange(receipt.status));
  EXPECT_TRUE(absl::StrContains(receipt.status.message(), "want 1")) << receipt.status;
  EXPECT_EQ(running.EventCount(), 0);
}

TEST(SequencerTest, ARepetitionIsDuplicateAndKeepsTheSequence) {
  RunningEngine running;
  const std::vector<Event> events = {ShownAt("d", kMorningMs), OpenedAt("d", kMorningMs)};
  EXPECT_EQ(running.Send(Sequenced(running, 1, events)).durable_sequence, 2);
  const Receipt again = running.Send(Sequenced(running, 1, events));
  EXPECT_EQ(again.durable_sequence, 2);
  for (const EventResult& result : again.results) EXPECT_EQ(result.fate(), EVENT_FATE_DUPLICATE);
  EXPECT_EQ(running.EventCount(), 2);
}

TEST(SequencerTest, ARefusedEventConsumesItsSequenceAndStopsNothing) {
  RunningEngine running;
  Event bad = ShownAt("d", kMorningMs);
  bad.clear_system_id();
  const Receipt receipt = running.Send(
      Sequenced(running, 1, {bad, OpenedAt("d", kMorningMs), ShownAt("e", kMorningMs)}));
  EXPECT_EQ(receipt.durable_sequence, 3);
  ASSERT_EQ(receipt.results.size(), 1U) << "of a stream, only what was not recorded";
  EXPECT_EQ(receipt.results.at(0).fate(), EVENT_FATE_REFUSED);
  EXPECT_EQ(receipt.results.at(0).sequence(), 1);
  EXPECT_EQ(receipt.results.at(0).status_code(), 3);
  EXPECT_EQ(receipt.recorded_count, 2);
  EXPECT_EQ(receipt.refused_count, 1);
  EXPECT_EQ(running.EventCount(), 2);
}

TEST(SequencerTest, ValidateOnlyRecordsNothing) {
  RunningEngine running;
  EventWork work = running.Work({ShownAt("d", kMorningMs)});
  work.validate_only = true;
  const int64_t before = running.engine().published().Read([](const auto& s) { return s.as_of; });
  const Receipt receipt = running.Send(std::move(work));
  EXPECT_EQ(receipt.results.at(0).fate(), EVENT_FATE_VALID);
  EXPECT_EQ(running.EventCount(), 0);
  EXPECT_EQ(running.engine().published().Read([](const auto& s) { return s.as_of; }), before);
}

TEST(SequencerTest, AReaderFindsWhatWasAcknowledgedThoughNothingWasPublishedSince) {
  RunningEngine running;
  for (int i = 1; i <= 20; ++i) {
    EventWork work = running.Work({ShownAt(absl::StrCat("d", i), kMorningMs)});
    absl::Notification acknowledged;
    work.done = [&](const Receipt&) { acknowledged.Notify(); };
    ASSERT_TRUE(running.engine().sequencer().TryPush(std::move(work)).ok());
    acknowledged.WaitForNotification();
    EXPECT_EQ(running.EventCount(), i);
  }
}

TEST(SequencerTest, AFullQueueRefusesAtOnce) {
  Sequencer::Options tight;
  tight.max_queued_events = 1;
  RunningEngine running(tight);
  const Receipt receipt = running.SendEvents(ShownAt("d", kMorningMs), OpenedAt("d", kMorningMs));
  EXPECT_TRUE(absl::IsResourceExhausted(receipt.status));
}

TEST(SequencerTest, StopDrainsWhatIsQueuedAndRefusesTheRest) {
  RunningEngine running;
  std::atomic<int> done = 0;
  for (int i = 0; i < 50; ++i) {
    EventWork work = running.Work({ShownAt(absl::StrCat("d", i), kMorningMs)});
    work.done = [&](const Receipt& receipt) { done += receipt.status.ok() ? 1 : 0; };
    ASSERT_TRUE(running.engine().sequencer().TryPush(std::move(work)).ok());
  }
  running.engine().Stop();
  EXPECT_EQ(done, 50);
  EXPECT_TRUE(absl::IsUnavailable(running.SendEvents(ShownAt("late", kMorningMs)).status));
}

TEST(SequencerTest, ADeadlineThatPassedBecomesATickL6) {
  RunningEngine running;
  ASSERT_TRUE(running.SendEvents(ShownAt("d", kMorningMs), DecidedAt("d", kMorningMs)).status.ok());
  running.clock().Advance(120'000);
  running.Turn();
  EXPECT_EQ(running.engine().published().Read([](const auto& s) { return s.open_count; }), 0);
  ASSERT_TRUE(running.Open(running.directory().path()).ok());
  EXPECT_EQ(running.engine().published().Read([](const auto& s) { return s.open_count; }), 0);
}

TEST(SequencerTest, ManyThreadsLoseNothing) {
  RunningEngine running;
  constexpr int kThreads = 8, kEach = 50;
  absl::BlockingCounter acknowledged(kThreads * kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        EventWork work = running.Work({ShownAt(absl::StrCat("d", t, "-", i), kMorningMs)});
        work.done = [&](const Receipt&) { acknowledged.DecrementCount(); };
        EXPECT_TRUE(running.engine().sequencer().TryPush(std::move(work)).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  acknowledged.Wait();
  EXPECT_EQ(running.EventCount(), kThreads * kEach);
}

TEST(QuarantineTest, KeepsUpToItsLimitAndCountsTheRest) {
  RunningEngine running({}, {.max_quarantined_events = 2});
  for (int i = 0; i < 3; ++i) {
    Event bad = ShownAt(absl::StrCat("d", i), kMorningMs);
    bad.clear_system_id();
    EXPECT_EQ(running.SendEvents(bad).results.at(0).fate(), EVENT_FATE_REFUSED);
  }
  running.engine().published().Read([](const PublishedState& state) {
    EXPECT_EQ(state.quarantine_kept_count, 2);
    EXPECT_EQ(state.quarantine_dropped_count, 1);
    return 0;
  });
}

}  // namespace
}  // namespace vigie::engine
