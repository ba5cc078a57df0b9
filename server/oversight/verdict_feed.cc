// SPDX-License-Identifier: Apache-2.0
#include "oversight/verdict_feed.h"

#include <memory>
#include <vector>

#include "decision/verdict.h"
#include "oversight/summary.h"

namespace vigie::oversight {

std::optional<vigie::v1::WatchVerdictsResponse> VerdictFeed::Next() {
  struct Changed {
    decision::ScopeKey scope;
    vigie::v1::Scope named;
    std::shared_ptr<const decision::Tally> tally;
  };
  std::vector<Changed> changed;
  vigie::config::v1::Policy policy;
  int32_t epoch = 0;
  int64_t as_of = 0;
  published_->Read([&](const engine::PublishedState& state) {
    as_of = state.as_of;
    epoch = state.epoch();
    if (state.epochs.empty()) return;
    policy = state.epochs.back().activated().policy();
    // A watcher of the epoch before has to learn of the new one's verdicts.
    const bool new_epoch = state.epochs.back().position() > after_position_;
    const auto organisation = state.names.Find(organisation_);
    for (const decision::ScopeKey& scope : state.scopes) {
      if (scope.test || (!organisation_.empty() && scope.organisation != organisation)) continue;
      auto tally = state.Tally({.epoch = epoch, .scope = scope, .period = {}});
      if (tally == nullptr) continue;
      if (tally->changed_at <= after_position_ && !new_epoch) continue;
      changed.push_back({scope, NamedScope(scope, state.names), std::move(tally)});
    }
  });
  after_position_ = as_of;
  if (changed.empty()) return std::nullopt;
  const auto disclosure = egress_->Decide(epoch, {});
  vigie::v1::WatchVerdictsResponse response;
  for (const Changed& row : changed) {
    vigie::v1::ScopeVerdict verdict;
    *verdict.mutable_scope() = row.named;
    verdict.set_suppression(disclosure->Of(row.scope));
    verdict.set_verdict(vigie::v1::VERDICT_UNDETERMINED);
    const bool shown = verdict.suppression() == vigie::v1::SUPPRESSION_NONE;
    if (shown) {
      const auto found = decision::Conclude(*row.tally, policy);
      verdict.set_verdict(found.verdict);
      verdict.set_certainty(found.certainty);
    }
    std::string key = verdict.SerializeAsString();
    std::string& given = given_[row.scope];
    if (given == key) continue;
    given = std::move(key);
    if (shown) verdict.set_closed_count(row.tally->closed);
    *response.add_verdicts() = std::move(verdict);
  }
  if (response.verdicts().empty()) return std::nullopt;
  response.set_as_of(as_of);
  return response;
}

}  // namespace vigie::oversight
