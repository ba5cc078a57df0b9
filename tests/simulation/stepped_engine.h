// SPDX-License-Identifier: Apache-2.0
// The engine with its own sequencer, one turn at a time: between turns the sequencer's thread is
// held, so that what a turn takes up and what the clock shows never depend on scheduling.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/engine.h"
#include "engine/intake.h"
#include "privacy/pseudonyms.h"
#include "simulation/turn_plan.h"
#include "support/fake_clock.h"
#include "support/faulty_file_system.h"

namespace vigie::simulation {

// When the disk stops taking anything.
enum class PowerCut { kNever, kBeforeTurn, kInTurn, kAfterLogWrite };

// Not thread-safe.
class SteppedEngine {
 public:
  // `store` without its file system, which each Open gives.
  SteppedEngine(store::Store::Options store, support::FakeClock* clock);
  ~SteppedEngine();
  SteppedEngine(const SteppedEngine&) = delete;
  SteppedEngine& operator=(const SteppedEngine&) = delete;

  // Nothing else may have the directory open. Errors as Engine::Open.
  [[nodiscard]] absl::Status Open(const vigie::config::v1::Policy& policy,
                                  std::shared_ptr<support::FaultyFileSystem> files);
  // Drains, writes the views, ends; where the disk takes nothing any more it only ends.
  void Close();

  // Takes one turn, at the clock of the plan. One answer for each batch; nothing where the engine
  // did not say what became of it. `step` is the disk step at which power goes in a turn, from 1.
  [[nodiscard]] std::vector<std::optional<BatchAnswer>> Take(const TurnPlan& plan, PowerCut cut,
                                                             int64_t step);

  [[nodiscard]] engine::Engine& engine() { return *engine_; }

 private:
  void Push(const TurnItem& item, std::optional<BatchAnswer>* answer);
  void Push(const SentBatch& batch, std::optional<BatchAnswer>* answer);
  void Push(engine::Command command);
  // Holds the sequencer's thread at the end of the turn that it is taken in.
  void PushGate();

  store::Store::Options store_;
  support::FakeClock* const clock_;
  std::shared_ptr<support::FaultyFileSystem> files_;
  engine::Validator validator_{"", {}};
  privacy::Pseudonyms pseudonyms_{std::string(32, 'k'), 1};
  engine::Intake intake_{&validator_, &pseudonyms_, clock_};
  std::unique_ptr<engine::Engine> engine_;
  std::binary_semaphore held_{0};
  std::binary_semaphore go_{0};
  bool cut_after_log_write_ = false;  // Read by the held thread only.
};

}  // namespace vigie::simulation
