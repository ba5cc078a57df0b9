// SPDX-License-Identifier: Apache-2.0
// Which sources have a live stream: at most one each.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

namespace vigie::rpc {

// Any thread.
class LiveSources {
 public:
  // False when the source has a live stream already.
  [[nodiscard]] bool TryAdd(const std::string& source_id) {
    const absl::MutexLock lock(&mutex_);
    return live_.insert(source_id).second;
  }
  void Remove(const std::string& source_id) {
    const absl::MutexLock lock(&mutex_);
    live_.erase(source_id);
  }
  [[nodiscard]] bool Has(const std::string& source_id) const {
    const absl::MutexLock lock(&mutex_);
    return live_.contains(source_id);
  }

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_set<std::string> live_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace vigie::rpc
