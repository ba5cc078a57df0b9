// SPDX-License-Identifier: Apache-2.0
// Open alarms as answers.
#pragma once

#include <vector>

#include "decision/scope.h"
#include "engine/published.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::oversight {

// Critical ones first, then in order of raising; those of `only` where it is not null. Call under
// the published lock.
[[nodiscard]] std::vector<vigie::v1::Alarm> AlarmsOf(const engine::PublishedState& state,
                                                     const decision::ScopeKey* only);

}  // namespace vigie::oversight
