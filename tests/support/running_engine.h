// SPDX-License-Identifier: Apache-2.0
// An engine over a directory of its own, with a clock that a test moves.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "engine/engine.h"
#include "engine/intake.h"
#include "gtest/gtest.h"
#include "support/baseline_policy.h"
#include "support/events.h"
#include "support/fake_clock.h"
#include "support/temporary_directory.h"
#include "vigie/v1/registry_service.pb.h"

namespace vigie::support {

// Waits for the sequencer through its callbacks, never by time.
class RunningEngine {
 public:
  explicit RunningEngine(engine::Sequencer::Options sequencer = {}, engine::Fold::Options fold = {})
      : sequencer_(std::move(sequencer)), fold_(fold) {
    EXPECT_TRUE(Open(directory_.path()).ok());
  }

  // Opens nothing yet; `adjust` may change what every Open is given.
  using Adjust = std::function<void(engine::Engine::Options&)>;
  explicit RunningEngine(Adjust adjust) : adjust_(std::move(adjust)) {}

  [[nodiscard]] absl::Status Open() { return Open(directory_.path()); }
  [[nodiscard]] absl::Status Open(const std::string& directory) {
    engine_.reset();
    engine::Engine::Options options;
    options.store.directory = directory;
    options.store.block_cache_bytes = 1 << 20;
    options.fold = fold_;
    options.time_zone = "Europe/Paris";
    options.policy = LoadedBaseline();
    options.sequencer = sequencer_;
    options.sequencer.anchor_in_background = false;  // So that a test knows when it is kept.
    if (adjust_) adjust_(options);
    auto opened = engine::Engine::Open(std::move(options), &clock_);
    if (opened.ok()) engine_ = *std::move(opened);
    return opened.status();
  }
  void Close() { engine_.reset(); }

  [[nodiscard]] engine::EventWork Work(const std::vector<Event>& events,
                                       const std::string& source_id = "ehr") const {
    engine::EventWork work;
    work.source_id = source_id;
    for (const Event& event : events) {
      work.events.push_back(intake_.Prepare(event, source_id));
    }
    return work;
  }
  // Pushes and waits for what became of it, and until readers see it.
  engine::Receipt Send(engine::EventWork work) {
    engine::Receipt receipt;
    absl::Notification done;
    work.done = [&](engine::Receipt got) {
      receipt = std::move(got);
      done.Notify();
    };
    const absl::Status pushed = engine_->sequencer().TryPush(std::move(work));
    if (!pushed.ok()) return {.status = pushed, .results = {}};
    done.WaitForNotification();
    engine_->published().AwaitAcknowledged();
    return receipt;
  }
  engine::Receipt Send(std::vector<Event> events) { return Send(Work(std::move(events))); }
  // The same, where braces would be in the way of a macro.
  template <typename... Events>
  engine::Receipt SendEvents(Events... events) {
    return Send(std::vector<Event>{std::move(events)...});
  }
  // Takes a turn that appends `record`, or only lets time pass.
  void Turn(std::optional<vigie::store::v1::Record> record = std::nullopt) {
    absl::Notification done;
    const engine::Command command = [&](engine::Turn& turn) -> absl::Status {
      turn.AfterDurable([&](const absl::Status&) { done.Notify(); });
      if (!record.has_value()) return absl::OkStatus();
      return turn.Append(*record).status();
    };
    ASSERT_TRUE(engine_->sequencer()
                    .TryPush(command, record.has_value() ? engine::Sequencer::Reserve::kKeep
                                                         : engine::Sequencer::Reserve::kMayUse)
                    .ok());
    done.WaitForNotification();
  }
  void DeclareSource() {
    vigie::store::v1::Record record;
    record.mutable_source()->set_source_id("ehr");
    for (int kind = 1; kind <= vigie::v1::PAYLOAD_KIND_UNAIDED_DECISION; ++kind) {
      record.mutable_source()->add_payloads(static_cast<vigie::v1::PayloadKind>(kind));
    }
    Turn(record);
  }

  [[nodiscard]] engine::Engine& engine() { return *engine_; }
  [[nodiscard]] FakeClock& clock() { return clock_; }
  [[nodiscard]] privacy::Pseudonyms& pseudonyms() { return pseudonyms_; }
  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }
  [[nodiscard]] int64_t EventCount() const {
    engine_->published().AwaitAcknowledged();
    return engine_->published().Read([](const auto& state) { return state.event_count; });
  }

 private:
  TemporaryDirectory directory_;
  FakeClock clock_{kMorningMs};
  engine::Validator validator_{"hospital", {}};
  privacy::Pseudonyms pseudonyms_{std::string(32, 'k'), 1};
  engine::Intake intake_{&validator_, &pseudonyms_, &clock_};
  engine::Sequencer::Options sequencer_;
  engine::Fold::Options fold_;
  Adjust adjust_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace vigie::support
