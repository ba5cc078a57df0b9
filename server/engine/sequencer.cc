// SPDX-License-Identifier: Apache-2.0
#include "engine/sequencer.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "base/cat.h"
#include "base/give_way.h"
#include "base/limits.h"
#include "base/log_line.h"
#include "base/status_macros.h"
#include "store/block.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators and messages.

// Views are at most this far behind when idle. Most decisions are closed by then, and written once.
constexpr int64_t kFlushEveryMs = 2000;
constexpr int64_t kTakeViewsUpWithinMs = 50;
constexpr int64_t kTickEveryMs = 1000;
constexpr int64_t kMeasureDiskEveryMs = 1000;
// What watches see is at most so far behind; readers that ask see all. Many tallies take longer.
constexpr int kPublishEveryMs = 250, kPublishManyEveryMs = 1000;
constexpr size_t kManyTallies = 1000;
constexpr int kMaxQueuedCommands = 4096;
constexpr int64_t kCommandBytes = 4096;  // What most commands append at most.

absl::Status PassesWithTime(const Refusal& refusal) {
  absl::Status status = ToStatus(refusal);
  status.SetPayload(kViolationPayload, absl::Cord(refusal.violation.SerializeAsString()));
  return status;
}

absl::Status QueueFull() {
  return PassesWithTime(MakeRefusal(REFUSAL_REASON_QUEUE_FULL, "queue", "full",
                                    base::Cat("a retry after ", base::kRetryDelayMs, " ms"),
                                    absl::StatusCode::kResourceExhausted));
}

absl::Status DiskReserved() {
  return PassesWithTime(
      MakeRefusal(REFUSAL_REASON_DISK_RESERVE, "disk", "no room above limits.disk_reserve_bytes",
                  "a retry after space was freed on the disk of the data directory",
                  absl::StatusCode::kResourceExhausted));
}

absl::Status Stopping() {
  return absl::UnavailableError("daemon: stopping; retry after it has started again");
}

}  // namespace

Sequencer::Sequencer(Fold* fold, store::Store* store, Published* published,
                     const base::Clock* clock, Options options)
    : fold_(fold),
      store_(store),
      published_(published),
      clock_(clock),
      options_(std::move(options)),
      anchor_(store, options_.anchor_in_background),
      log_(store),
      flush_(fold, store, published,
             {.background_from_rows = options_.background_from_rows,
              .on_ready = [this] { WakeForViews(); }}) {
  published_->SetAsked([this] { WakeForReaders(); });
}

Sequencer::~Sequencer() { Stop(); }

void Sequencer::Start() {
  last_flush_ms_ = clock_->NowMs();
  anchor_.Start(last_flush_ms_);
  static_cast<void>(published_->Update(*fold_));
  // Catching up left the views on disk where the fold is.
  published_->Flushed(fold_->cursor().position());
  MeasureDisk();
  thread_ = std::thread([this] { Run(); });
}

void Sequencer::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status Sequencer::TryPush(EventWork work) {
  const auto events = std::max<int64_t>(static_cast<int64_t>(work.events.size()), 1);
  const int64_t bytes = LogBytesOf(work);
  const absl::MutexLock lock(&mutex_);
  if (stopping_) return Stopping();
  if (queued_events_ + events > options_.max_queued_events) return QueueFull();
  const bool writes = options_.disk != nullptr && !work.validate_only;
  if (writes && !options_.disk->TryTake(bytes)) return DiskReserved();
  queued_events_ += events;
  queued_bytes_ += bytes;
  queue_.push_back({.work = std::move(work), .bytes = bytes});
  return absl::OkStatus();
}

absl::Status Sequencer::TryPush(Command command, Reserve reserve) {
  const absl::MutexLock lock(&mutex_);
  if (stopping_) return Stopping();
  if (queue_.size() >= static_cast<size_t>(options_.max_queued_events) + kMaxQueuedCommands) {
    return QueueFull();
  }
  const bool keeps = options_.disk != nullptr && reserve == Reserve::kKeep;
  if (keeps && !options_.disk->TryTake(kCommandBytes)) return DiskReserved();
  queue_.push_back({.work = std::move(command)});
  return absl::OkStatus();
}

int64_t Sequencer::QueuedEvents() const {
  const absl::MutexLock lock(&mutex_);
  return queued_events_;
}

void Sequencer::Run() {
  base::GoFirst();
  for (;;) {
    Taken taken = Take();
    if (failure_.ok()) {
      MeasureDisk();
      const absl::Status status = TakeTurn(std::move(taken.work), taken.bytes);
      if (!status.ok()) Fail(status);
    } else {
      Abandon(taken.work, 0);
    }
    if (taken.stop) break;
  }
  const absl::Status written = log_.WaitIdle();
  if (!failure_.ok()) return;
  const absl::Status flushed = written.ok() ? MaybeFlush(/*forced=*/true) : written;
  if (!flushed.ok()) Fail(flushed);
  published_->End();
}

// Answers what will never be done, so that no caller waits for ever: all events, and the commands
// from `from` on, whose waiting ones are known only once they ran.
void Sequencer::Abandon(std::vector<Work>& work, size_t from) {
  for (size_t i = 0; i < work.size(); ++i) {
    if (auto* events = std::get_if<EventWork>(&work[i])) {
      if (events->done) std::exchange(events->done, nullptr)({.status = Stopping(), .results = {}});
    } else if (i >= from) {
      Turn turn(fold_, fold_->cursor().recorded_at_ms());
      static_cast<void>(std::get<Command>(work[i])(turn));
      for (const auto& done : turn.waiting_) done(Stopping());
    }
  }
}

// Waits for work, for the next due time, or for the next flush.
Sequencer::Taken Sequencer::Take() {
  Taken taken;
  const absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !queue_.empty() || stopping_ || views_ready_ || readers_wait_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&ready), WaitLimit());
  views_ready_ = false;
  const int64_t limit = queued_events_ > int64_t{2} * base::kMaxTurnEvents ? base::kMaxTurnEvents
                                                                           : base::kShortTurnEvents;
  int64_t taken_events = 0;
  while (!queue_.empty() && taken_events < limit) {
    Queued& next = queue_.front();
    if (const auto* events = std::get_if<EventWork>(&next.work)) {
      const auto count = std::max<int64_t>(static_cast<int64_t>(events->events.size()), 1);
      taken_events += count;
      queued_events_ -= count;
      queued_bytes_ -= next.bytes;
      taken.bytes += next.bytes;
    }
    taken.work.push_back(std::move(next.work));
    queue_.pop_front();
  }
  taken.stop = stopping_ && queue_.empty();
  return taken;
}

absl::Duration Sequencer::WaitLimit() const {
  int64_t wait_ms = AnchorWriter::kEveryMs;
  const int64_t now_ms = clock_->NowMs();
  if (const int64_t tick_ms = NextTickMs(); tick_ms != INT64_MAX) {
    wait_ms = std::min(wait_ms, tick_ms - now_ms + 1);
  }
  if (flush_.under_way()) {
    wait_ms = std::min(wait_ms, kTakeViewsUpWithinMs);
  } else if (unflushed_records_ > 0) {
    wait_ms = std::min(wait_ms, last_flush_ms_ + kFlushEveryMs - now_ms);
  }
  if (unpublished_) wait_ms = std::min<int64_t>(wait_ms, kPublishEveryMs);
  return absl::Milliseconds(std::clamp<int64_t>(wait_ms, 0, AnchorWriter::kEveryMs));
}

// At most once a second.
void Sequencer::MeasureDisk() {
  const int64_t now_ms = clock_->NowMs();
  if (options_.disk == nullptr || now_ms - last_measure_ms_ < kMeasureDiskEveryMs) return;
  last_measure_ms_ = now_ms;
  const int64_t free_bytes = options_.disk->MeasureFree();
  const absl::MutexLock lock(&mutex_);
  options_.disk->Update(free_bytes, queued_bytes_);
}

// While the disk is down to its reserve the log's time stands still, so that nothing closes and
// nothing has to be written for it. A new store has no time yet.
bool Sequencer::IsPaused() const {
  return options_.disk != nullptr && options_.disk->reached() && fold_->cursor().position() > 0;
}

// L6: when something becomes due and no block says so, at most one tick a second.
int64_t Sequencer::NextTickMs() const {
  if (IsPaused()) return INT64_MAX;
  const auto due_ms = fold_->NextDueMs();
  if (!due_ms.has_value()) return INT64_MAX;
  return std::max(*due_ms, fold_->cursor().recorded_at_ms() + kTickEveryMs);
}

absl::Status Sequencer::TakeTurn(std::vector<Work> work, int64_t bytes) {
  const double started = base::MonotonicSeconds();
  const int64_t last_ms = fold_->cursor().recorded_at_ms();
  const int64_t now_ms = IsPaused() ? last_ms : std::max(clock_->NowMs(), last_ms);
  const bool commanded = std::any_of(work.begin(), work.end(), [](const Work& item) {
    return std::holds_alternative<Command>(item);
  });
  if (commanded) {
    // Commands read the store, and find it as the fold left it.
    absl::Status written = log_.WaitIdle();
    if (written.ok()) written = flush_.End();
    fold_->DropWritten();
    if (!written.ok()) {
      Abandon(work, 0);
      return written;
    }
  }
  Turn turn(fold_, now_ms, bytes);
  if (!work.empty() || NextTickMs() <= now_ms) VIGIE_RETURN_IF_ERROR(FoldTurn(work, turn));
  if (!commanded && !turn.block_.empty() && MayGoAhead()) {
    return GoAhead(std::move(work), std::move(turn), started);
  }
  return FinishTurn(work, std::move(turn), started, commanded);
}

absl::Status Sequencer::FoldTurn(std::vector<Work>& work, Turn& turn) {
  const absl::StatusOr<bool> began = fold_->BeginBlock(turn.recorded_at_ms_);
  absl::Status status = began.status();
  size_t taken = 0;
  while (status.ok() && taken < work.size()) {
    Work& item = work[taken++];
    auto* events = std::get_if<EventWork>(&item);
    status = events != nullptr ? ProcessEvents(*events, turn) : std::get<Command>(item)(turn);
  }
  // Time that closed something must be in the log, or a replay would not see it pass (L6).
  if (status.ok() && *began && turn.block_.record_count() == 0) turn.AddTick();
  if (status.ok()) return status;
  for (const auto& done : turn.waiting_) done(Stopping());
  Abandon(work, taken);
  return status;
}

// Under load, when nobody waits for more than the block: the next turn is folded while this one is
// written. What is published and written besides stays behind the log.
bool Sequencer::MayGoAhead() const {
  if (PublishIsDue()) return false;
  const absl::MutexLock lock(&mutex_);
  return queued_events_ > 0 && !readers_wait_;
}

absl::Status Sequencer::GoAhead(std::vector<Work> work, Turn turn, double started) {
  LogAppend::Block block;
  block.first_position = turn.block_.first_position();
  block.bytes = Seal(turn);
  const int64_t position = turn.next_position_ - 1;
  // The events are kept with it so that freeing them is not the sequencer's work.
  block.done = [this, started, position,
                kept = std::make_shared<std::vector<Work>>(std::move(work)),
                waiting = std::move(turn.waiting_), report = std::move(turn.report_)](
                   const absl::Status& status, double write_seconds) mutable {
    if (status.ok()) published_->Acknowledge(position);
    for (const auto& done : waiting) done(status.ok() ? absl::OkStatus() : Stopping());
    report.write_seconds = write_seconds;
    report.turn_seconds = base::MonotonicSeconds() - started;
    if (status.ok() && options_.on_turn) options_.on_turn(report);
  };
  return log_.Submit(std::move(block));
}

absl::Status Sequencer::FinishTurn(const std::vector<Work>& work, Turn turn, double started,
                                   bool commanded) {
  absl::Status written = log_.WaitIdle();
  if (written.ok() && !turn.block_.empty()) {
    const double write_started = base::MonotonicSeconds();
    const std::string bytes = Seal(turn);
    written = store_->AppendBlock(turn.block_.first_position(), bytes);
    turn.report_.write_seconds = base::MonotonicSeconds() - write_started;
  }
  if (written.ok()) {
    published_->Acknowledge(fold_->cursor().position());
    if (commanded) Publish(/*forced=*/true);  // Whoever gave a command looks for what it did.
    if (turn.flush_views_) written = MaybeFlush(/*forced=*/true);
  }
  for (const auto& done : turn.waiting_) done(written.ok() ? absl::OkStatus() : Stopping());
  // Nobody waits for the rest but those who asked.
  if (written.ok()) Publish(/*forced=*/false);
  if (written.ok() && !turn.flush_views_) written = MaybeFlush(/*forced=*/false);
  VIGIE_RETURN_IF_ERROR(written);
  turn.report_.turn_seconds = base::MonotonicSeconds() - started;
  if (options_.on_turn && !work.empty()) options_.on_turn(turn.report_);
  return absl::OkStatus();
}

absl::Status Sequencer::ProcessEvents(EventWork& work, Turn& turn) {
  Receipt receipt;
  const bool sequenced = !work.source_incarnation.empty();
  int64_t last_sequence = 0;
  if (const SourceEntry* source = fold_->FindSource(work.source_id);
      sequenced && source != nullptr &&
      source->view.source_incarnation() == work.source_incarnation) {
    last_sequence = source->view.last_sequence();
  }
  receipt.durable_sequence = last_sequence;
  if (sequenced && work.first_sequence > last_sequence + 1) {
    receipt.status = absl::OutOfRangeError(
        base::Cat("batch.first_sequence: got ", work.first_sequence, ", want ", last_sequence + 1,
                  "; send the missing events, or declare_gap when they are lost"));
  } else if (!fold_->HasRoomForSource(work.source_id)) {
    receipt.status = absl::ResourceExhaustedError(
        base::Cat("source_id: got a new source, want at most ", base::kMaxSources));
  }
  if (!receipt.status.ok()) {
    turn.AfterDurable([done = std::exchange(work.done, nullptr),
                       receipt](const absl::Status&) mutable { done(std::move(receipt)); });
    return absl::OkStatus();
  }
  int64_t sequence = work.first_sequence;
  EventResult result;
  for (size_t i = 0; i < work.events.size(); ++i) {
    PreparedEvent& event = work.events[i];
    if (const EventFacts* soon = FetchAhead(work.events, i)) fold_->FetchAhead(*soon);
    result.set_sequence(sequence++);
    const bool repeated = sequenced && result.sequence() <= last_sequence;
    VIGIE_RETURN_IF_ERROR(ProcessEvent(work, event, repeated, turn, result));
    const EventFate fate = result.fate();
    receipt.recorded_count += fate == EVENT_FATE_RECORDED ? 1 : 0;
    receipt.duplicate_count += fate == EVENT_FATE_DUPLICATE ? 1 : 0;
    receipt.refused_count += fate == EVENT_FATE_REFUSED ? 1 : 0;
    if (!sequenced || fate != EVENT_FATE_RECORDED) {
      receipt.results.push_back(std::exchange(result, {}));
    }
  }
  if (work.watermark_ms.has_value() && !work.validate_only) {
    VIGIE_RETURN_IF_ERROR(turn.AppendWatermark(work.source_id, *work.watermark_ms));
  }
  if (sequenced && !work.validate_only) {
    receipt.durable_sequence =
        std::max(last_sequence, work.first_sequence + static_cast<int64_t>(work.events.size()) - 1);
    if (fold_->FindSource(work.source_id) == nullptr) {
      // Nothing of it was new. A replay numbers sources by the records that name them, so it needs
      // one here, or one that comes later in this block would take its number.
      VIGIE_RETURN_IF_ERROR(turn.AppendWatermark(work.source_id, INT64_MIN));
    }
    turn.NoteProgress(work.source_id, work.source_incarnation, receipt.durable_sequence);
  }
  receipt.log_position = turn.next_position_ - 1;
  turn.AfterDurable([done = std::move(work.done),
                     receipt = std::move(receipt)](const absl::Status& status) mutable {
    receipt.status = status;
    done(std::move(receipt));
  });
  return absl::OkStatus();
}

absl::Status Sequencer::ProcessEvent(const EventWork& work, PreparedEvent& event, bool repeated,
                                     Turn& turn, EventResult& result) {
  // What comes again is in quarantine already when it was refused the first time.
  const bool keep = !work.validate_only && !repeated && event.quarantine_position == 0;
  if (event.refusal.has_value()) return Refuse(work, event, *event.refusal, keep, turn, result);
  const OfferedEvent offered = {.event = &event.facts,
                                .source_id = work.source_id,
                                .event_hash = event.event_hash,
                                .content_hash = event.content_hash,
                                .sent_at_ms = event.sent_at_ms,
                                .position = turn.next_position_};
  VIGIE_ASSIGN_OR_RETURN(
      Offer offer, work.validate_only ? fold_->TryEvent(offered) : fold_->OfferEvent(offered));
  if (offer.fate == EVENT_FATE_REFUSED) {
    return Refuse(work, event, *offer.refusal, keep, turn, result);
  }
  result.set_fate(offer.fate);
  if (work.validate_only) {
    if (offer.fate == EVENT_FATE_RECORDED) result.set_fate(EVENT_FATE_VALID);
    return absl::OkStatus();
  }
  if (offer.fate == EVENT_FATE_DUPLICATE) {
    ++turn.report_.duplicate;
  } else {
    ++turn.report_.recorded;
    ++turn.next_position_;
    turn.block_.AddEvent(event.record);
  }
  if (event.quarantine_position == 0) return absl::OkStatus();
  sv::Record released;
  released.mutable_quarantine_released()->set_position(event.quarantine_position);
  return turn.Append(released).status();
}

absl::Status Sequencer::Refuse(const EventWork& work, const PreparedEvent& event,
                               const Refusal& refusal, bool keep, Turn& turn, EventResult& result) {
  result.set_fate(EVENT_FATE_REFUSED);
  *result.mutable_violation() = refusal.violation;
  result.set_status_code(static_cast<int>(refusal.code));
  if (!keep) return absl::OkStatus();
  turn.report_.refused.push_back(refusal.violation.reason());
  sv::Record record;
  auto* refused = record.mutable_refused_event();
  if (!fold_->QuarantineIsFull()) refused->set_event(event.bytes.data(), event.bytes.size());
  refused->set_source_id(work.source_id);
  *refused->mutable_violation() = refusal.violation;
  refused->set_status_code(static_cast<int>(refusal.code));
  refused->set_redacted(event.redacted);
  return turn.Append(record).status();
}

// The stored bytes of the turn's block; the fold goes on from there.
std::string Sequencer::Seal(Turn& turn) {
  // A block needs a position of its own to be found by.
  if (turn.block_.record_count() == 0) turn.AddTick();
  std::string bytes = turn.block_.Finish();
  turn.report_.records = turn.block_.record_count();
  unflushed_records_ += turn.block_.record_count();
  fold_->EndBlock(turn.next_position_ - 1, store::Sha256(bytes));
  unpublished_ = true;
  return bytes;
}

// Copying every tally that a turn touched costs more than folding it.
void Sequencer::Publish(bool forced) {
  const bool asked = TakeReadersWait();
  if (!unpublished_ || (!forced && !asked && !PublishIsDue())) return;
  const size_t tallies = published_->Update(*fold_);
  publish_every_ms_ = tallies > kManyTallies ? kPublishManyEveryMs : kPublishEveryMs;
  unpublished_ = false;
  last_publish_seconds_ = base::MonotonicSeconds();
}

bool Sequencer::PublishIsDue() const {
  return (base::MonotonicSeconds() - last_publish_seconds_) * 1000 >= publish_every_ms_;
}

absl::Status Sequencer::MaybeFlush(bool forced) {
  const int64_t now_ms = clock_->NowMs();
  const bool full = unflushed_records_ >= base::kMaxUnflushedRecords;
  const bool timely = now_ms - last_flush_ms_ >= kFlushEveryMs;
  // A flush that is not done when as much again is waiting is waited for. Until a quarter of that
  // is, or until the next one is due, it may take its time.
  if (timely || 4 * unflushed_records_ >= base::kMaxUnflushedRecords) flush_.Hurry();
  if (forced || full || flush_.ready()) VIGIE_RETURN_IF_ERROR(flush_.End());
  const bool unflushed = unflushed_records_ > 0 || fold_->HasDirtyDecisions();
  if (!flush_.under_way() && (full || (unflushed && (forced || timely)))) {
    Publish(/*forced=*/true);  // What leaves memory with the flush must not be newer than the rest.
    VIGIE_RETURN_IF_ERROR(flush_.Begin());
    unflushed_records_ = 0;
    last_flush_ms_ = now_ms;
  }
  if (forced) VIGIE_RETURN_IF_ERROR(flush_.End());
  return anchor_.Keep(fold_->cursor(), now_ms, forced);
}

void Sequencer::WakeForViews() {
  const absl::MutexLock lock(&mutex_);
  views_ready_ = true;
}

void Sequencer::WakeForReaders() {
  const absl::MutexLock lock(&mutex_);
  readers_wait_ = true;
}

bool Sequencer::TakeReadersWait() {
  const absl::MutexLock lock(&mutex_);
  return std::exchange(readers_wait_, false);
}

// State in memory is ahead of the disk now, so the process must not go on with it.
void Sequencer::Fail(const absl::Status& status) {
  static_cast<void>(log_.WaitIdle());  // What is abandoned next may write.
  failure_ = status;
  published_->End();
  base::Log(base::Level::kError, "engine", "a write failed or the store is damaged, stopping",
            {{"cause", status.message()}});
  if (options_.on_fatal) options_.on_fatal(status);
}

}  // namespace vigie::engine
