// SPDX-License-Identifier: Apache-2.0
#include "base/give_way.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "absl/synchronization/notification.h"

namespace vigie::base {
namespace {

constexpr int kGivesWay = 10;

int NiceOf(pid_t thread) { return getpriority(PRIO_PROCESS, static_cast<id_t>(thread)); }

TEST(Leisure, AThreadAtLeisureGivesWayUntilItIsHurried) {
  Leisure leisure;
  pid_t thread = 0;
  absl::Notification began, seen;
  std::thread worker([&] {
    leisure.Begin();
    thread = gettid();
    began.Notify();
    seen.WaitForNotification();
    leisure.End();
  });
  began.WaitForNotification();
  EXPECT_EQ(NiceOf(thread), kGivesWay);
  EXPECT_EQ(sched_getscheduler(thread), Leisure::IsGranted() ? SCHED_IDLE : SCHED_OTHER);
  leisure.Hurry();
  EXPECT_EQ(sched_getscheduler(thread), SCHED_OTHER);
  EXPECT_EQ(NiceOf(thread), kGivesWay);
  seen.Notify();
  worker.join();
}

TEST(Leisure, AThreadThatWasHurriedBeforeItBeganHasNoLeisure) {
  Leisure leisure;
  leisure.Hurry();
  std::thread([&] {
    leisure.Begin();
    EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
    EXPECT_EQ(NiceOf(gettid()), kGivesWay);
    leisure.End();
  }).join();
}

// Another thread may have its number by then.
TEST(Leisure, AThreadThatEndedItsLeisureIsNotHurried) {
  Leisure leisure;
  std::thread([&] {
    leisure.Begin();
    leisure.End();
    const int before = sched_getscheduler(0);
    leisure.Hurry();
    EXPECT_EQ(sched_getscheduler(0), before);
  }).join();
}

}  // namespace
}  // namespace vigie::base
