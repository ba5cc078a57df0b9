// SPDX-License-Identifier: Apache-2.0
// Holds what an engine keeps against the slow model, and its views against a fresh fold of its log.
// The only file of the simulation that looks into the engine's state.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "simulation/slow_model.h"
#include "store/store.h"

namespace vigie::simulation {

// A log as it stands in a store.
struct ReadLog {
  std::string fault;                                    // What is wrong with it; empty = nothing.
  int64_t recorded_at_ms = 0;                           // Of the last block.
  std::vector<std::string> records;                     // Lines, as SlowModel::LineOf.
  std::vector<std::pair<int64_t, std::string>> blocks;  // First positions and stored bytes.
};
// Reads the whole log; checks that positions have no gap, that the chain of digests holds, and that
// time never goes back.
[[nodiscard]] ReadLog LogOf(const store::Store& store);

// Each says what differs first; empty = nothing.
[[nodiscard]] std::string CompareRecords(const std::vector<std::string>& got,
                                         const std::vector<std::string>& want);
// The fold of a log against the model: every decision, every tally of every scope and period.
// Then the rows of that fold against the views of the store, byte for byte; views must be flushed.
[[nodiscard]] std::string CompareFold(const ReadLog& log, const store::Store& store,
                                      const SlowModel& model);
// What readers are told: position, events, sources' progress, tallies of the present epoch.
[[nodiscard]] std::string ComparePublished(const engine::Published& published,
                                           const SlowModel& model);

}  // namespace vigie::simulation
