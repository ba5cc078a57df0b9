// SPDX-License-Identifier: Apache-2.0
// Threads whose work nobody waits for.
#pragma once

#include <sys/types.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace vigie::base {

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
  // CAP_SYS_NICE, or `ulimit -e` of 10 at least. Any thread.
  [[nodiscard]] static bool IsGranted();

  // The calling thread gives way, and until Hurry it runs only on a processor that nobody else
  // wants, where that is granted. Once; End on the same thread before it ends.
  void Begin();
  void End();
  // Somebody waits for it now. Any thread, at any time.
  void Hurry();

 private:
  absl::Mutex mutex_;
  bool hurried_ ABSL_GUARDED_BY(mutex_) = false;
  pid_t thread_ ABSL_GUARDED_BY(mutex_) = 0;  // While it runs at leisure; 0 = it does not.
};

}  // namespace vigie::base
