// SPDX-License-Identifier: Apache-2.0
#include "engine/plans.h"

#include <algorithm>

#include "base/cat.h"
#include "base/status_macros.h"
#include "decision/codes.h"
#include "store/keys.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;

std::pair<std::string, std::string> KeyOf(std::string_view organisation_id,
                                          std::string_view decision_id) {
  return {std::string(organisation_id), std::string(decision_id)};
}

}  // namespace

bool Plan::IsOver(int64_t now_ms) const {
  return view.stopped_position() != 0 ||
         (plan().stop_at_ms() != 0 && now_ms >= plan().stop_at_ms());
}

bool Plan::Counts(int32_t item, int64_t first_position) const {
  if (view.revealed_position() != 0 && view.revealed_position() < first_position) return false;
  return std::any_of(view.hand_outs().begin(), view.hand_outs().end(), [&](const auto& row) {
    return row.item() == item && row.position() < first_position;
  });
}

absl::Status Plans::Commit(const sv::ProbePlanCommitted& committed, int64_t position,
                           int64_t recorded_at_ms, int64_t decisions_before) {
  sv::ProbePlanView view;
  *view.mutable_committed() = committed;
  view.set_position(position);
  view.set_committed_at_ms(recorded_at_ms);
  view.set_decisions_before(decisions_before);
  VIGIE_RETURN_IF_ERROR(Insert(std::move(view)));
  MarkDirty(plans_.back());
  return absl::OkStatus();
}

absl::Status Plans::LoadRow(sv::ProbePlanView row) { return Insert(std::move(row)); }

absl::Status Plans::Insert(sv::ProbePlanView view) {
  vigie::v1::ProbeManifest manifest;
  if (!manifest.ParseFromString(view.committed().manifest())) {
    return absl::DataLossError("log record: a plan whose manifest cannot be read");
  }
  Plan plan;
  plan.committed = std::make_shared<const sv::ProbePlanCommitted>(view.committed());
  const std::string& organisation = plan.committed->organisation_id();
  plan.number = 1 + std::count_if(plans_.begin(), plans_.end(), [&](const Plan& other) {
                  return other.committed->organisation_id() == organisation;
                });
  plan.view = std::move(view);
  plan.view.clear_committed();
  plan.item_count = manifest.items_size();
  int32_t index = 0;
  for (const auto& item : manifest.items()) {
    items_.try_emplace(KeyOf(organisation, item.decision_id()),
                       SeededItem{.plan = plans_.size(),
                                  .item = index++,
                                  .truth = decision::CanonicalCodes(item.truth())});
  }
  plans_.push_back(std::move(plan));
  changed_ = true;
  return absl::OkStatus();
}

Plan* Plans::FindMutable(std::string_view organisation_id, std::string_view plan_id) {
  for (Plan& plan : plans_) {
    if (plan.committed->organisation_id() == organisation_id && plan.plan().plan_id() == plan_id) {
      return &plan;
    }
  }
  return nullptr;
}

const Plan* Plans::FindPlan(std::string_view organisation_id, std::string_view plan_id) const {
  return const_cast<Plans*>(this)->FindMutable(organisation_id, plan_id);
}

void Plans::MarkDirty(const Plan& plan) {
  for (size_t i = 0; i < plans_.size(); ++i) {
    if (&plans_[i] == &plan) dirty_.insert(i);
  }
  changed_ = true;
}

void Plans::HandOut(const sv::ProbeHandedOut& handed_out, int32_t day, int64_t position) {
  Plan* plan = FindMutable(handed_out.organisation_id(), handed_out.plan_id());
  if (plan == nullptr) return;
  auto* row = plan->view.add_hand_outs();
  row->set_item(handed_out.item());
  row->set_actor(handed_out.actor_pseudonym());
  row->set_day(day);
  row->set_position(position);
  MarkDirty(*plan);
}

void Plans::Stop(std::string_view organisation_id, std::string_view plan_id, int64_t position,
                 const std::string& reason) {
  Plan* plan = FindMutable(organisation_id, plan_id);
  if (plan == nullptr || plan->view.stopped_position() != 0) return;
  plan->view.set_stopped_position(position);
  plan->view.set_stop_reason(reason);
  MarkDirty(*plan);
}

void Plans::Reveal(std::string_view organisation_id, std::string_view plan_id, int64_t position) {
  Plan* plan = FindMutable(organisation_id, plan_id);
  if (plan == nullptr || plan->view.revealed_position() != 0) return;
  plan->view.set_revealed_position(position);
  MarkDirty(*plan);
}

void Plans::NoteApplied(size_t plan, int64_t position, int64_t recorded_at_ms) {
  Plan& state = plans_[plan];
  state.view.set_applied_count(state.view.applied_count() + 1);
  // The alarm keeps its name until it is acknowledged.
  if (state.view.applied_position() == 0) {
    state.view.set_applied_position(position);
    state.view.set_applied_at_ms(recorded_at_ms);
  }
  if (state.view.stopped_position() == 0 &&
      state.view.applied_count() >= state.plan().stop_after_applied_count()) {
    state.view.set_stopped_position(position);
    state.view.set_stop_reason("stop rule: seeded suggestions took effect");
  }
  MarkDirty(state);
}

void Plans::NoteClosed(size_t plan) {
  plans_[plan].view.set_closed_count(plans_[plan].view.closed_count() + 1);
  MarkDirty(plans_[plan]);
}

std::string Plans::AlarmId(size_t plan, const Plan& state) {
  return base::Cat("seeded-", plan + 1, "-", state.view.applied_position());
}

bool Plans::IsOpen(const std::string& alarm_id) const {
  for (size_t i = 0; i < plans_.size(); ++i) {
    if (plans_[i].view.applied_position() != 0 && AlarmId(i, plans_[i]) == alarm_id) return true;
  }
  return false;
}

void Plans::AcknowledgeApplied(const std::string& alarm_id) {
  for (size_t i = 0; i < plans_.size(); ++i) {
    if (plans_[i].view.applied_position() == 0 || AlarmId(i, plans_[i]) != alarm_id) continue;
    plans_[i].view.set_applied_position(0);
    MarkDirty(plans_[i]);
  }
}

const SeededItem* Plans::Find(std::string_view organisation_id,
                              std::string_view decision_id) const {
  if (items_.empty()) return nullptr;
  const auto found = items_.find(KeyOf(organisation_id, decision_id));
  return found == items_.end() ? nullptr : &found->second;
}

absl::StatusOr<int32_t> Plans::NextItem(const Plan& plan, std::string_view actor, int32_t day,
                                        int64_t now_ms, int64_t decisions) {
  if (plan.IsOver(now_ms)) {
    return absl::FailedPreconditionError("plan_id: the plan is stopped; commit a new one");
  }
  const int32_t next = plan.view.hand_outs_size();
  if (next >= plan.item_count) {
    return absl::FailedPreconditionError("plan_id: every item is handed out; commit a new plan");
  }
  const int64_t since = decisions - plan.view.decisions_before();
  if ((int64_t{next} + 1) * 1000 > plan.plan().rate_permille() * since) {
    return absl::ResourceExhaustedError(
        base::Cat("rate_permille: got ", next, " items handed out for ", since,
                  " decisions closed, want no more than the plan's rate; ask later"));
  }
  const auto& given = plan.view.hand_outs();
  const auto today = std::count_if(given.begin(), given.end(), [&](const auto& row) {
    return row.day() == day && row.actor() == actor;
  });
  if (today >= plan.plan().limit_per_actor_day()) {
    return absl::ResourceExhaustedError(
        base::Cat("limit_per_actor_day: got ", today,
                  " items for this person today, want no more; plant "
                  "elsewhere or tomorrow"));
  }
  return next;
}

void Plans::PutRows(std::vector<store::ViewChange>& changes) {
  std::vector<size_t> numbers(dirty_.begin(), dirty_.end());
  std::sort(numbers.begin(), numbers.end());
  for (const size_t number : numbers) {
    sv::ProbePlanView row = plans_[number].view;
    *row.mutable_committed() = *plans_[number].committed;
    changes.push_back({store::Family::kMeta,
                       base::Cat("p/", store::PositionKey(static_cast<int64_t>(number))),
                       row.SerializeAsString()});
  }
  dirty_.clear();
}

}  // namespace vigie::engine
