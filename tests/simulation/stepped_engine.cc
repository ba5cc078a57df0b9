// SPDX-License-Identifier: Apache-2.0
#include "simulation/stepped_engine.h"

#include <utility>

#include "policy/policy.h"

namespace vigie::simulation {
namespace {

namespace sv = vigie::store::v1;

// Of a stream, what has no result of its own was recorded.
void FillIn(int64_t first_sequence, size_t count, std::vector<EventAnswer>& events) {
  for (size_t i = 0; i < count; ++i) {
    const int64_t sequence = first_sequence + static_cast<int64_t>(i);
    if (i < events.size() && events[i].sequence == sequence) continue;
    events.insert(events.begin() + static_cast<std::ptrdiff_t>(i),
                  {.sequence = sequence, .fate = vigie::v1::EVENT_FATE_RECORDED});
  }
}

BatchAnswer AnswerOf(const engine::Receipt& receipt) {
  BatchAnswer answer;
  answer.refused = !receipt.status.ok();
  answer.durable_sequence = receipt.durable_sequence;
  answer.log_position = receipt.log_position;
  for (const auto& result : receipt.results) {
    answer.events.push_back({.sequence = result.sequence(),
                             .fate = result.fate(),
                             .reason = result.violation().reason(),
                             .status_code = result.status_code()});
  }
  return answer;
}

// A command that appends one record.
engine::Command Appending(sv::Record record) {
  return [record = std::move(record)](engine::Turn& turn) { return turn.Append(record).status(); };
}

}  // namespace

SteppedEngine::SteppedEngine(store::Store::Options store, support::FakeClock* clock)
    : store_(std::move(store)), clock_(clock) {}

SteppedEngine::~SteppedEngine() { Close(); }

absl::Status SteppedEngine::Open(const vigie::config::v1::Policy& policy,
                                 std::shared_ptr<support::FaultyFileSystem> files) {
  Close();
  store_.file_system = files_ = std::move(files);
  auto opened =
      engine::Engine::Open({.store = store_,
                            .time_zone = "Europe/Paris",
                            .policy = {.policy = policy, .sha256 = policy::Sha256OfPolicy(policy)},
                            // A seed must mean the same steps of the disk each time.
                            .sequencer = {.anchor_in_background = false}},
                           clock_);
  if (!opened.ok()) return opened.status();
  engine_ = *std::move(opened);
  engine_->published().SetObserver([this](int64_t) {
    if (cut_after_log_write_) files_->LosePowerAt(0);
  });
  PushGate();
  held_.acquire();
  return absl::OkStatus();
}

void SteppedEngine::Close() {
  if (engine_ == nullptr) return;
  go_.release();
  engine_.reset();
}

void SteppedEngine::Push(engine::Command command) {
  // The queue is empty but for this turn, so there is room.
  if (!engine_->sequencer().TryPush(std::move(command)).ok()) std::abort();
}

void SteppedEngine::PushGate() {
  Push([this](engine::Turn& turn) {
    turn.AfterDurable([this](const absl::Status&) {
      held_.release();
      go_.acquire();
    });
    return absl::OkStatus();
  });
}

std::vector<std::optional<BatchAnswer>> SteppedEngine::Take(const TurnPlan& plan, PowerCut cut,
                                                            int64_t step) {
  clock_->Advance(plan.clock_ms - clock_->NowMs());
  // Reserved: the sequencer's thread writes into it.
  std::vector<std::optional<BatchAnswer>> answers;
  answers.reserve(plan.items.size());
  for (const TurnItem& item : plan.items) {
    const bool batch = std::holds_alternative<SentBatch>(item);
    if (batch) answers.emplace_back();
    Push(item, batch ? &answers.back() : nullptr);
  }
  PushGate();
  cut_after_log_write_ = cut == PowerCut::kAfterLogWrite;
  if (cut == PowerCut::kBeforeTurn) files_->LosePowerAt(0);
  if (cut == PowerCut::kInTurn) files_->LosePowerAt(step);
  go_.release();
  held_.acquire();
  return answers;
}

void SteppedEngine::Push(const TurnItem& item, std::optional<BatchAnswer>* answer) {
  sv::Record record;
  if (const auto* batch = std::get_if<SentBatch>(&item)) return Push(*batch, answer);
  if (const auto* pause = std::get_if<Pause>(&item)) {
    return Push([flush = pause->flush_views](engine::Turn& turn) {
      if (flush) turn.FlushViews();
      return absl::OkStatus();
    });
  }
  if (const auto* lost = std::get_if<LostSequences>(&item)) {
    return Push([lost = *lost](engine::Turn& turn) {
      sv::Record declared;
      declared.mutable_sequence_lost()->set_source_id(lost.source_id);
      declared.mutable_sequence_lost()->set_source_incarnation(lost.source_incarnation);
      declared.mutable_sequence_lost()->set_first_sequence(lost.first);
      declared.mutable_sequence_lost()->set_last_sequence(lost.last);
      const absl::Status status = turn.Append(std::move(declared)).status();
      if (status.ok()) turn.NoteProgress(lost.source_id, lost.source_incarnation, lost.last);
      return status;
    });
  }
  if (const auto* source = std::get_if<vigie::v1::Source>(&item)) {
    *record.mutable_source() = *source;
  } else if (const auto* calibration = std::get_if<sv::Calibration>(&item)) {
    *record.mutable_calibration() = *calibration;
  } else if (const auto* policy = std::get_if<vigie::config::v1::Policy>(&item)) {
    *record.mutable_policy_activated()->mutable_policy() = *policy;
    record.mutable_policy_activated()->set_sha256(policy::Sha256OfPolicy(*policy));
  }
  Push(Appending(std::move(record)));
}

void SteppedEngine::Push(const SentBatch& batch, std::optional<BatchAnswer>* answer) {
  engine::EventWork work;
  work.source_id = batch.source_id;
  work.source_incarnation = batch.source_incarnation;
  work.first_sequence = batch.first_sequence;
  work.watermark_ms = batch.watermark_ms;
  work.validate_only = batch.validate_only;
  for (const vigie::v1::Event& event : batch.events) {
    work.events.push_back(intake_.Prepare(event, batch.source_id));
  }
  const bool sequenced = !work.source_incarnation.empty();
  work.done = [answer, sequenced, first_sequence = work.first_sequence,
               count = work.events.size()](const engine::Receipt& receipt) {
    if (!receipt.status.ok() && !absl::IsOutOfRange(receipt.status)) return;
    *answer = AnswerOf(receipt);
    if (receipt.status.ok() && sequenced) FillIn(first_sequence, count, (*answer)->events);
  };
  if (!engine_->sequencer().TryPush(std::move(work)).ok()) std::abort();
}

}  // namespace vigie::simulation
