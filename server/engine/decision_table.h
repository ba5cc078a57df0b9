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
  // The decision; null when it is not here.
  [[nodiscard]] DecisionState* Find(const store::DecisionName& name);
  [[nodiscard]] bool Contains(const store::DecisionName& name) const {
    return held_.contains(Want(name));
  }
  // Takes in a decision whose name is not here yet.
  DecisionState* Insert(std::unique_ptr<DecisionState> state);
  // Puts it in the place of the one of its name, which is here; that one.
  [[nodiscard]] std::unique_ptr<DecisionState> Replace(std::unique_ptr<DecisionState> state);
  // Lets go of this very decision. Nothing when another has its name by now.
  void Erase(const DecisionState& state);
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const Held& held : held_) visit(*held.state);
  }

 private:
  struct Held {
    size_t hash;
    mutable std::unique_ptr<DecisionState> state;  // Others of the same name may come.
  };
  struct Wanted {
    size_t hash;
    const store::DecisionName& name;
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
  [[nodiscard]] static Wanted Want(const store::DecisionName& name);

  absl::flat_hash_set<Held, Hash, Equal> held_;
  // The one found last, or null: events of one decision often come one after the other.
  DecisionState* last_ = nullptr;
};

}  // namespace vigie::engine
