// SPDX-License-Identifier: Apache-2.0
// Nearly no room on the disk: new work waits, questions are answered, time stands still.
#include "store/disk_reserve.h"

#include <atomic>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/running_engine.h"
#include "support/session.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;

constexpr int64_t kReserve = int64_t{256} << 20;
constexpr int64_t kRoomy = kReserve + store::kDiskResumeBytes;

store::DiskReserve ReserveWith(int64_t free_bytes) {
  return {"/", {.reserve_bytes = kReserve, .free_bytes = [free_bytes] { return free_bytes; }}};
}

TEST(DiskReserve, WhatIsQueuedFitsAboveIt) {
  auto disk = ReserveWith(kRoomy);
  disk.Update(kRoomy, 0);
  int64_t taken = 0;
  while (disk.TryTake(1 << 20)) taken += 1 << 20;
  EXPECT_GT(taken, 0);
  EXPECT_LE(taken * store::kDiskBytesPerByte, kRoomy - kReserve);
  EXPECT_TRUE(disk.reached());
}

TEST(DiskReserve, WorkThatWaitsToBeWrittenCounts) {
  auto disk = ReserveWith(kRoomy);
  disk.Update(kRoomy, kRoomy);
  EXPECT_FALSE(disk.TryTake(1));
}

TEST(DiskReserve, IsLeftOnlyWithRoomToSpare) {
  auto disk = ReserveWith(kRoomy);
  disk.Update(kReserve - 1, 0);
  EXPECT_FALSE(disk.TryTake(0));
  disk.Update(kRoomy - 1, 0);
  EXPECT_TRUE(disk.reached()) << "a little room is soon used up";
  disk.Update(kRoomy, 0);
  EXPECT_TRUE(disk.TryTake(1));
}

TEST(DiskReserve, OfNothingRefusesNothing) {
  store::DiskReserve disk("/", {});
  disk.Update(0, 1 << 20);
  EXPECT_TRUE(disk.TryTake(1 << 20));
  EXPECT_FALSE(disk.reached());
}

TEST(DiskReserve, KeepsTheLastFigureWhenTheDiskDoesNotAnswer) {
  store::DiskReserve disk("/no/such/directory", {.reserve_bytes = kReserve});
  disk.Update(kReserve - 1, 0);
  EXPECT_EQ(disk.MeasureFree(), kReserve - 1);
}

TEST(DiskReserve, AsksTheFileSystemOfTheDirectory) {
  const auto free_bytes = store::FreeDiskBytes("/");
  ASSERT_TRUE(free_bytes.ok()) << free_bytes.status();
  EXPECT_GT(*free_bytes, 0);
}

class FullDisk : public testing::Test {
 protected:
  FullDisk() {
    EXPECT_TRUE(running_.Open().ok());
    running_.DeclareSource();
  }
  // The next turn sees that so much is free.
  void SetFree(int64_t free_bytes) {
    free_bytes_ = free_bytes;
    running_.clock().Advance(1'000);
    running_.Turn();
  }
  int64_t Position() {
    return running_.engine().published().Read([](const auto& state) { return state.as_of; });
  }
  int64_t OpenCount() {
    return running_.engine().published().Read([](const auto& state) { return state.open_count; });
  }

  std::atomic<int64_t> free_bytes_ = kRoomy;
  RunningEngine running_{RunningEngine::Adjust([this](Engine::Options& options) {
    options.disk = {.reserve_bytes = kReserve, .free_bytes = [this] { return free_bytes_.load(); }};
  })};
};

TEST_F(FullDisk, RefusesEventsAndSaysWhyToPrograms) {
  SetFree(kReserve - 1);
  const Receipt receipt = running_.SendEvents(ShownAt("d", kMorningMs));
  ASSERT_TRUE(absl::IsResourceExhausted(receipt.status)) << receipt.status;
  EXPECT_THAT(std::string(receipt.status.message()),
              testing::HasSubstr("limits.disk_reserve_bytes"));
  const auto payload = receipt.status.GetPayload(kViolationPayload);
  ASSERT_TRUE(payload.has_value());
  Violation violation;
  ASSERT_TRUE(violation.ParseFromString(std::string(*payload)));
  EXPECT_EQ(violation.reason(), REFUSAL_REASON_DISK_RESERVE);
}

TEST_F(FullDisk, RefusesCommandsThatAppendAndAnswersQuestions) {
  ASSERT_TRUE(running_.SendEvents(ShownAt("d", kMorningMs)).status.ok());
  SetFree(kReserve - 1);
  const Command command = [](Turn&) { return absl::OkStatus(); };
  EXPECT_TRUE(absl::IsResourceExhausted(running_.engine().sequencer().TryPush(command)));
  running_.Turn();  // A question: it waits for the answer.
  EventWork work = running_.Work({ShownAt("e", kMorningMs)});
  work.validate_only = true;
  EXPECT_TRUE(running_.Send(std::move(work)).status.ok());
}

TEST_F(FullDisk, ResumesByItselfWhenSpaceIsFreed) {
  SetFree(kReserve - 1);
  ASSERT_FALSE(running_.SendEvents(ShownAt("d", kMorningMs)).status.ok());
  SetFree(kRoomy);
  EXPECT_TRUE(running_.SendEvents(ShownAt("d", kMorningMs)).status.ok());
  EXPECT_TRUE(ViewsEqualAFreshFold(running_.engine().store()));
}

TEST_F(FullDisk, LetsNoTimePassSoThatNothingIsWrittenL6) {
  ASSERT_TRUE(
      running_.SendEvents(ShownAt("d", kMorningMs), DecidedAt("d", kMorningMs)).status.ok());
  SetFree(kReserve - 1);
  const int64_t before = Position();
  running_.clock().Advance(3'600'000);  // The decision is due.
  running_.Turn();
  running_.Turn();
  EXPECT_EQ(Position(), before);
  EXPECT_EQ(OpenCount(), 1);
  SetFree(kRoomy);
  EXPECT_EQ(OpenCount(), 0);
  EXPECT_GT(Position(), before);
  running_.Close();
  ASSERT_TRUE(running_.Open().ok());
  running_.Turn();
  EXPECT_TRUE(ViewsEqualAFreshFold(running_.engine().store()));
}

TEST_F(FullDisk, StartsAndAnswersButTakesNothingIn) {
  ASSERT_TRUE(running_.SendEvents(ShownAt("d", kMorningMs)).status.ok());
  running_.Close();
  free_bytes_ = kReserve - 1;
  ASSERT_TRUE(running_.Open().ok());
  EXPECT_EQ(running_.EventCount(), 1);
  EXPECT_TRUE(absl::IsResourceExhausted(running_.SendEvents(ShownAt("e", kMorningMs)).status));
}

}  // namespace
}  // namespace vigie::engine
