// SPDX-License-Identifier: Apache-2.0
// The one place that decides what may leave: the minimum cell, for every door alike.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "decision/scope.h"
#include "engine/published.h"
#include "store/store.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::oversight {

// Which scopes of one period are withheld, and their counts.
struct Disclosure {
  absl::flat_hash_map<decision::ScopeKey, vigie::v1::Suppression> suppression;

  [[nodiscard]] vigie::v1::Suppression Of(const decision::ScopeKey& scope) const {
    const auto found = suppression.find(scope);
    return found == suppression.end() ? vigie::v1::SUPPRESSION_SMALL_CELL : found->second;
  }
};

// Decides suppression on the published state. Any thread.
class Egress {
 public:
  // Both must outlive it.
  Egress(const engine::Published* published, const store::Store* store)
      : published_(published), store_(store) {}

  // For every scope, in one period of one epoch. Recomputed when the log has moved on.
  [[nodiscard]] std::shared_ptr<const Disclosure> Decide(int32_t epoch,
                                                         const decision::PeriodKey& period);
  // The tally of a scope and period, from memory or disk; empty when there is none.
  [[nodiscard]] std::shared_ptr<const decision::Tally> FindTally(const engine::TallyId& id) const;

 private:
  [[nodiscard]] bool DayIsExposed(int32_t epoch, const decision::ScopeKey& scope,
                                  const decision::PeriodKey& day, int64_t minimum) const;

  const engine::Published* published_;
  const store::Store* store_;
  absl::Mutex mutex_;
  struct Kept {
    int64_t as_of = -1;
    std::shared_ptr<const Disclosure> disclosure;
  };
  Kept cumulative_ ABSL_GUARDED_BY(mutex_);  // Of the present epoch: what scrapes and watchers ask.
};

}  // namespace vigie::oversight
