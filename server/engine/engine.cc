// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "base/cat.h"
#include "base/give_way.h"
#include "base/limits.h"
#include "base/log_line.h"
#include "base/status_macros.h"
#include "engine/log_check.h"
#include "engine/stored_views.h"
#include "store/block.h"
#include "store/digest.h"
#include "store/keys.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;

constexpr double kSayEverySeconds = 5;
constexpr char kWhatToDo[] = "; keep a copy of the data directory and restore a backup";

absl::Status LogEndsBeforeViews(int64_t log_end, int64_t view_position) {
  return absl::DataLossError(base::Cat("log: ends at position ", log_end, " but the views include ",
                                       view_position, kWhatToDo));
}

absl::Status FoldEvent(const sv::RecordedEvent& recorded, int64_t position, Fold& fold) {
  std::optional<EventFacts> event = ReadFacts(recorded.event());
  if (!event.has_value()) {
    return absl::DataLossError(
        base::Cat("log record: what stands at position ", position, " is not an event", kWhatToDo));
  }
  const EventHead& head = event->head;
  VIGIE_ASSIGN_OR_RETURN(
      const Offer offer,
      fold.OfferEvent({.event = &*event,
                       .source_id = recorded.source_id(),
                       .event_hash = store::StableHash(head.event_id),
                       .content_hash = store::StableHash(recorded.event()),
                       .sent_at_ms = store::SentAtMs(recorded, head.occurred_at_ms),
                       .position = position}));
  if (offer.fate == vigie::v1::EVENT_FATE_RECORDED) return absl::OkStatus();
  return absl::DataLossError(
      base::Cat("log record: the log holds an event that the fold does not take, at position ",
                position, kWhatToDo));
}

}  // namespace

absl::Status FoldBlock(int64_t first_position, std::string_view bytes, Fold& fold) {
  VIGIE_ASSIGN_OR_RETURN(const sv::Block block, store::DecodeBlock(bytes));
  if (block.first_position() != first_position || first_position != fold.cursor().position() + 1) {
    return absl::DataLossError(base::Cat("log: got a block at position ", first_position, ", want ",
                                         fold.cursor().position() + 1, kWhatToDo));
  }
  if (block.previous_sha256() != fold.cursor().block_sha256()) {
    return absl::DataLossError(base::Cat("log: the block at position ", first_position,
                                         " does not follow the one before", kWhatToDo));
  }
  VIGIE_RETURN_IF_ERROR(fold.BeginBlock(block.recorded_at_ms()).status());
  int64_t position = first_position;
  for (const sv::Record& record : block.records()) {
    VIGIE_RETURN_IF_ERROR(record.has_event() ? FoldEvent(record.event(), position, fold)
                                             : fold.ApplyRecord(record, position));
    ++position;
  }
  for (const sv::SourceProgress& progress : block.progress()) fold.ApplyProgress(progress);
  fold.EndBlock(position - 1, store::Sha256(bytes));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(Options options, const base::Clock* clock) {
  std::unique_ptr<Engine> engine(new Engine(clock));
  VIGIE_ASSIGN_OR_RETURN(engine->store_, store::Store::Open(options.store));
  VIGIE_RETURN_IF_ERROR(engine->ForgetOutdatedViews());
  engine->views_ = std::make_unique<StoredViews>(engine->store_.get());
  engine->fold_ = std::make_unique<Fold>(engine->views_.get(), options.fold);
  VIGIE_RETURN_IF_ERROR(engine->fold_->Load());
  VIGIE_RETURN_IF_ERROR(engine->CatchUpFromLog());
  VIGIE_RETURN_IF_ERROR(engine->CheckAnchor());
  VIGIE_RETURN_IF_ERROR(engine->FinishPurge());
  engine->disk_ =
      std::make_unique<store::DiskReserve>(options.store.directory, std::move(options.disk));
  options.sequencer.disk = engine->disk_.get();
  engine->sequencer_ =
      std::make_unique<Sequencer>(engine->fold_.get(), engine->store_.get(), &engine->published_,
                                  clock, std::move(options.sequencer));
  engine->retention_ = std::make_unique<Retention>(engine->store_.get(), engine->sequencer_.get(),
                                                   &engine->published_, clock, options.retention,
                                                   engine->fold_->cursor());
  const auto& store_settings = engine->fold_->cursor().store();
  if (store_settings.store_id().size() > 0 && store_settings.time_zone() != options.time_zone) {
    base::Log(base::Level::kWarn, "engine", "the store keeps the time zone it was created with",
              {{"store", store_settings.time_zone()}, {"configured", options.time_zone}});
  }
  engine->sequencer_->Start();
  VIGIE_RETURN_IF_ERROR(engine->BeginEpochIfNew(options));
  engine->retention_->Start();
  engine->StartScrub(options.scrub_bytes_per_second);
  engine->LearnDecisions(options.learned_at_once);
  return engine;
}

// What it finds goes the way of a failed write: nothing is acknowledged after it.
void Engine::StartScrub(int64_t bytes_per_second) {
  if (bytes_per_second == 0) return;
  const auto on_damage = [this](const absl::Status& damage) {
    const Command fail = [damage](Turn&) { return damage; };
    // A full queue empties, and when it is stopping the next start reads everything again.
    while (absl::IsResourceExhausted(sequencer_->TryPush(fail, Sequencer::Reserve::kMayUse))) {
      std::this_thread::yield();
    }
  };
  scrub_ = std::make_unique<ScrubThread>(
      store_.get(), clock_,
      ScrubThread::Options{.bytes_per_second = bytes_per_second, .on_damage = on_damage});
}

// Beside the daemon's work where it takes longer than a start may.
void Engine::LearnDecisions(int64_t learned_at_once) {
  if (store_->EstimateDecisions() < learned_at_once) {
    store_->LearnDecisions(stop_learning_);
    return;
  }
  learning_ = std::thread([this] {
    base::GiveWay();
    store_->LearnDecisions(stop_learning_);
  });
}

ScrubThread::Progress Engine::scrub_progress() const {
  return scrub_ != nullptr ? scrub_->progress() : ScrubThread::Progress{};
}

Engine::~Engine() {
  stop_learning_ = true;
  if (learning_.joinable()) learning_.join();
  scrub_.reset();
  if (retention_ != nullptr) retention_->Stop();
  if (sequencer_ != nullptr) sequencer_->Stop();
}

void Engine::Stop() {
  retention_->Stop();
  sequencer_->Stop();
}

// Earlier formats hold other figures of the same log, so the log is folded again from its start.
// What is interrupted goes on at the next start: the format is new as soon as the rows are gone.
absl::Status Engine::ForgetOutdatedViews() {
  if (!store_->views_outdated()) return absl::OkStatus();
  VIGIE_ASSIGN_OR_RETURN(const sv::Cursor cursor, ReadCursor(store_->newest()));
  int64_t first_position = 1;
  VIGIE_RETURN_IF_ERROR(store_->newest().Scan(store::Family::kLog, "", "",
                                              [&](std::string_view key, std::string_view) {
                                                first_position = store::PositionOfKey(key);
                                                return false;
                                              }));
  if (cursor.purged_before_ms() > 0 || first_position > 1) {
    return absl::FailedPreconditionError(base::Cat(
        "data directory: got format ", store_->format(), ", want ", store::kFormat,
        ", and the log no longer reaches back to its start, so the views cannot be made again; run "
        "the vigied that wrote it"));
  }
  VIGIE_ASSIGN_OR_RETURN(const store::Anchor end, EndOfLog(*store_));
  if (end.position < cursor.position()) return LogEndsBeforeViews(end.position, cursor.position());
  base::Log(base::Level::kInfo, "engine", "an earlier format wrote the views; making them again",
            {{"format", store_->format()}, {"records", end.position}});
  return store_->ForgetViews();
}

absl::Status Engine::CatchUpFromLog() {
  const double started = base::MonotonicSeconds();
  double said = started;
  VIGIE_ASSIGN_OR_RETURN(const store::Anchor end, EndOfLog(*store_));
  const int64_t start = fold_->cursor().position();
  int64_t unflushed = 0;
  int64_t log_end = 0;
  VIGIE_RETURN_IF_ERROR(store_->ForEachBlock(
      start + 1, [&](int64_t first_position, std::string_view bytes) -> absl::Status {
        log_end = first_position;
        if (first_position <= start) {
          VIGIE_ASSIGN_OR_RETURN(const sv::Block block, store::DecodeBlock(bytes));
          log_end = first_position + block.records_size() - 1;
          return absl::OkStatus();
        }
        const int64_t before = fold_->cursor().position();
        VIGIE_RETURN_IF_ERROR(FoldBlock(first_position, bytes, *fold_));
        log_end = fold_->cursor().position();
        catch_up_.records += log_end - before;
        unflushed += log_end - before;
        if (base::MonotonicSeconds() - said >= kSayEverySeconds) {
          said = base::MonotonicSeconds();
          base::Log(base::Level::kInfo, "engine", "folding the log",
                    {{"position", log_end}, {"of", end.position}});
        }
        if (unflushed < base::kMaxUnflushedRecords) return absl::OkStatus();
        unflushed = 0;
        return store_->WriteViews(fold_->TakeChanges());
      }));
  if (log_end < fold_->cursor().position()) {
    return LogEndsBeforeViews(log_end, fold_->cursor().position());
  }
  if (unflushed > 0) VIGIE_RETURN_IF_ERROR(store_->WriteViews(fold_->TakeChanges()));
  catch_up_.duration_ms = static_cast<int64_t>((base::MonotonicSeconds() - started) * 1000);
  return absl::OkStatus();
}

absl::Status Engine::CheckAnchor() const {
  const auto& anchor = store_->anchor();
  if (!anchor.has_value() || anchor->position == 0) return absl::OkStatus();
  // Old enough to be purged, and nothing was anchored since.
  if (anchor->position <= fold_->cursor().purged_position()) return absl::OkStatus();
  const auto missing = [&anchor] {
    return absl::DataLossError(base::Cat("log: position ", anchor->position,
                                         " was on disk by the anchor and is missing", kWhatToDo));
  };
  if (anchor->position > fold_->cursor().position()) return missing();
  const auto bytes = store_->newest().BlockHolding(anchor->position);
  if (!bytes.ok()) return missing();
  if (store::Sha256(*bytes) != anchor->block_sha256) {
    return absl::DataLossError(base::Cat("log: the block at position ", anchor->position,
                                         " is not the one of the anchor", kWhatToDo));
  }
  return absl::OkStatus();
}

// A purge says in the log what it deletes, then deletes it; what came between left the blocks
// there.
absl::Status Engine::FinishPurge() {
  const int64_t purged_position = fold_->cursor().purged_position();
  if (purged_position == 0 || !store_->newest().BlockHolding(purged_position).ok()) {
    return absl::OkStatus();
  }
  return store_->DeleteBlocksBefore(purged_position + 1);
}

absl::Status Engine::BeginEpochIfNew(const Options& options) {
  absl::Status result;
  absl::Notification done;
  const Command begin = [&](Turn& turn) -> absl::Status {
    turn.AfterDurable([&](const absl::Status& status) {
      result = status;
      done.Notify();
    });
    if (turn.fold().cursor().store().store_id().empty()) {
      sv::Record created;
      const std::string seed = base::Cat(clock_->NowMs(), options.store.directory);
      created.mutable_store_created()->set_store_id(store::Sha256(seed).substr(0, 16));
      created.mutable_store_created()->set_time_zone(options.time_zone);
      VIGIE_RETURN_IF_ERROR(turn.Append(created).status());
    }
    const auto& epochs = turn.fold().epochs();
    if (!epochs.empty() && epochs.back().view.activated().sha256() == options.policy.sha256) {
      return absl::OkStatus();
    }
    sv::Record activated;
    *activated.mutable_policy_activated()->mutable_policy() = options.policy.policy;
    activated.mutable_policy_activated()->set_sha256(options.policy.sha256);
    return turn.Append(activated).status();
  };
  // A start may use the reserve for its own few records: it must be possible on a full disk.
  VIGIE_RETURN_IF_ERROR(sequencer_->TryPush(begin, Sequencer::Reserve::kMayUse));
  done.WaitForNotification();
  return result;
}

}  // namespace vigie::engine
