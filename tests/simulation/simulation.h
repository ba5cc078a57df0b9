// SPDX-License-Identifier: Apache-2.0
// One simulated life of an engine: a wild hospital, a network that loses and repeats, a disk whose
// power goes, against the slow model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "simulation/mutation.h"

namespace vigie::simulation {

// What is broken on purpose, beside the model.
enum class Sabotage {
  kNone,
  kNoSync,         // Blocks are acknowledged before they are on disk.
  kChangeOneView,  // One byte of one view changes.
};

struct SimulationOptions {
  uint64_t seed = 1;
  Mutation mutation = Mutation::kNone;  // Of the model.
  Sabotage sabotage = Sabotage::kNone;
};

// Where and how it went wrong.
struct SimulationFailure {
  int64_t commit = 0;  // Turns taken so far.
  std::string what;
};

struct SimulationResult {
  std::optional<SimulationFailure> failure;
  std::string log_sha256;  // Over all stored blocks at the end.
  int64_t turns = 0;
  int64_t events = 0;  // Recorded.
  int64_t crashes = 0;
  int64_t closed = 0;  // Decisions.
};

// Runs one life, in the current directory, where it makes and removes a directory `data`. The same
// options give the same result.
[[nodiscard]] SimulationResult Simulate(const SimulationOptions& options);

}  // namespace vigie::simulation
