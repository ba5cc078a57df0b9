// SPDX-License-Identifier: Apache-2.0
// Real threads at everything that threads share: the queue, the published state, the caches of
// egress and pseudonyms. Also run under the thread sanitizer. Whatever the interleaving, the
// outcome is the same.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/limits.h"
#include "engine/engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/egress.h"
#include "support/running_engine.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;

constexpr int kPushers = 4;
constexpr int kBatches = 40;
constexpr int kEach = 4;  // Events of a batch; the last of them is the same in all batches.
constexpr int64_t kUntilAllExpiredMs = int64_t{400} * 24 * 3600 * 1000;

// Batch `number`, from 0, of a source of its own.
EventWork Batch(const RunningEngine& running, int pusher, int number) {
  const std::string decision = absl::StrCat("d-", pusher, "-", number);
  Event decided = DecidedAt(decision, kMorningMs);
  decided.mutable_actor()->set_id(absl::StrCat("dr-", number % 5));
  EventWork work = running.Work({ShownAt(decision, kMorningMs), OpenedAt(decision, kMorningMs),
                                 decided, ShownAt("common", kMorningMs)},
                                absl::StrCat("ehr-", pusher));
  work.source_incarnation = absl::StrCat("6c1f7e0a-0000-4000-8000-00000000000", pusher);
  work.first_sequence = int64_t{number} * kEach + 1;
  return work;
}

// Reads what readers may read until told to stop; looks only ever forward.
class Reader {
 public:
  explicit Reader(RunningEngine& running)
      : running_(running),
        egress_(&running.engine().published(), &running.engine().store()),
        thread_([this] { Run(); }) {}
  ~Reader() {
    stop_ = true;
    thread_.join();
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

 private:
  void Run() {
    do {
      running_.engine().published().Read([this](const PublishedState& state) { Look(state); });
      EXPECT_NE(egress_.Decide(1, {}), nullptr);
      std::this_thread::yield();
    } while (!stop_);
  }
  void Look(const PublishedState& state) {
    EXPECT_GE(state.as_of, as_of_);
    EXPECT_GE(state.event_count, event_count_);
    EXPECT_LE(state.view_position, state.as_of);
    as_of_ = state.as_of;
    event_count_ = state.event_count;
  }

  RunningEngine& running_;
  oversight::Egress egress_;
  int64_t as_of_ = 0;
  int64_t event_count_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Asks for the views to be written, one time after the other, while others push.
void FlushOften(RunningEngine& running, int times) {
  for (int i = 0; i < times; ++i) {
    absl::Notification done;
    const Command flush = [&](Turn& turn) {
      turn.FlushViews();
      turn.AfterDurable([&](const absl::Status& status) {
        EXPECT_TRUE(status.ok()) << status;
        done.Notify();
      });
      return absl::OkStatus();
    };
    ASSERT_TRUE(running.engine().sequencer().TryPush(flush).ok());
    done.WaitForNotification();
    running.clock().Advance(100);
  }
}

TEST(HammeredEngine, RecordsEachEventOnceWhoeverReadsAndFlushes) {
  // Every flush goes the way that only large ones go: tables made by another thread.
  RunningEngine running([](Engine::Options& options) {
    options.store.tables_from_changes = 1;
    options.sequencer.background_from_rows = 1;
    options.sequencer.anchor_in_background = true;
  });
  ASSERT_TRUE(running.Open().ok());
  std::vector<std::vector<Receipt>> receipts(kPushers, std::vector<Receipt>(kBatches));
  {
    const Reader one(running);
    const Reader other(running);
    std::vector<std::thread> threads;
    for (int pusher = 0; pusher < kPushers; ++pusher) {
      threads.emplace_back([&, pusher] {
        for (int number = 0; number < kBatches; ++number) {
          EventWork work = Batch(running, pusher, number);
          work.done = [&receipt = receipts[pusher][number]](Receipt got) {
            receipt = std::move(got);
          };
          EXPECT_TRUE(running.engine().sequencer().TryPush(std::move(work)).ok());
        }
      });
    }
    threads.emplace_back([&] { FlushOften(running, kBatches); });
    for (std::thread& thread : threads) thread.join();
    running.engine().Stop();
  }
  int commons_recorded = 0;
  for (const std::vector<Receipt>& of_source : receipts) {
    for (const Receipt& receipt : of_source) {
      ASSERT_TRUE(receipt.status.ok()) << receipt.status;
      EXPECT_EQ(receipt.refused_count, 0);
      ASSERT_GE(receipt.recorded_count, kEach - 1);
      commons_recorded += receipt.recorded_count == kEach ? 1 : 0;
      // Of a stream only what was not recorded has a result of its own.
      EXPECT_EQ(std::ssize(receipt.results), kEach - receipt.recorded_count);
    }
    EXPECT_EQ(of_source.back().durable_sequence, kBatches * kEach);
  }
  EXPECT_EQ(commons_recorded, 1);
  constexpr int kRecorded = kPushers * kBatches * (kEach - 1) + 1;
  EXPECT_EQ(running.EventCount(), kRecorded);
  ASSERT_TRUE(running.Open(running.directory().path()).ok());
  EXPECT_EQ(running.EventCount(), kRecorded);
}

// A filter that was asked before it had read every key would record closed decisions a second time.
TEST(HammeredEngine, KnowsEveryEventThatComesAgainWhileTheKeysOfDecisionsAreRead) {
  RunningEngine running([](Engine::Options& options) {
    options.store.tables_from_changes = 1;
    options.sequencer.background_from_rows = 1;
    options.learned_at_once = 0;
  });
  ASSERT_TRUE(running.Open().ok());
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    for (int number = 0; number < kBatches; ++number) {
      ASSERT_TRUE(running.Send(Batch(running, pusher, number)).status.ok());
    }
  }
  running.clock().Advance(kUntilAllExpiredMs);
  running.Turn();
  ASSERT_EQ(running.engine().published().Read([](const auto& state) { return state.open_count; }),
            0);
  const int64_t recorded = running.EventCount();
  ASSERT_TRUE(running.Open().ok());
  std::atomic<int64_t> known = 0;
  std::vector<std::thread> threads;
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    threads.emplace_back([&, pusher] {
      for (int number = 0; number < kBatches; ++number) {
        EventWork work = Batch(running, pusher, number);
        work.source_incarnation[0] = 'f';  // Numbered anew, so every event is looked for.
        work.done = [&known](const Receipt& receipt) {
          EXPECT_TRUE(receipt.status.ok()) << receipt.status;
          known += receipt.duplicate_count;
        };
        EXPECT_TRUE(running.engine().sequencer().TryPush(std::move(work)).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  running.engine().Stop();
  EXPECT_EQ(known, kPushers * kBatches * kEach);
  EXPECT_EQ(running.EventCount(), recorded);
}

TEST(HammeredEngine, StoppedInTheMiddleAnswersAllItTookAndKeepsIt) {
  RunningEngine running;
  constexpr int kMostBatches = 20'000;
  constexpr int kBeforeTheStop = 25;
  std::atomic<int> taken = 0;
  std::atomic<int> recorded = 0;
  absl::Notification enough;
  std::vector<std::thread> threads;
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    threads.emplace_back([&, pusher] {
      for (int number = 0; number < kMostBatches; ++number) {
        EventWork work =
            running.Work({ShownAt(absl::StrCat("d-", pusher, "-", number), kMorningMs)});
        work.done = [&](const Receipt& receipt) {
          EXPECT_TRUE(receipt.status.ok()) << receipt.status;
          if (++recorded == kBeforeTheStop) enough.Notify();
        };
        const absl::Status pushed = running.engine().sequencer().TryPush(std::move(work));
        if (absl::IsUnavailable(pushed)) return;
        if (pushed.ok()) ++taken;
      }
    });
  }
  const auto reader = std::make_unique<Reader>(running);
  enough.WaitForNotification();
  running.engine().Stop();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(recorded, taken);
  EXPECT_EQ(running.EventCount(), taken);
}

TEST(HammeredPseudonyms, AreTheSameForEveryThreadEvenWhenForgotten) {
  constexpr int kThreads = 4;
  constexpr int kOthers = base::kPseudonymCacheEntries / kThreads + 1;
  constexpr int kCommon = 50;
  privacy::Pseudonyms pseudonyms(std::string(32, 'k'), 1);
  std::vector<decision::Pseudonym> wanted;
  for (int i = 0; i < kCommon; ++i) {
    wanted.push_back(pseudonyms.OfActor("hospital", absl::StrCat("dr-", i)));
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kOthers; ++i) {
        static_cast<void>(pseudonyms.OfPatient("hospital", absl::StrCat("p-", t, "-", i)));
        const int common = i % kCommon;
        const auto got = pseudonyms.OfActor("hospital", absl::StrCat("dr-", common));
        if (got != wanted[static_cast<size_t>(common)]) ADD_FAILURE() << "another pseudonym";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace vigie::engine
