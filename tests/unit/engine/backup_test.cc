// SPDX-License-Identifier: Apache-2.0
// Backups of a running engine: whole, read again, or not there at all.
#include "engine/backup.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/digest.h"
#include "support/rechecked.h"
#include "support/running_engine.h"

namespace vigie::engine {
namespace {

using namespace vigie::support;

std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

class BackupTest : public testing::Test {
 protected:
  BackupTest() {
    running_.DeclareSource();
    EXPECT_TRUE(
        running_.SendEvents(ShownAt("d", kMorningMs), DecidedAt("d", kMorningMs)).status.ok());
  }
  [[nodiscard]] Backups::Options Options() const {
    return {.data_dir = running_.directory().path(), .backup_dir = place_.path()};
  }
  RunningEngine running_;
  TemporaryDirectory place_;
};

TEST_F(BackupTest, HoldsEverythingAcknowledgedBeforeAndSaysWhere) {
  Backups backups(&running_.engine().store(), Options());
  const auto made = backups.BackUp("monday");
  ASSERT_TRUE(made.ok()) << made.status();
  const int64_t position =
      running_.engine().published().Read([](const PublishedState& state) { return state.as_of; });
  EXPECT_EQ(made->log_position(), position);
  EXPECT_EQ(made->directory(), place_.File("monday"));
  EXPECT_EQ(made->block_sha256(),
            store::Sha256(running_.engine().store().newest().BlockHolding(position).value()));
  int64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(place_.File("monday"))) {
    if (file.is_regular_file()) bytes += static_cast<int64_t>(file.file_size());
  }
  EXPECT_EQ(made->bytes(), bytes);
  EXPECT_THAT(NamesIn(place_.path()), testing::ElementsAre("monday"));
  EXPECT_TRUE(std::filesystem::exists(place_.File("monday/anchor")));
  const auto found = Rechecked(place_.File("monday"));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(found->ViewsEqual());
  EXPECT_TRUE(found->log.anchored);
  EXPECT_EQ(found->log.last_position, position);
}

TEST_F(BackupTest, TakesThePseudonymKeyWithItForItsOwnerAlone) {
  std::ofstream(running_.directory().File("pseudonym.key")) << "key\n";
  chmod(running_.directory().File("pseudonym.key").c_str(), 0644);
  Backups backups(&running_.engine().store(), Options());
  ASSERT_TRUE(backups.BackUp("b").ok());
  struct stat status {};
  ASSERT_EQ(stat(place_.File("b/pseudonym.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(stat(place_.File("b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(BackupTest, RefusesNamesThatAreNoPlainNames) {
  Backups backups(&running_.engine().store(), Options());
  for (const char* name :
       {"", ".", "..", ".hidden", "a/b", "../a", "/a", "a b", "a\n", "é", "b.partial"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(backups.BackUp(name).status())) << name;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(backups.BackUp(std::string(65, 'a')).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(backups.BackUp(std::string("a\0b", 3)).status()));
  EXPECT_TRUE(std::filesystem::is_empty(place_.path()));
}

TEST_F(BackupTest, NeedsADirectoryThatIsConfiguredAndThere) {
  Backups::Options options = Options();
  options.backup_dir = "";
  const auto unset = Backups(&running_.engine().store(), options).BackUp("b").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(unset)) << unset;
  EXPECT_TRUE(absl::StrContains(unset.message(), "backup_dir: got nothing")) << unset;
  options.backup_dir = place_.File("absent");
  const auto absent = Backups(&running_.engine().store(), options).BackUp("b").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(absent)) << absent;
  EXPECT_FALSE(std::filesystem::exists(options.backup_dir)) << "a mount may be missing there";
}

TEST_F(BackupTest, NeverReplacesOneThatIsThere) {
  Backups backups(&running_.engine().store(), Options());
  ASSERT_TRUE(backups.BackUp("b").ok());
  ASSERT_TRUE(running_.SendEvents(OpenedAt("d", kMorningMs)).status.ok());
  EXPECT_TRUE(absl::IsAlreadyExists(backups.BackUp("b").status()));
  EXPECT_TRUE(backups.BackUp("c").ok());
}

TEST_F(BackupTest, ReplacesWhatAKilledDaemonLeftHalfMade) {
  std::filesystem::create_directories(place_.File("b.partial/store"));
  std::ofstream(place_.File("b.partial/store/CURRENT")) << "half";
  Backups backups(&running_.engine().store(), Options());
  ASSERT_TRUE(backups.BackUp("b").ok());
  EXPECT_THAT(NamesIn(place_.path()), testing::ElementsAre("b"));
}

TEST_F(BackupTest, LeavesNothingWhenItFails) {
  std::filesystem::create_directory(running_.directory().File("pseudonym.key"));  // No file.
  Backups backups(&running_.engine().store(), Options());
  EXPECT_FALSE(backups.BackUp("b").ok());
  EXPECT_TRUE(std::filesystem::is_empty(place_.path()));
  std::filesystem::remove(running_.directory().File("pseudonym.key"));
  EXPECT_TRUE(backups.BackUp("b").ok()) << "the next one is not kept from being made";
}

TEST_F(BackupTest, IsGivenUpWhenTheDaemonStops) {
  Backups backups(&running_.engine().store(), Options());
  backups.Stop();
  EXPECT_TRUE(absl::IsUnavailable(backups.BackUp("b").status()));
  EXPECT_TRUE(std::filesystem::is_empty(place_.path()));
}

TEST_F(BackupTest, OfALogThatIsDamagedIsNotKept) {
  running_.Close();
  {
    const auto store = store::Store::Open({.directory = running_.directory().path()});
    ASSERT_TRUE((*store)->AppendBlock(1'000, "no block").ok());
    Backups backups(store->get(), Options());
    EXPECT_TRUE(absl::IsDataLoss(backups.BackUp("b").status()) ||
                absl::IsFailedPrecondition(backups.BackUp("b").status()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(place_.path()));
}

}  // namespace
}  // namespace vigie::engine
