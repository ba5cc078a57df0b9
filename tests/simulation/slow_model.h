// SPDX-License-Identifier: Apache-2.0
// What the engine must answer, written again from the measurement: everything is kept in plain
// maps, for ever, and counted anew whenever it is asked for. Calls nothing of server/.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "simulation/mutation.h"
#include "simulation/slow_decision.h"
#include "simulation/slow_event.h"
#include "simulation/slow_tally.h"
#include "simulation/turn_plan.h"

namespace vigie::simulation {

// One decision as the model sees it.
struct SlowDecision {
  std::string organisation;
  std::string id;
  std::string system;
  std::string kind;
  bool with_ai = true;  // Otherwise an unaided decision or a system's event: only fates count.
  std::vector<SlowEvent> events;                // All that were recorded.
  std::map<std::string, std::string> contents;  // By event_id.
  std::set<std::string> sources;                // Until closed.
  bool opened = false;
  int64_t due_recorded_ms = 0;
  int64_t due_occurred_ms = INT64_MAX;
  std::optional<int64_t> closing_recorded_ms;  // When the wait for close began.
  bool expires = true;                         // No effect and no final Decided that counts.
  int first_epoch = 0;

  // From close on.
  bool closed = false;
  int64_t closed_at_ms = 0;
  int epoch = 0;
  bool test = false;
  size_t present = 0;  // How many of `events` were there.
  SlowFinding finding;
  std::optional<SlowTruth> truth;
  SlowAside aside;
  int late_count = 0;

  // What changed its tallies, and when; periods are final to what comes after their grace.
  struct Moment {
    int64_t at_ms = 0;
    bool close = false;
    int64_t late = 0;
    int64_t truth_uncounted = 0;
    int64_t review_uncounted = 0;
    bool truth_changed = false;
    std::optional<SlowTruth> truth_before, truth_after;
    SlowAside aside_before, aside_after;
  };
  std::vector<Moment> moments;
};

// A population; empty = not restricted.
struct SlowScope {
  std::string organisation, system, version, unit;
  bool test = false;
  friend auto operator<=>(const SlowScope&, const SlowScope&) = default;
};

// A PeriodKind and the first day, counted from 1970-01-01; both 0 for cumulative.
using SlowPeriod = std::pair<int, int64_t>;
using SlowTallyKey = std::tuple<int, SlowScope, SlowPeriod>;  // Epoch first.

// A copy is a model of its own. Not thread-safe.
class SlowModel {
 public:
  SlowModel(std::string time_zone, Mutation mutation);

  // What a turn must answer; takes it in.
  TurnAnswer Take(const TurnPlan& plan);
  // The turn in which an engine that opens a store writes what is missing: the store's own record
  // and an epoch for `policy`.
  void TakeOpening(int64_t clock_ms, const vigie::config::v1::Policy& policy);

  // One line a record: its kind and what names it.
  [[nodiscard]] const std::vector<std::string>& records() const { return records_; }
  [[nodiscard]] int64_t recorded_at_ms() const { return recorded_at_ms_; }
  // Last durable sequence of a source in an incarnation.
  [[nodiscard]] int64_t LastSequence(const std::string& source,
                                     const std::string& incarnation) const;
  [[nodiscard]] const std::map<std::tuple<std::string, std::string, std::string>, SlowDecision>&
  decisions() const {
    return decisions_;
  }
  [[nodiscard]] int64_t event_count() const { return event_count_; }
  [[nodiscard]] int epochs() const { return static_cast<int>(policies_.size()); }
  // Counted from all decisions.
  [[nodiscard]] std::map<SlowTallyKey, SlowTally> Tallies() const;
  // The line that stands for a record of the log; alike for those of the model.
  [[nodiscard]] static std::string LineOf(const vigie::store::v1::Record& record);

 private:
  struct Source {
    bool declared = false;
    std::set<int> payloads;
    bool test = false;
    std::string incarnation;
    int64_t last_sequence = 0;
    int64_t watermark_ms = INT64_MIN;
  };
  struct Batch {
    std::vector<SlowEvent> evidence;
    int64_t noted_ms = 0;
  };
  using Period = std::pair<SlowPeriod, int64_t>;  // With the first millisecond after it.

  void BeginTurn(int64_t clock_ms);
  void EndTurn();
  BatchAnswer Take(const SentBatch& batch, int64_t clock_ms);
  EventAnswer TakeEvent(const SentBatch& batch, const vigie::v1::Event& event, int64_t sequence,
                        bool repeated, int64_t clock_ms);
  // Reason and status code of the refusal of an event that is not recorded yet.
  [[nodiscard]] std::optional<std::pair<int, int>> Refuse(const vigie::v1::Event& event,
                                                          const SlowDecision* decision) const;
  void Record(const vigie::v1::Event& event, const std::string& source);
  void SetDue(SlowDecision& decision) const;
  void TakeWatermark(const std::string& source, int64_t watermark_ms);
  void Activate(const vigie::config::v1::Policy& policy);
  void Close(SlowDecision& decision);
  void AddLate(SlowDecision& decision, const SlowEvent& event);
  // What counts beside the verdict and, at close and with a truth that counts, what counts as
  // truth; notes what changed.
  void Reconsider(SlowDecision& decision, SlowDecision::Moment moment, bool truth_too);
  [[nodiscard]] std::optional<SlowTruth> StrongestTruth(const SlowDecision& decision) const;
  [[nodiscard]] SlowAside AsideOf(const SlowDecision& decision) const;
  // Truths, reviews and the like, voided ones left out, in order L2.
  [[nodiscard]] static std::vector<SlowEvent> Afterwards(const SlowDecision& decision);
  [[nodiscard]] bool Counts(const vigie::v1::TruthEstablished& truth, int epoch) const;
  [[nodiscard]] std::vector<Period> PeriodsOf(int64_t time_ms) const;
  static void Apply(const SlowDecision::Moment& moment, const SlowFinding& finding,
                    SlowTally& tally);

  absl::TimeZone zone_;
  Mutation mutation_;
  int64_t now_ms_ = 0;          // Of the turn.
  int64_t recorded_at_ms_ = 0;  // Of the last turn that wrote something.
  bool closed_in_turn_ = false;
  size_t records_before_turn_ = 0;
  bool progress_in_turn_ = false;
  std::vector<std::string> records_;
  int64_t event_count_ = 0;
  std::map<std::string, Source> sources_;
  // By organisation, space (`d`, `u` unaided, `s` system) and identifier.
  std::map<std::tuple<std::string, std::string, std::string>, SlowDecision> decisions_;
  std::map<std::pair<std::string, std::string>, Batch> batches_;
  std::vector<vigie::config::v1::Policy> policies_;
  std::vector<vigie::store::v1::Calibration> calibrations_;
  // By epoch: medians by organisation and kind, as they stood when it began (R9).
  std::vector<std::map<std::pair<std::string, std::string>, int64_t>> medians_;
};

}  // namespace vigie::simulation
