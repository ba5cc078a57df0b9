// SPDX-License-Identifier: Apache-2.0
// A disk that fails at its n-th write, sync, rename ..., for every n; and power that goes.
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/limits.h"
#include "gtest/gtest.h"
#include "support/faulty_file_system.h"
#include "support/session.h"

namespace vigie::engine {
namespace {

using namespace vigie::support;

// How the views reach the disk: in batches through the write-ahead log, as few changes do, or as
// tables made on another thread, as many do.
enum class Views { kBatches, kTables };

void Use(Views views, Engine::Options& options) {
  if (views == Views::kBatches) return;
  options.store.tables_from_changes = 1;
  options.sequencer.background_from_rows = 1;
}

// Runs two sessions, the second of which recovers the first, on a disk with this fault; whether the
// fault happened. Then the disk is well again, and everything promised must be there.
bool SurvivesFault(const DiskFault& fault, Views views) {
  const auto files = std::make_shared<FaultyFileSystem>();
  bool healthy = false;
  int fatal_count = 0;
  RunningEngine running([&](Engine::Options& options) {
    Use(views, options);
    if (!healthy) options.store.file_system = files;
    options.sequencer.on_fatal = [&](const absl::Status&) { ++fatal_count; };
  });
  Promises promises;
  files->Inject(fault);
  const bool first = promises.RunSession(running, "first");
  const bool second = promises.RunSession(running, "second");
  EXPECT_LE(fatal_count, 2) << "a session fails once";
  if (first && second && !files->faulted()) {
    EXPECT_EQ(promises.size(), 48U);
  }

  healthy = true;
  EXPECT_TRUE(promises.RunSession(running, "third"));
  const absl::Status opened = running.Open();
  EXPECT_TRUE(opened.ok()) << opened;
  if (opened.ok()) {
    running.Turn();  // Whatever is due closes, and nothing is written any more.
    EXPECT_TRUE(promises.AreKept(running.engine().store()));
  }
  return files->faulted();
}

class FailingDisk : public testing::TestWithParam<std::tuple<DiskStep, Views>> {
 protected:
  // Every n until nothing fails any more; how many that were.
  static int64_t FailEveryOne(DiskFault fault) {
    const auto& [step, views] = GetParam();
    fault.step = step;
    for (fault.nth = 1;; ++fault.nth) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, absl::StrCat("n = ", fault.nth));
      if (!SurvivesFault(fault, views) || testing::Test::HasFailure()) return fault.nth - 1;
    }
  }
};

TEST_P(FailingDisk, LosesNothingWhenAStepFailsOnce) { EXPECT_GT(FailEveryOne({}), 0); }

TEST_P(FailingDisk, LosesNothingWhenTheDiskIsFullFromThenOn) {
  EXPECT_GT(FailEveryOne({.no_space = true, .lasting = true}), 0);
}

std::string NameOf(DiskStep step) {
  switch (step) {
    case DiskStep::kWrite:
      return "Write";
    case DiskStep::kSync:
      return "Sync";
    case DiskStep::kSyncDirectory:
      return "SyncOfADirectory";
    case DiskStep::kCreate:
      return "Create";
    case DiskStep::kRename:
      return "Rename";
    case DiskStep::kDelete:
      return "Delete";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(
    EveryStep, FailingDisk,
    testing::Combine(testing::Values(DiskStep::kWrite, DiskStep::kSync, DiskStep::kSyncDirectory,
                                     DiskStep::kCreate, DiskStep::kRename, DiskStep::kDelete),
                     testing::Values(Views::kBatches, Views::kTables)),
    [](const auto& name) {
      return NameOf(std::get<0>(name.param)) +
             (std::get<1>(name.param) == Views::kTables ? "WithTables" : "");
    });

class FailingDiskHalfWrites : public testing::TestWithParam<Views> {};

TEST_P(FailingDiskHalfWrites, LoseNothing) {
  for (DiskFault fault{.half = true};; ++fault.nth) {
    SCOPED_TRACE(absl::StrCat("n = ", fault.nth));
    if (!SurvivesFault(fault, GetParam()) || HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(OfViews, FailingDiskHalfWrites,
                         testing::Values(Views::kBatches, Views::kTables),
                         [](const auto& name) -> std::string {
                           return name.param == Views::kTables ? "InTables" : "InBatches";
                         });

// More than one turn takes up is queued, so that turns are folded while the one before is written.
// Some write of the log then fails; how many events were acknowledged, all of which must be there.
int64_t AcknowledgedBeforeALogWriteFails(int64_t nth) {
  constexpr int kBatches = 24;
  constexpr int kEach = base::kMaxTurnEvents / 4;
  const auto files = std::make_shared<FaultyFileSystem>();
  std::vector<Receipt> receipts(kBatches);
  RunningEngine running([&](Engine::Options& options) { options.store.file_system = files; });
  EXPECT_TRUE(running.Open().ok());
  absl::Notification queued;
  const Command gate = [&](Turn&) {
    queued.WaitForNotification();
    return absl::OkStatus();
  };
  EXPECT_TRUE(running.engine().sequencer().TryPush(gate).ok());
  for (int batch = 0; batch < kBatches; ++batch) {
    std::vector<Event> events;
    for (int i = 0; i < kEach; ++i) {
      events.push_back(AnEvent(absl::StrCat(batch), absl::StrCat(batch, "-", i), kMorningMs));
      events.back().mutable_shown();
      events.back().set_decision_id(absl::StrCat(batch, "-", i / 100));
    }
    EventWork work = running.Work(events);
    work.done = [&receipts, batch](Receipt got) { receipts[batch] = std::move(got); };
    EXPECT_TRUE(running.engine().sequencer().TryPush(std::move(work)).ok());
  }
  files->Inject({.nth = nth});
  queued.Notify();
  running.Close();

  const auto store =
      store::Store::Open({.directory = running.directory().path(), .block_cache_bytes = 1 << 20});
  EXPECT_TRUE(store.ok()) << store.status();
  const auto recorded = RecordedEvents(**store);
  EXPECT_TRUE(recorded.ok()) << recorded.status();
  int64_t acknowledged = 0;
  bool failed = false;
  for (int batch = 0; batch < kBatches; ++batch) {
    failed |= !receipts[batch].status.ok();
    if (!receipts[batch].status.ok()) continue;
    EXPECT_FALSE(failed) << "acknowledged after a failure";
    for (int i = 0; i < kEach; ++i, ++acknowledged) {
      EXPECT_TRUE(recorded->contains(absl::StrCat(batch, "/", batch, "-", i)));
    }
  }
  return acknowledged;
}

TEST(FailingLog, AcknowledgesNothingThatIsNotWrittenWhileTurnsAreFoldedAhead) {
  std::set<int64_t> acknowledged;
  for (int64_t nth = 1; nth <= 12 && !HasFailure(); ++nth) {
    SCOPED_TRACE(absl::StrCat("n = ", nth));
    acknowledged.insert(AcknowledgedBeforeALogWriteFails(nth));
  }
  EXPECT_GT(acknowledged.size(), 3U) << "the failures came at the same block";
}

// Lives of one data directory; each ends by power loss at a moment that the seed draws. Counts what
// was promised and is lost, and the starts that were refused.
struct PowerLosses {
  int64_t promised = 0;
  int lost = 0;
  int refused = 0;
};

PowerLosses LoseThePower(uint64_t seed, bool unsafe_without_sync) {
  constexpr int kLives = 3;
  constexpr int64_t kMostSteps = 160;  // More than a life takes.
  std::mt19937_64 random(seed);
  std::shared_ptr<FaultyFileSystem> files;
  RunningEngine running([&](Engine::Options& options) {
    Use(seed % 2 == 0 ? Views::kTables : Views::kBatches, options);
    options.store.file_system = files;
    options.store.unsafe_without_sync = unsafe_without_sync;
  });
  Promises promises;
  PowerLosses losses;
  for (int life = 0; life < kLives; ++life) {
    files = std::make_shared<FaultyFileSystem>();
    files->LosePowerAt(std::uniform_int_distribution<int64_t>(1, kMostSteps)(random));
    promises.RunSession(running, absl::StrCat("life-", life));
    files->LosePowerAt(0);
    files->DropUnsynced(random);
    files = nullptr;
    {
      const auto store = store::Store::Open(
          {.directory = running.directory().path(), .block_cache_bytes = 1 << 20});
      EXPECT_TRUE(store.ok()) << store.status();
      if (store.ok()) losses.lost += promises.CountLost(**store);
    }
    const absl::Status opened = running.Open();
    if (!opened.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(opened)) << opened;
      ++losses.refused;
      break;
    }
    running.Turn();
    if (!unsafe_without_sync) {
      EXPECT_TRUE(promises.AreKept(running.engine().store()));
    }
    running.Close();
  }
  losses.promised = static_cast<int64_t>(promises.size());
  return losses;
}

constexpr uint64_t kSeeds = 40;

TEST(PowerLoss, TakesNothingThatWasAcknowledged) {
  int64_t promised = 0;
  for (uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed = ", seed));
    const PowerLosses losses = LoseThePower(seed, /*unsafe_without_sync=*/false);
    EXPECT_EQ(losses.lost, 0);
    EXPECT_EQ(losses.refused, 0);
    promised += losses.promised;
  }
  EXPECT_GT(promised, 500) << "the power went before anything was acknowledged";
}

// Without this the test above would also pass on a disk that never forgets.
TEST(PowerLoss, TakesAcknowledgedEventsWhenWritesAreNotSyncedAndTheAnchorTells) {
  int lost = 0;
  int refused = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const PowerLosses losses = LoseThePower(seed, /*unsafe_without_sync=*/true);
    lost += losses.lost;
    refused += losses.refused;
  }
  EXPECT_GT(lost, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace vigie::engine
