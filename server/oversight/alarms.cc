// SPDX-License-Identifier: Apache-2.0
#include "oversight/alarms.h"

#include <algorithm>

#include "oversight/oversight.h"
#include "oversight/summary.h"

namespace vigie::oversight {

using namespace vigie::v1;  // Enumerators and messages.

std::vector<Alarm> AlarmsOf(const engine::PublishedState& state, const decision::ScopeKey* only) {
  std::vector<Alarm> alarms;
  for (size_t i = 0; i < state.plans.size(); ++i) {
    const engine::Plan& plan = state.plans[i];
    if (plan.view.applied_position() == 0) continue;
    const decision::ScopeKey scope = {
        .organisation = state.names.Find(plan.committed->organisation_id()),
        .system = state.names.Find(plan.plan().system_id())};
    if (only != nullptr && scope != *only) continue;
    Alarm alarm;
    alarm.set_alarm_id(engine::Plans::AlarmId(i, plan));
    alarm.set_kind(ALARM_KIND_SEEDED_ITEM_APPLIED);
    *alarm.mutable_scope() = NamedScope(scope, state.names);
    alarm.set_plan_id(plan.plan().plan_id());
    alarm.set_trials(plan.view.applied_count());
    alarm.set_raised_position(plan.view.applied_position());
    alarm.set_raised_at_ms(plan.view.applied_at_ms());
    alarms.push_back(std::move(alarm));
  }
  const auto changes = static_cast<std::ptrdiff_t>(alarms.size());
  for (const auto& [alarm_id, detector] : state.open_alarms) {
    if (only != nullptr && detector.key.scope != *only) continue;
    Alarm alarm;
    alarm.set_alarm_id(alarm_id);
    alarm.set_kind(ALARM_KIND_CHANGE);
    *alarm.mutable_scope() = NamedScope(detector.key.scope, state.names);
    alarm.set_indicator(detector.key.indicator);
    alarm.set_origin(detector.key.origin);
    alarm.set_statistic(detector.statistics.Mean());
    alarm.set_trials(detector.trials);
    alarm.set_raised_position(detector.raised_position);
    alarm.set_raised_at_ms(detector.raised_at_ms);
    alarms.push_back(std::move(alarm));
  }
  std::sort(alarms.begin() + changes, alarms.end(), [](const Alarm& a, const Alarm& b) {
    return a.raised_position() < b.raised_position();
  });
  return alarms;
}

ListAlarmsResponse Oversight::ListAlarms() const {
  ListAlarmsResponse response;
  std::vector<decision::ScopeKey> scopes;
  int32_t epoch = 0;
  engine_->published().Read([&](const engine::PublishedState& state) {
    for (Alarm& alarm : AlarmsOf(state, nullptr)) *response.add_alarms() = std::move(alarm);
    for (const Alarm& alarm : response.alarms()) {
      const auto find = [&](const std::string& name) { return state.names.Find(name); };
      scopes.push_back({.organisation = find(alarm.scope().organisation_id()),
                        .system = find(alarm.scope().system_id()),
                        .version = find(alarm.scope().system_version()),
                        .unit = find(alarm.scope().unit_id())});
    }
    response.set_detector_count(state.detector_count);
    const double bound = state.epochs.back().activated().policy().evidence().change_alarm_bound();
    if (state.detector_count > 0) {
      response.set_mean_trials_to_false_alarm(bound / static_cast<double>(state.detector_count));
    }
    response.set_as_of(state.as_of);
    epoch = state.epoch();
  });
  // The alarm itself is told; the figures of a withheld cell are not.
  const auto disclosure = egress_->Decide(epoch, {});
  for (int i = 0; i < response.alarms_size(); ++i) {
    Alarm* alarm = response.mutable_alarms(i);
    if (alarm->kind() != ALARM_KIND_CHANGE) continue;
    if (disclosure->Of(scopes[static_cast<size_t>(i)]) == SUPPRESSION_NONE) continue;
    alarm->set_trials(0);
    alarm->set_statistic(0);
  }
  return response;
}

}  // namespace vigie::oversight
