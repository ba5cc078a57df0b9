// SPDX-License-Identifier: Apache-2.0
#include "engine/retention.h"

#include <algorithm>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/log_line.h"
#include "base/status_macros.h"
#include "engine/codec.h"
#include "engine/purge_list.h"
#include "store/block.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;

constexpr size_t kMaxPurgedDecisions = 1000;    // In one turn; each is read again there.
constexpr int64_t kMaxPurgedRecords = 262'144;  // Of the log, in one turn.
constexpr absl::Duration kLookEvery = absl::Minutes(1);

// Late events, which only the row counts, keep a decision; so does being looked for a duplicate.
bool Rests(const DecisionState& state, int64_t before_ms) {
  return state.stage == Stage::kClosed && state.last_recorded_ms < before_ms &&
         state.closed_at_ms < before_ms;
}

}  // namespace

Retention::Retention(store::Store* store, Sequencer* sequencer, const Published* published,
                     const base::Clock* clock, Options options, const sv::Cursor& cursor)
    : store_(store),
      sequencer_(sequencer),
      published_(published),
      clock_(clock),
      options_(options) {
  purged_.set_before_ms(cursor.purged_before_ms());
  purged_.set_first_position(cursor.purged_position() > 0 ? 1 : 0);
  purged_.set_last_position(cursor.purged_position());
  purged_.set_event_count(cursor.purged_event_count());
  purged_.set_decision_count(cursor.purged_decision_count());
}

Retention::~Retention() { Stop(); }

void Retention::Start() {
  if (options_.by_itself && options_.ceiling_days > 0) thread_ = std::thread([this] { Run(); });
}

void Retention::Stop() {
  canceled_ = true;
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Retention::Run() {
  int64_t purged_to_ms = 0;
  for (;;) {
    if (const int64_t horizon_ms = HorizonMs(); horizon_ms > purged_to_ms) {
      const absl::Status status = Purge();
      purged_to_ms = horizon_ms;
      if (!status.ok() && !canceled_) {
        base::Log(base::Level::kWarn, "retention", "the purge did not end; it goes on tomorrow",
                  {{"cause", status.message()}});
      }
    }
    const absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kLookEvery)) return;
  }
}

// The start of a day of the store, so that a day is purged as one.
int64_t Retention::HorizonMs() const {
  const std::string name =
      published_->Read([](const PublishedState& state) { return state.store.time_zone(); });
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return 0;
  const absl::CivilDay today = absl::ToCivilDay(absl::FromUnixMillis(clock_->NowMs()), zone);
  return absl::ToUnixMillis(absl::FromCivil(today - options_.ceiling_days, zone));
}

absl::Status Retention::Purge() {
  if (options_.ceiling_days <= 0) return absl::OkStatus();
  const absl::MutexLock pass(&pass_mutex_);
  const int64_t before_ms = HorizonMs();
  const vigie::v1::LogPurge earlier = purged();
  // Decisions first: while the log still has their events, a crash leaves no row that names
  // nothing.
  VIGIE_RETURN_IF_ERROR(PurgeDecisions(before_ms));
  VIGIE_RETURN_IF_ERROR(PurgeLog(before_ms));
  const vigie::v1::LogPurge now = purged();
  const int64_t events = now.event_count() - earlier.event_count();
  const int64_t decisions = now.decision_count() - earlier.decision_count();
  if (now.last_position() == earlier.last_position() && decisions == 0) return absl::OkStatus();
  base::Log(base::Level::kInfo, "retention", "purged what was recorded before the ceiling",
            {{"before_ms", before_ms},
             {"events", events},
             {"decisions", decisions},
             {"last_position", now.last_position()}});
  return store_->ReclaimSpace(&canceled_);
}

absl::Status Retention::PurgeDecisions(int64_t before_ms) {
  // What the fold still holds is left alone, so it writes and lets go of what it can.
  VIGIE_RETURN_IF_ERROR(TakeTurn([](Turn& turn) {
    turn.FlushViews();
    return absl::OkStatus();
  }));
  std::string from;
  for (bool more = true; more;) {
    if (canceled_) return absl::CancelledError("purge: stopped");
    std::vector<std::string> keys;
    absl::Status damaged;
    more = false;
    VIGIE_RETURN_IF_ERROR(store_->Read()->Scan(store::Family::kDecisions, "", from,
                                               [&](std::string_view key, std::string_view row) {
                                                 if (keys.size() == kMaxPurgedDecisions) {
                                                   from = key;
                                                   more = true;
                                                   return false;
                                                 }
                                                 const auto state = DecodeDecision(key, row);
                                                 damaged = state.status();
                                                 if (state.ok() && Rests(*state, before_ms))
                                                   keys.emplace_back(key);
                                                 return state.ok() && !canceled_;
                                               }));
    VIGIE_RETURN_IF_ERROR(damaged);
    if (keys.empty()) continue;
    int64_t count = 0;
    VIGIE_RETURN_IF_ERROR(TakeTurn([&](Turn& turn) -> absl::Status {
      VIGIE_ASSIGN_OR_RETURN(count, AppendDecisionPurge(turn, std::move(keys), before_ms));
      return absl::OkStatus();
    }));
    const absl::MutexLock lock(&mutex_);
    purged_.set_before_ms(std::max(purged_.before_ms(), before_ms));
    purged_.set_decision_count(purged_.decision_count() + count);
  }
  return absl::OkStatus();
}

// On the sequencer's thread: rows are as the fold left them, unless it holds the decision.
absl::StatusOr<int64_t> Retention::AppendDecisionPurge(Turn& turn, std::vector<std::string> keys,
                                                       int64_t before_ms) {
  PurgeList list{.position = turn.next_position(), .keys = {}};
  for (std::string& key : keys) {
    const auto name = store::ReadDecisionKey(key);
    if (name.has_value() && turn.fold().HoldsInMemory(*name)) continue;
    VIGIE_ASSIGN_OR_RETURN(const auto row, store_->newest().Get(store::Family::kDecisions, key));
    if (!row.has_value()) continue;
    VIGIE_ASSIGN_OR_RETURN(const DecisionState state, DecodeDecision(key, *row));
    if (Rests(state, before_ms)) list.keys.push_back(std::move(key));
  }
  if (list.keys.empty()) return 0;
  // Written before the record, so it is on disk whenever the record is.
  VIGIE_RETURN_IF_ERROR(
      store_->WriteViews({{store::Family::kMeta, kPurgeListKey, EncodePurgeList(list)}}));
  sv::Record record;
  record.mutable_log_purge()->set_before_ms(before_ms);
  record.mutable_log_purge()->set_decision_count(static_cast<int64_t>(list.keys.size()));
  VIGIE_RETURN_IF_ERROR(turn.Append(record).status());
  turn.FlushViews();
  return static_cast<int64_t>(list.keys.size());
}

absl::Status Retention::PurgeLog(int64_t before_ms) {
  for (;;) {
    if (canceled_) return absl::CancelledError("purge: stopped");
    sv::Record record;
    vigie::v1::LogPurge* step = record.mutable_log_purge();
    step->set_before_ms(before_ms);
    absl::Status damaged;
    VIGIE_RETURN_IF_ERROR(store_->Read()->Scan(
        store::Family::kLog, "", "", [&](std::string_view, std::string_view bytes) {
          const auto block = store::DecodeBlock(bytes);
          damaged = block.status();
          if (!block.ok() || block->recorded_at_ms() >= before_ms) return false;
          if (step->first_position() == 0) step->set_first_position(block->first_position());
          step->set_last_position(block->first_position() + block->records_size() - 1);
          step->set_event_count(step->event_count() +
                                std::count_if(block->records().begin(), block->records().end(),
                                              [](const auto& one) { return one.has_event(); }));
          return step->last_position() - step->first_position() < kMaxPurgedRecords;
        }));
    VIGIE_RETURN_IF_ERROR(damaged);
    if (step->last_position() == 0) return absl::OkStatus();
    const vigie::v1::LogPurge done = *step;
    VIGIE_RETURN_IF_ERROR(TakeTurn([&](Turn& turn) -> absl::Status {
      VIGIE_RETURN_IF_ERROR(turn.Append(record).status());
      turn.FlushViews();
      return absl::OkStatus();
    }));
    {
      const absl::MutexLock lock(&mutex_);
      purged_.set_before_ms(std::max(purged_.before_ms(), before_ms));
      purged_.set_first_position(1);
      purged_.set_last_position(done.last_position());
      purged_.set_event_count(purged_.event_count() + done.event_count());
    }
    // Only now: the record and the views that include these blocks are on disk.
    VIGIE_RETURN_IF_ERROR(
        TakeTurn([&](Turn&) { return store_->DeleteBlocksBefore(done.last_position() + 1); }));
    const absl::MutexLock lock(&mutex_);
    oldest_ms_ = 0;
  }
}

absl::Status Retention::TakeTurn(const Command& command) {
  absl::Status result;
  absl::Notification done;
  const Command step = [&](Turn& turn) -> absl::Status {
    turn.AfterDurable([&](const absl::Status& status) {
      result = status;
      done.Notify();
    });
    return command(turn);
  };
  // A purge makes room, so it must be possible on a full disk.
  VIGIE_RETURN_IF_ERROR(sequencer_->TryPush(step, Sequencer::Reserve::kMayUse));
  done.WaitForNotification();
  return result;
}

vigie::v1::LogPurge Retention::purged() const {
  const absl::MutexLock lock(&mutex_);
  return purged_;
}

int64_t Retention::OldestRecordMs() const {
  const absl::MutexLock lock(&mutex_);
  if (oldest_ms_ != 0) return oldest_ms_;
  const absl::Status read = store_->newest().Scan(store::Family::kLog, "", "",
                                                  [this](std::string_view, std::string_view bytes) {
                                                    const auto block = store::DecodeBlock(bytes);
                                                    mutex_.AssertHeld();
                                                    if (block.ok())
                                                      oldest_ms_ = block->recorded_at_ms();
                                                    return false;
                                                  });
  return read.ok() ? oldest_ms_ : 0;
}

}  // namespace vigie::engine
