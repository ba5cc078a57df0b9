// SPDX-License-Identifier: Apache-2.0
#include "base/give_way.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

namespace vigie::base {
namespace {

constexpr sched_param kNoPriority = {};  // Neither policy has one.

bool SetPolicy(pid_t thread, int policy) {
  return sched_setscheduler(thread, policy, &kNoPriority) == 0;
}

// Never takes priority from a thread that has less.
void LowerTo(int nice) {
  const auto self = static_cast<id_t>(gettid());
  if (getpriority(PRIO_PROCESS, self) >= nice) return;
  static_cast<void>(setpriority(PRIO_PROCESS, self, nice));
}

}  // namespace

// From where the operator put the process.
void GoFirst() {
  constexpr int kBefore = 10;
  const auto self = static_cast<id_t>(gettid());
  static_cast<void>(setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) - kBefore));
}

void GiveWay() {
  constexpr int kNice = 10;
  LowerTo(kNice);
}

// Tried by a thread that ends at once: it could stay behind for good.
bool Leisure::IsGranted() {
  static const bool granted = [] {
    bool came_back = false;
    std::thread([&came_back] {
      came_back = SetPolicy(gettid(), SCHED_IDLE) && SetPolicy(gettid(), SCHED_OTHER);
    }).join();
    return came_back;
  }();
  return granted;
}

// No lock: whoever held it and does not get a processor any more would keep Hurry waiting.
void Leisure::Begin() {
  LowerTo(getpriority(PRIO_PROCESS, static_cast<id_t>(getpid())));  // That of the main thread.
  if (!IsGranted() || sched_getscheduler(0) != SCHED_OTHER) return GiveWay();
  thread_ = gettid();
  if (hurried_) return;
  static_cast<void>(SetPolicy(thread_, SCHED_IDLE));
  if (hurried_) static_cast<void>(SetPolicy(thread_, SCHED_OTHER));
}

void Leisure::End() { thread_ = 0; }

// The thread may end between the two lines and its number go to another one; that one runs like any
// other anyway, so this changes nothing.
void Leisure::Hurry() {
  hurried_ = true;
  if (const pid_t thread = thread_; thread != 0) {
    static_cast<void>(SetPolicy(thread, SCHED_OTHER));
  }
}

}  // namespace vigie::base
