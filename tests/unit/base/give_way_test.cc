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

int NiceOf(pid_t thread) { return getpriority(PRIO_PROCESS, static_cast<id_t>(thread)); }

TEST(GoFirst, AThreadThatGoesFirstHasPriorityWhereTheSystemGrantsIt) {
  const int before = NiceOf(gettid());
  std::thread([before] {
    const bool granted = setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), before - 10) == 0;
    static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), before));
    GoFirst();
    EXPECT_EQ(NiceOf(gettid()), granted ? before - 10 : before);
    // What it begins must not take its place.
    std::thread([before] {
      Leisure leisure;
      leisure.Hurry();
      leisure.Begin();
      EXPECT_GE(NiceOf(gettid()), before);
      leisure.End();
    }).join();
  }).join();
  EXPECT_EQ(NiceOf(gettid()), before);
}

// A thread that is hurried goes on as whoever hurries it, or it would keep that one waiting for
// every stranger on the machine; only where the system forbids that does it just give way.
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
  const int before = sched_getscheduler(0);  // That of whoever runs the tests.
  const bool granted = Leisure::IsGranted() && before == SCHED_OTHER;
  EXPECT_EQ(sched_getscheduler(thread), granted ? SCHED_IDLE : before);
  leisure.Hurry();
  EXPECT_EQ(sched_getscheduler(thread), before);
  if (granted) {
    EXPECT_EQ(NiceOf(thread), NiceOf(gettid()));
  } else {
    EXPECT_GE(NiceOf(thread), 10);
  }
  seen.Notify();
  worker.join();
}

TEST(Leisure, AThreadThatWasHurriedBeforeItBeganHasNoLeisure) {
  Leisure leisure;
  leisure.Hurry();
  std::thread([&] {
    const int before = sched_getscheduler(0);
    leisure.Begin();
    EXPECT_EQ(sched_getscheduler(0), before);
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
