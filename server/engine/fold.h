// SPDX-License-Identifier: Apache-2.0
// The fold: from log records to decisions and tallies.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "decision/calendar.h"
#include "decision/grade.h"
#include "engine/actor_hours.h"
#include "engine/closed_rows.h"
#include "engine/decision_table.h"
#include "engine/detectors.h"
#include "engine/draws.h"
#include "engine/due.h"
#include "engine/event_facts.h"
#include "engine/names.h"
#include "engine/plans.h"
#include "engine/serial_table.h"
#include "engine/state.h"
#include "engine/validate.h"
#include "store/families.h"
#include "store/store.h"
#include "vigie/store/v1/log.pb.h"
#include "vigie/store/v1/view.pb.h"
#include "vigie/v1/ingest_service.pb.h"

namespace vigie::engine {

// Where the fold finds what it derived before. Same log, same answers.
class ViewSource {
 public:
  virtual ~ViewSource() = default;
  [[nodiscard]] virtual absl::StatusOr<std::optional<std::string>> Get(
      store::Family family, std::string_view key) const = 0;
  [[nodiscard]] virtual absl::Status Scan(
      store::Family family, std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
  // Begins to bring into the processor's cache what Get reads first of a decision of this hash
  // (store::DecisionHash).
  virtual void FetchAhead(uint64_t /*decision_hash*/) const {}
};

// Remembers nothing: a fold over it keeps all in memory until TakeChanges.
class NoViews final : public ViewSource {
 public:
  [[nodiscard]] absl::StatusOr<std::optional<std::string>> Get(
      store::Family /*family*/, std::string_view /*key*/) const override {
    return std::optional<std::string>();
  }
  [[nodiscard]] absl::Status Scan(
      store::Family /*family*/, std::string_view /*prefix*/,
      const std::function<bool(std::string_view, std::string_view)>& /*visit*/) const override {
    return absl::OkStatus();
  }
};

// An event offered to the fold, validated and pseudonymised.
struct OfferedEvent {
  EventFacts* event = nullptr;  // Its fact is taken when it is recorded.
  std::string_view source_id;
  uint64_t event_hash = 0;
  uint64_t content_hash = 0;
  int64_t sent_at_ms = 0;
  int64_t position = 0;  // The one it gets if it is recorded.
};

// What becomes of it.
struct Offer {
  vigie::v1::EventFate fate = vigie::v1::EVENT_FATE_RECORDED;
  std::optional<Refusal> refusal;  // When refused.
};

// A source as folded.
struct SourceEntry {
  vigie::store::v1::SourceView view;
  decision::PayloadSet declared;
  DueQueue due;  // Decisions that wait for its watermark, by due_occurred_ms.
  bool touched = true;
  bool dirty = true;
};

// An AI system as folded.
struct SystemEntry {
  vigie::store::v1::SystemView view;
  bool touched = true;
  bool dirty = true;
};

// A policy epoch with what the rules need of it.
struct Epoch {
  vigie::store::v1::PolicyEpoch view;
  decision::Rules rules;  // Points into view.
  // The baselines that the policy names, by organisation and kind, as they stood when the epoch
  // began: no threshold moves by itself (R9).
  struct Baseline {
    int64_t median_ms = 0;
    int32_t calibration = 0;  // Its number, from 1.
  };
  absl::flat_hash_map<std::pair<decision::NameIndex, decision::NameIndex>, Baseline> baselines;
};

// The tallies that a decision counts in.
struct TallyPlace {
  decision::ScopeKey finest;
  int32_t epoch = 0;
  int64_t decisive_at_ms = 0;
};

// Folds records in log order. (state, record) -> state: it reads no clock, does no I/O but reading
// its own earlier rows, and gives the same state for the same log. One thread.
//
// A turn is BeginBlock, any number of offers and records, EndBlock. TakeChanges then yields the
// rows of all that changed since the last time; they hold together with the cursor among them.
class Fold {
 public:
  struct Options {
    int max_scopes = 10'000;
    int max_quarantined_events = 100'000;
    // Told of every decision that opened and closes, before its truth counts. May be empty.
    std::function<void(const DecisionState&)> on_close;
  };
  Fold(const ViewSource* views, Options options);
  ~Fold();
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;

  // Reads the rows that a fold must hold in memory. Once, before anything else.
  [[nodiscard]] absl::Status Load();

  // Moves time on, closes what became due (L4, L6); whether anything closed. The error is the
  // store's.
  [[nodiscard]] absl::StatusOr<bool> BeginBlock(int64_t recorded_at_ms);
  // Begins to bring into the processor's cache where OfferEvent will look for the decision of an
  // event that comes soon.
  void FetchAhead(const EventFacts& event);
  // Decides what becomes of an event (L9, L10) and, when it is recorded, folds it.
  [[nodiscard]] absl::StatusOr<Offer> OfferEvent(const OfferedEvent& offered);
  // What OfferEvent would answer, without changing anything.
  [[nodiscard]] absl::StatusOr<Offer> TryEvent(const OfferedEvent& offered);
  // Takes evidence of a batch in without its decision, for a fold of some decisions only (R8).
  void RememberBatchEvidence(EventFacts event, int64_t position);
  // Folds any other record.
  [[nodiscard]] absl::Status ApplyRecord(const vigie::store::v1::Record& record, int64_t position);
  void ApplyProgress(const vigie::store::v1::SourceProgress& progress);
  void EndBlock(int64_t last_position, std::string block_sha256);

  using SharedTally = std::pair<TallyId, std::shared_ptr<const decision::Tally>>;

  // What changed, while it is being written: rows, and what rows have still to be made of
  // (AddRows).
  struct Flush {
    std::vector<store::ViewChange> rows;
    // This and the decisions stay as they are until EndFlush: another thread may read them. The
    // fold goes on with copies of those that change meanwhile.
    std::shared_ptr<const ClosedRows> closed_rows;
    // Those that closed before and changed since, and those of which nothing ever waits.
    std::vector<const DecisionState*> closed;
    std::vector<const DecisionState*> open;
    std::vector<const DecisionState*> opened;  // Those of `open` that had no row before.
    std::vector<SharedTally> tallies;
    std::vector<store::ViewChange> added;  // By AddRows.
    int64_t position = 0;                  // How far the views are with it.

    // All of its rows, once all were made, as long as the flush is; of one key the last counts.
    [[nodiscard]] std::vector<store::ViewRow> Rows() const;
  };
  // Begins to write all that changed. Tallies of old periods that the flush before wrote leave
  // memory when nothing changed them since. Not again before EndFlush.
  [[nodiscard]] Flush BeginFlush();
  // Makes the rows of the decisions and tallies. Any thread, between BeginFlush and EndFlush.
  static void AddRows(Flush& flush);
  // All of it is on disk: the rows leave memory, closed decisions with the blocks that follow, or
  // with DropWritten at once.
  void EndFlush(Flush flush);
  // Lets go of every closed decision that is on disk, so that rows alone hold it.
  void DropWritten() { DropWritten(SIZE_MAX); }
  // All of it at once: rows of all that changed.
  [[nodiscard]] std::vector<store::ViewChange> TakeChanges();

  // When the next decision may become due by recorded_at; nothing when none waits.
  [[nodiscard]] std::optional<int64_t> NextDueMs() const { return due_.Next(); }
  // Whether a source is known or can still be taken in.
  [[nodiscard]] bool HasRoomForSource(std::string_view source_id) const;
  // The source, or null when it is not known.
  [[nodiscard]] const SourceEntry* FindSource(std::string_view source_id) const;
  [[nodiscard]] bool QuarantineIsFull() const {
    return cursor_.quarantine_kept_count() >= options_.max_quarantined_events;
  }

  [[nodiscard]] const vigie::store::v1::Cursor& cursor() const { return cursor_; }
  [[nodiscard]] const Names& names() const { return names_; }
  [[nodiscard]] std::deque<SourceEntry>& sources() { return sources_; }
  [[nodiscard]] std::deque<SystemEntry>& systems() { return systems_; }
  [[nodiscard]] const std::deque<Epoch>& epochs() const { return epochs_; }
  [[nodiscard]] const std::vector<decision::ScopeKey>& scopes() const { return scopes_; }
  [[nodiscard]] Plans& plans() { return plans_; }
  [[nodiscard]] Draws& draws() { return draws_; }
  [[nodiscard]] Detectors& detectors() { return detectors_; }
  [[nodiscard]] const std::deque<vigie::store::v1::CalibrationView>& calibrations() const {
    return calibrations_;
  }
  [[nodiscard]] const absl::TimeZone& zone() const { return calendar_.zone(); }
  // Decisions closed of a system, test and seeded ones left out.
  [[nodiscard]] int64_t ClosedCount(std::string_view organisation_id,
                                    std::string_view system_id) const;
  // Whether an event of a decision was recorded.
  [[nodiscard]] absl::StatusOr<bool> Knows(std::string_view organisation_id,
                                           std::string_view decision_id);
  // Whether the next flush would write a decision or let one go.
  [[nodiscard]] bool HasDirtyDecisions() const {
    return !dirty_decisions_.empty() || closed_rows_->size() > 0;
  }
  [[nodiscard]] size_t open_count() const { return by_serial_.size(); }
  // Entries in the queues of what becomes due, at most some times open_count().
  [[nodiscard]] size_t waiting_count() const;
  [[nodiscard]] const decision::Tally* FindTally(const TallyId& id);
  // A decision in memory; nothing when it is not there (closed ones leave it with a flush).
  [[nodiscard]] std::optional<DecisionState> FindInMemory(const store::DecisionName& name);
  [[nodiscard]] bool HoldsInMemory(const store::DecisionName& name);
  // Every decision in memory. For check and tests, on a fold whose changes were not taken.
  void ForEachDecision(const std::function<void(const DecisionState&)>& visit) const;

  // Copies of the tallies that changed since the last call.
  [[nodiscard]] std::vector<SharedTally> TakeTouchedTallies();
  // Period tallies that BeginFlush dropped from memory since the last call.
  [[nodiscard]] std::vector<TallyId> TakeDroppedTallies() { return std::exchange(dropped_, {}); }

 private:
  struct TallyEntry {
    decision::Tally tally;
    // What publishing and a flush share of it; null once it changed.
    std::shared_ptr<const decision::Tally> copy = nullptr;
    bool dirty = false;
    bool touched = false;

    [[nodiscard]] const std::shared_ptr<const decision::Tally>& Copy();
  };
  // Nodes stay where they are, so that slots can point at them.
  using Tallies = absl::node_hash_map<TallyId, TallyEntry>;
  using TallyNode = Tallies::value_type;
  // One scope of a decision, and its tallies in the order of Calendar::Periods; null = not looked
  // for yet.
  struct ScopeSlot {
    decision::ScopeKey wanted;
    decision::ScopeKey scope;  // Another when `wanted` is beyond the limit.
    std::array<TallyNode*, 4> tallies{};
    // Numbers of the scope's detectors, once there are some.
    std::optional<size_t> positive_act = std::nullopt;
    std::optional<size_t> concrete_examination = std::nullopt;
  };
  // The tallies that decisions of one place and day count in.
  struct PlaceTallies {
    std::vector<ScopeSlot> scopes;
    // What all of them have still to be told (AddCollected); null = nothing. Those of final periods
    // are told only how many.
    std::unique_ptr<decision::Tally> collected = nullptr;
    std::array<bool, 4> final{};
  };
  // What decides which tallies a decision counts in.
  struct PlaceKey {
    decision::ScopeKey finest;
    int32_t epoch = 0;
    int32_t day = 0;
    friend bool operator==(const PlaceKey&, const PlaceKey&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const PlaceKey& key) {
      return H::combine(std::move(h), key.finest, key.epoch, key.day);
    }
  };
  // An event's decision, null when it is new, and its names.
  struct Weighed {
    DecisionState* state = nullptr;
    EventNames names;
  };
  struct Batch {
    std::vector<decision::Fact> facts;
    int64_t recorded_at_ms = 0;
    bool dirty = true;
  };

  // fold.cc
  absl::StatusOr<Offer> Weigh(const OfferedEvent& offered, Weighed& weighed);
  [[nodiscard]] std::optional<Refusal> CheckLimits(const OfferedEvent& offered,
                                                   const Weighed& weighed) const;
  absl::Status Admit(const OfferedEvent& offered, Weighed weighed);
  DecisionState* NewDecision(const EventFacts& event, const EventNames& names);
  void CountAtSource(const OfferedEvent& offered, decision::SourceIndex source);
  void CountAtSystem(const EventFacts& event, const EventNames& names);
  void NoteChangePoint(SystemEntry& system, vigie::v1::ChangeKind kind, std::string_view value,
                       int64_t occurred_at_ms);
  void NoteBatchEvidence(const DecisionState& state, const decision::Fact& fact);
  void DropOldBatches();
  void UpdateDue(DecisionState& state);
  void Enqueue(DecisionState& state);
  absl::StatusOr<bool> CloseDue();
  void FetchAhead(const DueQueue& due) const;
  absl::Status ApplyWatermark(const vigie::store::v1::Watermark& watermark);
  void ApplyRefused(const vigie::store::v1::RefusedEvent& refused, int64_t position);
  void ApplyPolicy(const vigie::store::v1::PolicyActivated& activated, int64_t position);
  void ApplySystem(const vigie::v1::System& system);
  void ApplySource(const vigie::v1::Source& source);
  absl::Status ApplyPurge(const vigie::v1::LogPurge& purge, int64_t position);
  decision::SourceIndex SourceNumber(std::string_view source_id);
  SystemEntry& SystemOf(decision::NameIndex organisation, decision::NameIndex system);

  // fold_decisions.cc
  // Null when it is not known. An error is the store's.
  absl::StatusOr<DecisionState*> FindDecision(const store::DecisionName& name, uint64_t id_hash);
  // The row of a key, in memory.
  [[nodiscard]] std::optional<std::string_view> FindClosedRow(std::string_view key,
                                                              uint64_t hash) const;
  void MarkDirty(DecisionState& state);
  // Another thread may read it: the flush under way writes it. So does the last one, if closed.
  [[nodiscard]] bool IsFlushed(const DecisionState& state) const {
    if (state.stage == Stage::kClosed) return state.flush < next_flush_;
    return flushing_ && state.flush == next_flush_ - 1;
  }
  // The decision, or a copy that goes on in its place.
  DecisionState& ForChange(DecisionState& state);
  // Of a decision that closed the row goes on, and the state leaves memory or is used again.
  void KeepRow(const DecisionState& state);
  [[nodiscard]] std::unique_ptr<DecisionState> BlankDecision();
  void DropWritten(size_t most);

  // fold_measures.cc
  absl::Status ApplyMeasure(const vigie::store::v1::Record& record, int64_t position);
  [[nodiscard]] const SeededItem* SeededItemOf(const DecisionState& state) const;
  absl::Status CountWorkload(const DecisionState& state);
  [[nodiscard]] static bool HasUnknownWorkload(const DecisionState& state);
  absl::Status CountReview(const DecisionState& state, const decision::Fact& review, bool first);
  void WatchActs(const DecisionState& state, ScopeSlot& slot);
  void WatchTruth(const DecisionState& state, const decision::ScopeKey& scope);

  // fold_tallies.cc
  using TallyChange = absl::FunctionRef<void(decision::Tally&, const decision::ScopeKey& wanted)>;
  using ScopeVisit = absl::FunctionRef<void(ScopeSlot& slot)>;
  // The state is gone afterwards.
  absl::Status Close(DecisionState& state);
  absl::Status CountClosed(DecisionState& state);
  void JudgeAtClose(DecisionState& state);
  absl::Status CloseSeeded(DecisionState& state, const SeededItem& item);
  absl::Status AfterClose(DecisionState& state, decision::Fact fact);
  absl::Status RecountTruth(DecisionState& state);
  absl::Status CountAside(const DecisionState& state, const decision::Aside& before);
  [[nodiscard]] std::optional<decision::TruthKey> OriginOf(const DecisionState& state,
                                                           const decision::Fact& truth) const;
  // A final period takes no change; `count_period_late` counts it there. `at_scope` is called once
  // for each scope.
  absl::Status ForEachTally(const TallyPlace& place, TallyChange change, bool count_period_late,
                            ScopeVisit at_scope);
  absl::Status ForEachTally(const TallyPlace& place, TallyChange change) {
    return ForEachTally(place, change, false, [](ScopeSlot&) {});
  }
  // ForEachTally for a decision that closes, whose place mostly has many others: they are counted
  // once for all its tallies, which are told later.
  absl::Status CountAtPlace(const DecisionState& state, TallyChange change, ScopeVisit at_scope);
  absl::Status CountNow(PlaceTallies& tallies, const TallyPlace& place, TallyChange change,
                        bool count_period_late, ScopeVisit at_scope);
  // Where decisions of the place are counted; the error is the store's.
  absl::StatusOr<decision::Tally*> CollectAt(PlaceTallies& tallies, const TallyPlace& place);
  void AddCollected();
  [[nodiscard]] TallyPlace PlaceOf(const DecisionState& state) const;
  // Periods that end before are final for decisions of this epoch.
  [[nodiscard]] int64_t FinalBeforeMs(int32_t epoch) const;
  PlaceTallies& TalliesOf(const TallyPlace& place);
  absl::StatusOr<TallyNode*> FindOrReadTally(const TallyId& id);
  void MarkChanged(TallyNode& node);
  void DropOldTallies();
  decision::ScopeKey ScopeOrOther(const decision::ScopeKey& wanted);

  // fold_views.cc
  void PutDecisions(Flush& flush);
  void PutTallies(Flush& flush);
  void PutRegister(std::vector<store::ViewChange>& changes);
  absl::Status TakeUpZone();
  absl::Status LoadRegister();
  absl::Status LoadMeasures();
  absl::Status LoadOpenDecisions();
  absl::Status LoadCumulativeTallies();
  void AddEpoch(vigie::store::v1::PolicyEpoch view);
  void AddSource(vigie::store::v1::SourceView view);
  void AddScope(const decision::ScopeKey& scope);

  const ViewSource* views_;
  const Options options_;
  vigie::store::v1::Cursor cursor_;
  decision::Calendar calendar_{absl::UTCTimeZone()};
  int64_t now_ms_ = 0;        // recorded_at of the block being folded.
  int64_t now_position_ = 0;  // Position of the record being folded.

  Names names_;
  std::deque<SourceEntry> sources_;
  absl::flat_hash_map<std::string, decision::SourceIndex> source_numbers_;
  std::deque<SystemEntry> systems_;
  absl::flat_hash_map<std::pair<decision::NameIndex, decision::NameIndex>, size_t> system_numbers_;
  std::deque<Epoch> epochs_;
  std::vector<decision::ScopeKey> scopes_;
  absl::flat_hash_map<decision::ScopeKey, size_t> scope_numbers_;

  // Open ones, closed ones that something came for since, and those of which nothing ever waits. Of
  // the others that are not on disk yet, the rows: of the next flush, and of the one under way or
  // null.
  DecisionTable decisions_;
  std::shared_ptr<ClosedRows> closed_rows_ = std::make_shared<ClosedRows>(0);
  std::shared_ptr<const ClosedRows> flushing_rows_;
  std::vector<std::unique_ptr<DecisionState>> spare_;  // Blank ones: new ones cost more.
  SerialTable by_serial_;                              // Not closed.
  DueQueue due_;                                       // By due_recorded_ms.
  Tallies tallies_;
  // A decision counts in some twenty tallies, several times: they are found once for all decisions
  // of one place and day. Empty again whenever a tally leaves memory.
  absl::node_hash_map<PlaceKey, PlaceTallies> places_;
  std::vector<PlaceTallies*> collecting_;  // Those of `places_` that collected something.
  PlaceTallies folded_place_;              // The last one beyond the limit of scopes.
  absl::flat_hash_map<std::pair<decision::NameIndex, std::string>, Batch> batches_;
  std::deque<std::pair<int64_t, std::pair<decision::NameIndex, std::string>>> batch_order_;
  std::string key_;  // Of the row looked for.
  // Of the last event that was recorded; the next one likely has some of them, if not all.
  EventNames last_names_;
  std::optional<uint64_t> last_names_hash_;
  uint64_t fetched_id_hash_ = 0;

  // What the next flush has still to write, null for what closed since; and what publishing has
  // still to copy.
  std::vector<DecisionState*> dirty_decisions_;
  // Decisions lie all over memory: a flush must not go to each of them. Those opened have no row
  // that says so yet.
  enum class DirtyKind : uint8_t { kClosed, kOpen, kOpened };
  std::vector<DirtyKind> dirty_kinds_;
  int64_t next_flush_ = 0;
  bool flushing_ = false;  // Between BeginFlush and EndFlush.
  std::vector<store::ViewChange> pending_rows_;
  std::vector<TallyId> dirty_tallies_;
  std::vector<TallyId> touched_;
  std::vector<TallyId> dropped_;
  // Tallies of old periods that the flush before wrote; decisions that it wrote and that are still
  // in memory; and decisions of it, or of the one under way, that came back since.
  std::vector<TallyId> leaving_tallies_;
  std::vector<const DecisionState*> written_;
  std::vector<std::unique_ptr<DecisionState>> replaced_;
  std::deque<vigie::store::v1::CalibrationView> calibrations_;
  Plans plans_;
  Draws draws_;
  Detectors detectors_;
  ActorHours actor_hours_;

  int stored_names_ = 0;
  size_t stored_calibrations_ = 0;
  size_t stored_scopes_ = 0;
  size_t stored_epochs_ = 0;
};

}  // namespace vigie::engine
