// SPDX-License-Identifier: Apache-2.0
// What one watcher of verdicts has not seen yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "engine/published.h"
#include "oversight/egress.h"
#include "vigie/v1/oversight_service.pb.h"

namespace vigie::oversight {

// Compares the published verdicts with those it last gave. Holds one state a scope, so a slow
// reader gets the newest and skips the steps between. Not thread-safe.
class VerdictFeed {
 public:
  // The pointers must outlive it.
  VerdictFeed(const engine::Published* published, Egress* egress,
              const vigie::v1::WatchVerdictsRequest& request)
      : published_(published),
        egress_(egress),
        organisation_(request.organisation_id()),
        after_position_(request.after_position()) {}

  // The scopes whose verdict is new to this watcher; nothing when there is none.
  [[nodiscard]] std::optional<vigie::v1::WatchVerdictsResponse> Next();

 private:
  const engine::Published* published_;
  Egress* egress_;
  const std::string organisation_;
  int64_t after_position_;
  absl::flat_hash_map<decision::ScopeKey, std::string> given_;  // Serialised, without counts.
  absl::flat_hash_map<decision::ScopeKey, bool> given_alarms_;
  decltype(engine::PublishedState::standings) given_standings_;
};

}  // namespace vigie::oversight
