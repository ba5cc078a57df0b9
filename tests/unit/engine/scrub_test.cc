// SPDX-License-Identifier: Apache-2.0
// Reading stored bytes again: all of them, at a pace, and what happens when they are damaged.
#include <filesystem>
#include <fstream>

#include "absl/synchronization/notification.h"
#include "engine/scrub_thread.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/scrubber.h"
#include "support/session.h"

namespace vigie::engine {
namespace {

using namespace vigie::support;
namespace fs = std::filesystem;

// Damages one table in the middle; whether there was one.
bool DamageATable(const std::string& directory) {
  for (const auto& file : fs::directory_iterator(directory + "/store")) {
    if (file.path().extension() != ".sst") continue;
    std::fstream table(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    table.seekp(static_cast<std::streamoff>(fs::file_size(file.path()) / 4));
    table.write("damaged!", 8);
    return true;
  }
  return false;
}

class Scrub : public testing::Test {
 protected:
  // A store whose first session is in tables.
  Scrub() {
    Promises promises;
    EXPECT_TRUE(promises.RunSession(running_, "first"));
    EXPECT_TRUE(running_.Open().ok());
  }

  int64_t bytes_per_second_ = 0;
  absl::Notification fatal_;
  absl::Status damage_;
  RunningEngine running_{RunningEngine::Adjust([this](Engine::Options& options) {
    options.scrub_bytes_per_second = bytes_per_second_;
    options.sequencer.on_fatal = [this](const absl::Status& status) {
      damage_ = status;
      fatal_.Notify();
    };
  })};
};

TEST_F(Scrub, ReadsEveryTableOnceAPass) {
  const auto& store = running_.engine().store();
  int64_t stored = 0;
  for (const auto& table : store.Tables()) stored += table.bytes;
  ASSERT_GT(stored, 0);
  store::Scrubber scrubber(&store);
  for (int pass = 0; pass < 2; ++pass) {
    int64_t read = 0;
    for (;;) {
      const auto step = scrubber.Next();
      ASSERT_TRUE(step.ok()) << step.status();
      read += step->bytes;
      if (step->ends_pass) break;
    }
    EXPECT_EQ(read, stored);
  }
}

TEST_F(Scrub, FindsADamagedTableAndSaysWhatToDo) {
  ASSERT_TRUE(DamageATable(running_.directory().path()));
  store::Scrubber scrubber(&running_.engine().store());
  absl::StatusOr<store::Scrubber::Step> step;
  do {
    step = scrubber.Next();
  } while (step.ok() && !step->ends_pass);
  EXPECT_TRUE(absl::IsDataLoss(step.status())) << step.status();
  EXPECT_THAT(std::string(step.status().message()), testing::HasSubstr("restore a backup"));
}

TEST_F(Scrub, ATableThatACompactionReplacedIsNoDamage) {
  const auto verified = running_.engine().store().VerifyTable({.path = "/no/such/table.sst"});
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_FALSE(*verified);
}

TEST_F(Scrub, DamageStopsTheEngineAsAFailedWriteDoes) {
  ASSERT_TRUE(DamageATable(running_.directory().path()));
  running_.Close();
  bytes_per_second_ = int64_t{1} << 30;
  const absl::Status opened = running_.Open();
  if (opened.ok()) {
    fatal_.WaitForNotification();
    EXPECT_TRUE(absl::IsDataLoss(damage_)) << damage_;
    EXPECT_TRUE(absl::IsUnavailable(running_.SendEvents(ShownAt("d", kMorningMs)).status));
  } else {
    EXPECT_TRUE(absl::IsDataLoss(opened)) << opened;
  }
}

TEST_F(Scrub, TellsHowFarItIs) {
  running_.Close();
  bytes_per_second_ = int64_t{1} << 30;
  ASSERT_TRUE(running_.Open().ok());
  int64_t stored = 0;
  for (const auto& table : running_.engine().store().Tables()) stored += table.bytes;
  ScrubThread::Progress progress;
  while (progress.finished_ms == 0) progress = running_.engine().scrub_progress();
  EXPECT_EQ(progress.bytes, stored);
  EXPECT_EQ(progress.finished_ms, running_.clock().NowMs());
}

TEST(ScrubPause, HoldsThePaceWhateverTheSizeOfATable) {
  EXPECT_EQ(ScrubPause(4 << 20, 4 << 20), absl::Seconds(1));
  EXPECT_EQ(ScrubPause(1 << 20, 4 << 20), absl::Milliseconds(250));
  EXPECT_EQ(ScrubPause(0, 4 << 20), absl::ZeroDuration());
}

}  // namespace
}  // namespace vigie::engine
