// SPDX-License-Identifier: Apache-2.0
// Tells the thread sanitizer what Abseil's mutex does. Debian's Abseil is built without the
// sanitizer, so it cannot see that a lock orders anything. These definitions stand before those of
// the library: they call it, and say what happened. For builds under the thread sanitizer only.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <sched.h>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace {

// The library's own definition of a member function without arguments.
template <typename Result>
Result CallReal(const char* symbol, const void* object) {
  using Function = Result (*)(const void*);
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, symbol))(object);
}

void Acquired(const void* object) { __tsan_acquire(const_cast<void*>(object)); }
void Releasing(const void* object) { __tsan_release(const_cast<void*>(object)); }

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  CallReal<void>("_ZN4absl7debian35Mutex4LockEv", this);
  Acquired(this);
}

void Mutex::Unlock() {
  Releasing(this);
  CallReal<void>("_ZN4absl7debian35Mutex6UnlockEv", this);
}

void Mutex::ReaderLock() {
  CallReal<void>("_ZN4absl7debian35Mutex10ReaderLockEv", this);
  Acquired(this);
}

void Mutex::ReaderUnlock() {
  Releasing(this);
  CallReal<void>("_ZN4absl7debian35Mutex12ReaderUnlockEv", this);
}

// The library lets other threads evaluate a condition; here its own thread looks now and then.
bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  while (!condition.Eval()) {
    if (Now() >= deadline) return false;
    Unlock();
    sched_yield();
    Lock();
  }
  return true;
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  return AwaitWithDeadline(condition, Now() + timeout);
}

void Mutex::Await(const Condition& condition) {
  static_cast<void>(AwaitWithDeadline(condition, InfiniteFuture()));
}

void Notification::Notify() {
  Releasing(this);
  CallReal<void>("_ZN4absl7debian312Notification6NotifyEv", this);
}

void Notification::WaitForNotification() const {
  CallReal<void>("_ZNK4absl7debian312Notification19WaitForNotificationEv", this);
  Acquired(this);
}

ABSL_NAMESPACE_END
}  // namespace absl
