// SPDX-License-Identifier: Apache-2.0
// A disk that fails at its n-th write, sync, rename ..., for every n; and power that goes.
#include <memory>
#include <random>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "support/faulty_file_system.h"
#include "support/session.h"

namespace vigie::engine {
namespace {

using namespace vigie::support;

// Runs two sessions, the second of which recovers the first, on a disk with this fault; whether the
// fault happened. Then the disk is well again, and everything promised must be there.
bool SurvivesFault(const DiskFault& fault) {
  const auto files = std::make_shared<FaultyFileSystem>();
  bool healthy = false;
  int fatal_count = 0;
  RunningEngine running([&](Engine::Options& options) {
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

class FailingDisk : public testing::TestWithParam<DiskStep> {
 protected:
  // Every n until nothing fails any more; how many that were.
  static int64_t FailEveryOne(DiskFault fault) {
    fault.step = GetParam();
    for (fault.nth = 1;; ++fault.nth) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, absl::StrCat("n = ", fault.nth));
      if (!SurvivesFault(fault) || testing::Test::HasFailure()) return fault.nth - 1;
    }
  }
};

TEST_P(FailingDisk, LosesNothingWhenAStepFailsOnce) { EXPECT_GT(FailEveryOne({}), 0); }

TEST_P(FailingDisk, LosesNothingWhenTheDiskIsFullFromThenOn) {
  EXPECT_GT(FailEveryOne({.no_space = true, .lasting = true}), 0);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, FailingDisk,
                         testing::Values(DiskStep::kWrite, DiskStep::kSync,
                                         DiskStep::kSyncDirectory, DiskStep::kCreate,
                                         DiskStep::kRename, DiskStep::kDelete),
                         [](const auto& name) -> std::string {
                           switch (name.param) {
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
                         });

TEST(FailingDiskHalfWrites, LoseNothing) {
  for (DiskFault fault{.half = true};; ++fault.nth) {
    SCOPED_TRACE(absl::StrCat("n = ", fault.nth));
    if (!SurvivesFault(fault) || HasFailure()) break;
  }
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
