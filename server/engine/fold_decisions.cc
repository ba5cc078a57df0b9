// SPDX-License-Identifier: Apache-2.0
// The fold: the decisions that it holds in memory, and those that it reads again.
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "engine/codec.h"
#include "engine/fold.h"

namespace vigie::engine {
namespace {

constexpr size_t kMostSpare = 4096;     // Decisions.
constexpr size_t kMostSpareFacts = 16;  // Room of each; a larger one is not kept.

}  // namespace

absl::StatusOr<DecisionState*> Fold::FindDecision(const store::DecisionName& name,
                                                  uint64_t id_hash) {
  const uint64_t hash = store::DecisionHash(name.organisation, name.space, id_hash);
  if (DecisionState* found = decisions_.Find(name, hash); found != nullptr) {
    return &ForChange(*found);
  }
  store::PutDecisionKey(name.organisation, name.space, name.id, &key_);
  std::optional<std::string> read;
  std::optional<std::string_view> row = FindClosedRow(key_, hash);
  if (!row.has_value()) {
    VIGIE_ASSIGN_OR_RETURN(read, views_->Get(store::Family::kDecisions, key_));
    row = read;
  }
  if (!row.has_value()) return nullptr;
  VIGIE_ASSIGN_OR_RETURN(DecisionState state, DecodeDecision(key_, *row));
  DecisionState* closed = decisions_.Insert(std::make_unique<DecisionState>(std::move(state)));
  // Kept until the next TakeChanges, whether it changes or not.
  MarkDirty(*closed);
  return closed;
}

std::optional<std::string_view> Fold::FindClosedRow(std::string_view key, uint64_t hash) const {
  const auto row = closed_rows_->Find(key, hash);
  return row.has_value() || flushing_rows_ == nullptr ? row : flushing_rows_->Find(key, hash);
}

std::optional<DecisionState> Fold::FindInMemory(const store::DecisionName& name) {
  store::PutDecisionKey(name.organisation, name.space, name.id, &key_);
  const uint64_t hash = store::DecisionKeyHash(key_);
  if (const DecisionState* found = decisions_.Find(name, hash); found != nullptr) return *found;
  const auto row = FindClosedRow(key_, hash);
  if (!row.has_value()) return std::nullopt;
  return DecodeDecision(key_, *row).value();
}

bool Fold::HoldsInMemory(const store::DecisionName& name) {
  store::PutDecisionKey(name.organisation, name.space, name.id, &key_);
  const uint64_t hash = store::DecisionKeyHash(key_);
  return decisions_.Contains(name, hash) || FindClosedRow(key_, hash).has_value();
}

void Fold::ForEachDecision(const std::function<void(const DecisionState&)>& visit) const {
  decisions_.ForEach(visit);
  for (const auto& rows : {std::shared_ptr<const ClosedRows>(closed_rows_), flushing_rows_}) {
    if (rows == nullptr) continue;
    rows->ForEach([&](std::string_view key, std::string_view row) {
      const DecisionState state = DecodeDecision(key, row).value();
      if (!decisions_.Contains(NameOf(state), state.hash)) visit(state);
    });
  }
}

// Most events come beside others of their decision, so only the first of those is worth it.
void Fold::FetchAhead(const EventFacts& event) {
  if (std::exchange(fetched_id_hash_, event.id_hash) == event.id_hash) return;
  const uint64_t hash =
      store::DecisionHash(last_names_.organisation, SpaceOf(event), event.id_hash);
  decisions_.FetchAhead(hash);
  closed_rows_->FetchAhead(hash);
  if (flushing_rows_ != nullptr) flushing_rows_->FetchAhead(hash);
  views_->FetchAhead(hash);
}

DecisionState& Fold::ForChange(DecisionState& state) {
  if (!IsFlushed(state)) return state;
  auto copy = std::make_unique<DecisionState>(state);
  DecisionState& changed = *copy;
  replaced_.push_back(decisions_.Replace(std::move(copy)));
  if (changed.stage != Stage::kClosed) by_serial_.Put(changed.serial, &changed);
  MarkDirty(changed);
  return changed;
}

void Fold::MarkDirty(DecisionState& state) {
  if (state.flush == next_flush_) return;
  state.flush = next_flush_;
  state.place = dirty_decisions_.size();
  dirty_decisions_.push_back(&state);
  DirtyKind kind = DirtyKind::kClosed;
  if (state.stage != Stage::kClosed) {
    const bool opened = state.first_flush == INT64_MAX;
    if (opened) state.first_flush = next_flush_;
    kind = opened ? DirtyKind::kOpened : DirtyKind::kOpen;
  }
  dirty_kinds_.push_back(kind);
}

// While the state is at hand: what comes for the decision later is rare, and finds it by its row.
void Fold::KeepRow(const DecisionState& state) {
  closed_rows_->Add(state);
  if (state.flush == next_flush_) dirty_decisions_[state.place] = nullptr;
  std::unique_ptr<DecisionState> closed = decisions_.Erase(state);
  if (closed == nullptr || spare_.size() == kMostSpare) return;
  if (closed->facts.capacity() > kMostSpareFacts) return;
  MakeBlank(*closed);
  spare_.push_back(std::move(closed));
}

std::unique_ptr<DecisionState> Fold::BlankDecision() {
  if (spare_.empty()) return std::make_unique<DecisionState>();
  std::unique_ptr<DecisionState> blank = std::move(spare_.back());
  spare_.pop_back();
  return blank;
}

void Fold::DropWritten(size_t most) {
  size_t dropped = 0;
  for (; dropped < most && !written_.empty(); ++dropped) {
    const DecisionState* state = written_.back();
    written_.pop_back();
    decisions_.Erase(*state);
  }
  // Among them are some of `written_`, or such as the flush under way reads.
  if (!written_.empty() || flushing_) return;
  for (; dropped < most && !replaced_.empty(); ++dropped) replaced_.pop_back();
}

}  // namespace vigie::engine
