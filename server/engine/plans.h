// SPDX-License-Identifier: Apache-2.0
// Plans of seeded items: what is sealed, handed out, and what became of it (rule N4).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "decision/fact.h"
#include "store/store.h"
#include "vigie/store/v1/view.pb.h"
#include "vigie/v1/probe_service.pb.h"

namespace vigie::engine {

// A plan as folded.
struct Plan {
  std::shared_ptr<const vigie::store::v1::ProbePlanCommitted> committed;
  vigie::store::v1::ProbePlanView view;  // Without the commitment.
  int64_t number = 0;                    // Among those of its organisation, from 1.
  int64_t item_count = 0;

  // Whether an item counts whose decision began at a log position: it was handed out before, and
  // the plan was not revealed by then, or knowing it would be no test.
  [[nodiscard]] bool Counts(int32_t item, int64_t first_position) const;

  [[nodiscard]] const vigie::v1::ProbePlan& plan() const { return committed->plan(); }
  // It is over: stopped, or past its time.
  [[nodiscard]] bool IsOver(int64_t now_ms) const;
};

// An item of a plan.
struct SeededItem {
  size_t plan = 0;    // Index in all().
  int32_t item = 0;   // Index in the manifest.
  std::string truth;  // Canonical codes of the right answer.
};

// Plans in order of commitment. Not thread-safe.
class Plans {
 public:
  // A commitment enters. `decision_key` makes the key of a decision from its identifier.
  absl::Status Commit(const vigie::store::v1::ProbePlanCommitted& committed, int64_t position,
                      int64_t recorded_at_ms, int64_t decisions_before);
  void HandOut(const vigie::store::v1::ProbeHandedOut& handed_out, int32_t day, int64_t position);
  void Stop(std::string_view organisation_id, std::string_view plan_id, int64_t position,
            const std::string& reason);
  void Reveal(std::string_view organisation_id, std::string_view plan_id, int64_t position);
  // A seeded item took effect. The plan stops by itself at its limit.
  void NoteApplied(size_t plan, int64_t position, int64_t recorded_at_ms);
  void NoteClosed(size_t plan);
  void AcknowledgeApplied(const std::string& alarm_id);
  [[nodiscard]] bool IsOpen(const std::string& alarm_id) const;
  [[nodiscard]] static std::string AlarmId(size_t plan, const Plan& state);

  // The item that a decision is, or null. Only what comes after the commitment is seeded: compare
  // the position of the decision's first event.
  [[nodiscard]] const SeededItem* Find(std::string_view organisation_id,
                                       std::string_view decision_id) const;
  [[nodiscard]] const Plan* FindPlan(std::string_view organisation_id,
                                     std::string_view plan_id) const;
  [[nodiscard]] const std::deque<Plan>& all() const { return plans_; }
  // The next item to hand out to a person on a day. FAILED_PRECONDITION or RESOURCE_EXHAUSTED when
  // the plan does not allow one; `decisions` are those closed of the system.
  [[nodiscard]] static absl::StatusOr<int32_t> NextItem(const Plan& plan, std::string_view actor,
                                                        int32_t day, int64_t now_ms,
                                                        int64_t decisions);

  [[nodiscard]] bool TakeChanged() { return std::exchange(changed_, false); }
  // Rows `p/<number>`.
  void PutRows(std::vector<store::ViewChange>& changes);
  [[nodiscard]] absl::Status LoadRow(vigie::store::v1::ProbePlanView row);

 private:
  absl::Status Insert(vigie::store::v1::ProbePlanView view);
  [[nodiscard]] Plan* FindMutable(std::string_view organisation_id, std::string_view plan_id);
  void MarkDirty(const Plan& plan);

  std::deque<Plan> plans_;
  absl::flat_hash_map<std::pair<std::string, std::string>, SeededItem> items_;
  absl::flat_hash_set<size_t> dirty_;
  bool changed_ = true;
};

}  // namespace vigie::engine
