// SPDX-License-Identifier: Apache-2.0
// The records that a fold of later ones needs: settings, policies, the register and measures.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/published.h"
#include "vigie/store/v1/log.pb.h"

namespace vigie::oversight {

// Whether what follows in the log may refer to a record without naming its decision.
[[nodiscard]] bool LastsBeyondItsBlock(const vigie::store::v1::Record& record);

struct KeptRecord {
  int64_t position = 0;
  int64_t recorded_at_ms = 0;
  vigie::store::v1::Record record;
};

// Such records up to a position that was purged, made again from what the fold keeps of them, in
// order of position. What it does not keep is missing: who asked, the key epoch of a person. The
// register has the positions of its numbers, before everything else.
[[nodiscard]] std::vector<KeptRecord> KeptRecords(const engine::PublishedState& state,
                                                  int64_t purged_position);

}  // namespace vigie::oversight
