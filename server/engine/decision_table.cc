// SPDX-License-Identifier: Apache-2.0
#include "engine/decision_table.h"

#include <utility>

namespace vigie::engine {
namespace {

bool IsNamed(const DecisionState& state, const store::DecisionName& name) {
  return state.id == name.id && state.organisation == name.organisation &&
         state.space == name.space;
}

}  // namespace

store::DecisionName NameOf(const DecisionState& state) {
  return {.organisation = state.organisation, .space = state.space, .id = state.id};
}

bool DecisionTable::Equal::operator()(const Held& a, const Held& b) const {
  return a.hash == b.hash && IsNamed(*a.state, NameOf(*b.state));
}

bool DecisionTable::Equal::operator()(const Held& held, const Wanted& wanted) const {
  return held.hash == wanted.hash && IsNamed(*held.state, wanted.name);
}

DecisionState* DecisionTable::Find(const store::DecisionName& name, uint64_t hash) {
  if (last_ != nullptr && last_->hash == hash && IsNamed(*last_, name)) return last_;
  const auto found = held_.find(Wanted{.hash = hash, .name = name});
  return last_ = found == held_.end() ? nullptr : found->state.get();
}

DecisionState* DecisionTable::Insert(std::unique_ptr<DecisionState> state) {
  const uint64_t hash = state->hash;
  return last_ = held_.insert(Held{.hash = hash, .state = std::move(state)}).first->state.get();
}

std::unique_ptr<DecisionState> DecisionTable::Replace(std::unique_ptr<DecisionState> state) {
  last_ = state.get();
  const auto found = held_.find(Wanted{.hash = state->hash, .name = NameOf(*state)});
  return std::exchange(found->state, std::move(state));
}

std::unique_ptr<DecisionState> DecisionTable::Erase(const DecisionState& state) {
  const auto found = held_.find(Wanted{.hash = state.hash, .name = NameOf(state)});
  if (found == held_.end() || found->state.get() != &state) return nullptr;
  if (last_ == &state) last_ = nullptr;
  std::unique_ptr<DecisionState> erased = std::move(found->state);
  held_.erase(found);
  return erased;
}

}  // namespace vigie::engine
