// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

#include "base/cat.h"

namespace vigie::engine {
namespace {

constexpr uint64_t kIdHalf = 0xffff'ffff'0000'0000;

}  // namespace

void MakeBlank(DecisionState& state) {
  DecisionState blank;
  const auto keep_room = [](auto& from, auto& to) {
    from.clear();
    to = std::move(from);
  };
  keep_room(state.id, blank.id);
  keep_room(state.facts, blank.facts);
  keep_room(state.fingerprints, blank.fingerprints);
  keep_room(state.positions, blank.positions);
  keep_room(state.sources, blank.sources);
  state = std::move(blank);
}

size_t EventCount(const DecisionState& state) {
  return state.stage == Stage::kClosed ? state.positions.size() : state.facts.size();
}

std::vector<int64_t> EventPositions(const DecisionState& state) {
  if (state.stage == Stage::kClosed) return state.positions;
  std::vector<int64_t> positions;
  positions.reserve(state.facts.size());
  for (const decision::Fact& fact : state.facts) positions.push_back(fact.position);
  return positions;
}

int64_t FirstPosition(const DecisionState& state) {
  if (EventCount(state) == 0) return 0;
  return state.stage == Stage::kClosed ? state.positions.front() : state.facts.front().position;
}

uint64_t FingerprintOf(uint64_t event_hash, uint64_t content_hash) {
  return (event_hash & kIdHalf) | (content_hash & ~kIdHalf);
}

Repeat RepeatOf(const DecisionState& state, uint64_t event_hash, uint64_t content_hash) {
  if (state.stage != Stage::kClosed) {
    for (const decision::Fact& fact : state.facts) {
      if (fact.event_hash != event_hash) continue;
      return fact.content_hash == content_hash ? Repeat::kSame : Repeat::kChanged;
    }
    return Repeat::kNone;
  }
  const uint64_t wanted = FingerprintOf(event_hash, content_hash);
  for (const uint64_t fingerprint : state.fingerprints) {
    if (((fingerprint ^ wanted) & kIdHalf) != 0) continue;
    return fingerprint == wanted ? Repeat::kSame : Repeat::kChanged;
  }
  return Repeat::kNone;
}

void KeepFingerprints(DecisionState& state) {
  state.fingerprints.reserve(state.facts.size());
  state.positions.reserve(state.facts.size());
  for (const decision::Fact& fact : state.facts) {
    state.fingerprints.push_back(FingerprintOf(fact.event_hash, fact.content_hash));
    state.positions.push_back(fact.position);
  }
}

std::string OpenRowKey(const DecisionState& state) {
  return base::Cat("o/", store::DecisionKey(state.organisation, state.space, state.id));
}

}  // namespace vigie::engine
