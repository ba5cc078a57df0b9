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

}  // namespace

void GiveWay() {
  constexpr int kNice = 10;
  const auto self = static_cast<id_t>(gettid());
  if (getpriority(PRIO_PROCESS, self) >= kNice) return;
  static_cast<void>(setpriority(PRIO_PROCESS, self, kNice));
}

// Tried by a thread that ends at once: it could stay behind for good.
bool Leisure::IsGranted() {
  static const bool granted = [] {
    bool came_back = false;
    std::thread([&came_back] {
      GiveWay();
      came_back = SetPolicy(gettid(), SCHED_IDLE) && SetPolicy(gettid(), SCHED_OTHER);
    }).join();
    return came_back;
  }();
  return granted;
}

void Leisure::Begin() {
  GiveWay();
  const bool granted = IsGranted();
  const absl::MutexLock lock(&mutex_);
  if (!hurried_ && granted && sched_getscheduler(0) == SCHED_OTHER &&
      SetPolicy(gettid(), SCHED_IDLE))
    thread_ = gettid();
}

void Leisure::End() {
  const absl::MutexLock lock(&mutex_);
  thread_ = 0;
}

void Leisure::Hurry() {
  const absl::MutexLock lock(&mutex_);
  hurried_ = true;
  if (thread_ == 0) return;
  static_cast<void>(SetPolicy(thread_, SCHED_OTHER));
  thread_ = 0;
}

}  // namespace vigie::base
