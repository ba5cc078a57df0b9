// SPDX-License-Identifier: Apache-2.0
#include "oversight/chain.h"

#include <algorithm>
#include <deque>
#include <set>
#include <string>

#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/codec.h"
#include "oversight/decision_view.h"
#include "oversight/recorded_event.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

// From weakest; what is not closed or has no degree is as little known as UNDETERMINED.
int StrengthOf(Degree degree) {
  switch (degree) {
    case DEGREE_AUTOMATED:
      return 0;
    case DEGREE_TOKEN:
      return 1;
    case DEGREE_CONCRETE:
      return 3;
    case DEGREE_SIGNIFICANT:
      return 4;
    default:
      return 2;
  }
}

class Chain {
 public:
  Chain(const store::Store::Reader& reader, decision::NameIndex organisation, Decision* decision)
      : reader_(reader), organisation_(organisation), decision_(decision) {
    seen_.insert(decision->decision_id());
  }

  void Add(const Event& event) {
    for (const std::string& id : event.issued().derived_from_decision_ids()) {
      if (seen_.size() > base::kMaxChainDecisions || !seen_.insert(id).second) continue;
      waiting_.push_back(id);
    }
  }

  absl::Status Follow() {
    Degree weakest = decision_->degree();
    for (; !waiting_.empty(); waiting_.pop_front()) {
      ChainLink* link = decision_->add_chain();
      link->set_decision_id(waiting_.front());
      VIGIE_RETURN_IF_ERROR(Look(link));
      if (StrengthOf(link->degree()) < StrengthOf(weakest)) weakest = link->degree();
    }
    if (weakest == DEGREE_UNSPECIFIED) weakest = DEGREE_UNDETERMINED;
    if (decision_->chain_size() > 0) decision_->set_chain_degree(weakest);
    return absl::OkStatus();
  }

 private:
  absl::Status Look(ChainLink* link) {
    const std::string key =
        store::DecisionKey(organisation_, store::IdSpace::kDecision, link->decision_id());
    VIGIE_ASSIGN_OR_RETURN(const auto row, reader_.Get(store::Family::kDecisions, key));
    if (!row.has_value()) return absl::OkStatus();
    VIGIE_ASSIGN_OR_RETURN(const engine::DecisionState state, engine::DecodeDecision(key, *row));
    link->set_state(StateOf(state.stage));
    if (state.stage == engine::Stage::kClosed) link->set_degree(state.finding.degree);
    for (const int64_t position : engine::EventPositions(state)) {
      const auto recorded = ReadRecordedEvent(reader_, position);
      if (absl::IsNotFound(recorded.status())) continue;  // Purged: the chain ends here.
      VIGIE_RETURN_IF_ERROR(recorded.status());
      Add(recorded->event());
      // A block is read for each position; nearly always the first of a decision is its Issued.
      if (recorded->event().has_issued()) break;
    }
    return absl::OkStatus();
  }

  const store::Store::Reader& reader_;
  const decision::NameIndex organisation_;
  Decision* const decision_;
  std::set<std::string> seen_;
  std::deque<std::string> waiting_;
};

}  // namespace

absl::Status FollowChain(const store::Store::Reader& reader, decision::NameIndex organisation,
                         GetDecisionResponse* response) {
  Chain chain(reader, organisation, response->mutable_decision());
  for (const RecordedEvent& recorded : response->events()) {
    if (!recorded.voided()) chain.Add(recorded.event());
  }
  return chain.Follow();
}

}  // namespace vigie::oversight
