// SPDX-License-Identifier: Apache-2.0
// Whether the decisions that a person took in one hour fit into it (indicator I5).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "decision/fact.h"
#include "decision/scope.h"
#include "store/store.h"
#include "vigie/store/v1/view.pb.h"

namespace vigie::engine {

// Decisions of one actor-hour that count in the same tallies.
struct HourCell {
  decision::ScopeKey scope;  // Finest.
  int32_t epoch = 0;
  int64_t decisive_at_ms = 0;
  int64_t count = 0;
};

// Keeps each person's hours only until nothing of them can close any more; nothing here is summed
// up over hours or shown. The outcome does not depend on the order of arrival. Not thread-safe.
class ActorHours {
 public:
  // What one more decision changes.
  struct Change {
    bool fits = true;              // The hour holds its minima, this one included.
    bool became_overfull = false;  // Now, so that `others` turn from fitting to not.
    std::vector<HourCell> others;  // Decisions of the hour that came before.
  };

  // `minimum_ms` is the time minimum of a decision decided in `cell`; `recorded_at_ms` is now.
  // Nothing where the limit of hours is reached: such a decision is unknown.
  [[nodiscard]] std::optional<Change> Add(const decision::Pseudonym& actor, const HourCell& cell,
                                          int64_t minimum_ms, int64_t recorded_at_ms,
                                          const absl::TimeZone& zone);
  // Forgets hours that ended and were touched last before `recorded_at_ms`.
  void DropUntouchedSince(int64_t recorded_at_ms);

  // Rows `h/<organisation>/<actor><hour>`.
  void PutRows(std::vector<store::ViewChange>& changes);
  void LoadRow(const vigie::store::v1::ActorHourView& row);

 private:
  struct Key {
    decision::NameIndex organisation = 0;
    decision::Pseudonym actor{};
    int64_t hour = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.organisation, key.actor, key.hour);
    }
  };
  struct Hour {
    int64_t minimum_ms = 0;
    std::vector<HourCell> cells;
    int64_t touched_ms = 0;
    bool dirty = false;
  };
  [[nodiscard]] static std::string RowKey(const Key& key);

  absl::flat_hash_map<Key, Hour> hours_;
  // One entry an hour, by a time at which it was touched; put back when it was touched since.
  std::priority_queue<std::pair<int64_t, Key>, std::vector<std::pair<int64_t, Key>>, std::greater<>>
      touched_;
  std::vector<Key> dirty_;
  std::vector<Key> dropped_;
};

}  // namespace vigie::engine
