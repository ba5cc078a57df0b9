// SPDX-License-Identifier: Apache-2.0
#include "engine/decision_table.h"

#include <utility>

#include "absl/hash/hash.h"
#include "base/cat.h"

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

DecisionTable::Wanted DecisionTable::Want(const store::DecisionName& name) {
  return {.hash = absl::HashOf(name.organisation, name.space, base::ToAbsl(name.id)), .name = name};
}

DecisionState* DecisionTable::Find(const store::DecisionName& name) {
  if (last_ != nullptr && IsNamed(*last_, name)) return last_;
  const auto found = held_.find(Want(name));
  return last_ = found == held_.end() ? nullptr : found->state.get();
}

DecisionState* DecisionTable::Insert(std::unique_ptr<DecisionState> state) {
  const size_t hash = Want(NameOf(*state)).hash;
  return last_ = held_.insert(Held{.hash = hash, .state = std::move(state)}).first->state.get();
}

std::unique_ptr<DecisionState> DecisionTable::Replace(std::unique_ptr<DecisionState> state) {
  const store::DecisionName name = NameOf(*state);
  last_ = state.get();
  return std::exchange(held_.find(Want(name))->state, std::move(state));
}

void DecisionTable::Erase(const DecisionState& state) {
  const auto found = held_.find(Want(NameOf(state)));
  if (found == held_.end() || found->state.get() != &state) return;
  if (last_ == &state) last_ = nullptr;
  held_.erase(found);
}

}  // namespace vigie::engine
