// SPDX-License-Identifier: Apache-2.0
#include "oversight/verdict_feed.h"

#include <memory>
#include <vector>

#include "oversight/look.h"
#include "oversight/summary.h"

namespace vigie::oversight {

std::optional<vigie::v1::WatchVerdictsResponse> VerdictFeed::Next() {
  struct Changed {
    decision::ScopeKey scope;
    vigie::v1::Scope named;
    std::shared_ptr<const decision::Tally> tally;
    Look look;
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
    int64_t number = 0;
    // The response to a draw can change verdicts of scopes whose tallies it does not touch.
    const bool first = given_.empty() && given_standings_.empty();
    const bool new_standings = given_standings_ != state.standings;
    given_standings_ = state.standings;
    for (const decision::ScopeKey& scope : state.scopes) {
      ++number;
      if (scope.test || (!organisation_.empty() && scope.organisation != organisation)) continue;
      auto tally = state.Tally({.epoch = epoch, .scope = scope, .period = {}});
      if (tally == nullptr) continue;
      const auto given = given_alarms_.find(scope);
      Look look = LookAt(state, scope, {}, number);
      const bool new_alarm = given != given_alarms_.end() ? given->second != look.alarm_open
                                                          : look.alarm_position > after_position_;
      const bool drawn = new_standings && !first && !tally->origins.empty();
      if (tally->changed_at <= after_position_ && !new_epoch && !new_alarm && !drawn) continue;
      given_alarms_[scope] = look.alarm_open;
      changed.push_back({scope, NamedScope(scope, state.names), std::move(tally), std::move(look)});
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
      const Conclusion conclusion = ConcludeLook(*row.tally, policy, row.look);
      verdict.set_verdict(conclusion.found.verdict);
      verdict.set_certainty(conclusion.found.certainty);
      verdict.set_change_alarm_open(conclusion.change_alarm_open);
      verdict.set_live_flag(conclusion.live_flag);
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
