// SPDX-License-Identifier: Apache-2.0
// Threads that everybody waits for in the end, and threads whose work nobody waits for.
#pragma once

#include <sys/types.h>

#include <atomic>

namespace vigie::base {

// Lets the calling thread, for its whole life, run before others that want the processor. Takes
// CAP_SYS_NICE, or `ulimit -e` of 30 at least; where the system refuses it stays as it was. What it
// begins inherits this, until that thread calls GiveWay or Leisure::Begin.
void GoFirst();

// Lets the calling thread run when threads that somebody waits for leave it a processor; for its
// whole life. Where the system refuses, or the thread gives way already, it stays as it was.
void GiveWay();

// How one thread gives way as long as nobody waits for it.
class Leisure {
 public:
  Leisure() = default;
  Leisure(const Leisure&) = delete;
  Leisure& operator=(const Leisure&) = delete;

  // Whether the system lets a thread come back from where only idle processors are used: it takes
  // CAP_SYS_NICE, or `ulimit -e` of 20 at least. Any thread.
  [[nodiscard]] static bool IsGranted();

  // Until Hurry the calling thread runs only on a processor that nobody else wants, where that is
  // granted; elsewhere it gives way throughout. Once; End on the same thread before it ends.
  void Begin();
  void End();
  // Somebody waits for it now, or soon: it goes on like any other, so that whoever waits does not
  // wait for strangers. Any thread, at any time.
  void Hurry();

 private:
  std::atomic<bool> hurried_ = false;
  std::atomic<pid_t> thread_ = 0;  // From Begin to End, where it may have leisure.
};

}  // namespace vigie::base
