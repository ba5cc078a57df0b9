// SPDX-License-Identifier: Apache-2.0
// What sources send about one decision, in a wild hospital.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/dice.h"
#include "simulation/wild_hospital.h"

namespace vigie::simulation {

// Appends what is sent about a decision that begins at `start_ms`: mostly a plausible story, with
// ties, faults, contradictions, cancelled, doubled and late events among it.
void SendDecision(const std::string& id, int64_t start_ms, const std::vector<WildSource>& sources,
                  Dice& dice, std::vector<Sending>& sendings);

}  // namespace vigie::simulation
