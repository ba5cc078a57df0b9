// SPDX-License-Identifier: Apache-2.0
// The decisions in memory.
#pragma once

#include <cstddef>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "engine/state.h"
#include "store/keys.h"

namespace vigie::engine {

[[nodiscard]] store::DecisionName NameOf(const DecisionState& state);

// Decisions by name. They lie all over memory, so what finds them is small and kept apart: it does
// not hold their names once more, and grows without going to them. Not thread-safe.
class DecisionTable {
 public:
  // The decision; null when it is not here. `hash` is the name's (store::DecisionHash).
  [[nodiscard]] DecisionState* Find(const store::DecisionName& name, uint64_t hash);
  [[nodiscard]] bool Contains(const store::DecisionName& name, uint64_t hash) const {
    return held_.contains(Wanted{.hash = hash, .name = name});
  }
  // Begins to bring into the processor's cache where Find looks for this hash.
  void FetchAhead(uint64_t hash) const { held_.prefetch(Wanted{.hash = hash, .name = {}}); }
  // Takes in a decision whose name is not here yet, and whose `hash` is set.
  DecisionState* Insert(std::unique_ptr<DecisionState> state);
  // Puts it in the place of the one of its name, which is here; that one.
  [[nodiscard]] std::unique_ptr<DecisionState> Replace(std::unique_ptr<DecisionState> state);
  // Lets go of this very decision; null when another has its name by now.
  std::unique_ptr<DecisionState> Erase(const DecisionState& state);
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const Held& held : held_) visit(*held.state);
  }

 private:
  struct Held {
    uint64_t hash;
    mutable std::unique_ptr<DecisionState> state;  // Others of the same name may come.
  };
  struct Wanted {
    uint64_t hash;
    store::DecisionName name;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const Held& held) const { return held.hash; }
    size_t operator()(const Wanted& wanted) const { return wanted.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Held& a, const Held& b) const;
    bool operator()(const Held& held, const Wanted& wanted) const;
  };

  absl::flat_hash_set<Held, Hash, Equal> held_;
  // The one found last, or null: events of one decision often come one after the other.
  DecisionState* last_ = nullptr;
};

}  // namespace vigie::engine
