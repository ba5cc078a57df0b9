// SPDX-License-Identifier: Apache-2.0
#include "oversight/kept_records.h"

#include <algorithm>
#include <utility>

namespace vigie::oversight {
namespace {

namespace sv = vigie::store::v1;

class Keeper {
 public:
  explicit Keeper(int64_t purged_position) : purged_position_(purged_position) {}

  void Add(int64_t position, int64_t recorded_at_ms, sv::Record record) {
    if (position == 0 || position > purged_position_) return;
    kept_.push_back(
        {.position = position, .recorded_at_ms = recorded_at_ms, .record = std::move(record)});
  }
  void AddPlan(const engine::Plan& plan);

  // In order; two never share a position, and time never goes back.
  std::vector<KeptRecord> Take() {
    std::stable_sort(kept_.begin(), kept_.end(), [](const KeptRecord& a, const KeptRecord& b) {
      return a.position < b.position;
    });
    for (size_t i = 1; i < kept_.size(); ++i) {
      kept_[i].position = std::max(kept_[i].position, kept_[i - 1].position + 1);
      kept_[i].recorded_at_ms = std::max(kept_[i].recorded_at_ms, kept_[i - 1].recorded_at_ms);
    }
    return std::move(kept_);
  }

 private:
  const int64_t purged_position_;
  std::vector<KeptRecord> kept_;
};

void Keeper::AddPlan(const engine::Plan& plan) {
  const auto& view = plan.view;
  const std::string& organisation_id = plan.committed->organisation_id();
  const std::string& plan_id = plan.plan().plan_id();
  sv::Record committed;
  *committed.mutable_probe_plan_committed() = *plan.committed;
  Add(view.position(), view.committed_at_ms(), std::move(committed));
  for (const auto& hand_out : view.hand_outs()) {
    sv::Record record;
    auto* handed_out = record.mutable_probe_handed_out();
    handed_out->set_organisation_id(organisation_id);
    handed_out->set_plan_id(plan_id);
    handed_out->set_item(hand_out.item());
    handed_out->set_actor_pseudonym(hand_out.actor());
    Add(hand_out.position(), view.committed_at_ms(), std::move(record));
  }
  sv::Record stopped;
  stopped.mutable_probe_plan_stopped()->set_organisation_id(organisation_id);
  stopped.mutable_probe_plan_stopped()->set_plan_id(plan_id);
  stopped.mutable_probe_plan_stopped()->set_reason(view.stop_reason());
  Add(view.stopped_position(), view.committed_at_ms(), std::move(stopped));
  sv::Record revealed;
  revealed.mutable_probe_plan_revealed()->set_organisation_id(organisation_id);
  revealed.mutable_probe_plan_revealed()->set_plan_id(plan_id);
  Add(view.revealed_position(), view.committed_at_ms(), std::move(revealed));
}

}  // namespace

bool LastsBeyondItsBlock(const sv::Record& record) {
  switch (record.body_case()) {
    case sv::Record::kStoreCreated:
    case sv::Record::kPolicyActivated:
    case sv::Record::kSystem:
    case sv::Record::kSource:
    case sv::Record::kCalibration:
    case sv::Record::kProbePlanCommitted:
    case sv::Record::kProbeHandedOut:
    case sv::Record::kProbePlanStopped:
    case sv::Record::kProbePlanRevealed:
    case sv::Record::kAuditDrawn:
      return true;
    default:
      return false;
  }
}

std::vector<KeptRecord> KeptRecords(const engine::PublishedState& state, int64_t purged_position) {
  Keeper keeper(purged_position);
  const int64_t began_ms = state.epochs.empty() ? 0 : state.epochs.front().activated_at_ms();
  sv::Record created;
  *created.mutable_store_created() = state.store;
  keeper.Add(1, began_ms, std::move(created));
  // Numbers of the register only grow, so that every page of an export counts alike.
  for (size_t i = 0; i < state.sources.size(); ++i) {
    if (!state.sources[i].declared()) continue;
    sv::Record record;
    *record.mutable_source() = state.sources[i].source();
    keeper.Add(static_cast<int64_t>(2 * i + 2), began_ms, std::move(record));
  }
  for (size_t i = 0; i < state.systems.size(); ++i) {
    if (!state.systems[i].declared()) continue;
    sv::Record record;
    *record.mutable_system() = state.systems[i].system();
    keeper.Add(static_cast<int64_t>(2 * i + 3), began_ms, std::move(record));
  }
  for (const auto& calibration : state.calibrations) {
    sv::Record record;
    *record.mutable_calibration() = calibration.calibration();
    keeper.Add(calibration.position(), began_ms, std::move(record));
  }
  for (const auto& epoch : state.epochs) {
    sv::Record record;
    *record.mutable_policy_activated() = epoch.activated();
    keeper.Add(epoch.position(), epoch.activated_at_ms(), std::move(record));
  }
  for (const engine::Plan& plan : state.plans) keeper.AddPlan(plan);
  for (const engine::Draw& draw : state.draws) {
    sv::Record record;
    *record.mutable_audit_drawn() = *draw.drawn;
    keeper.Add(draw.position, draw.drawn_at_ms, std::move(record));
  }
  return keeper.Take();
}

}  // namespace vigie::oversight
