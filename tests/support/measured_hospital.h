// SPDX-License-Identifier: Apache-2.0
// A running engine with everything an oversight body does to it, and short ways to feed it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "oversight/measures.h"
#include "oversight/oversight.h"
#include "support/running_engine.h"

namespace vigie::support {

inline constexpr int64_t kHourMs = 3'600'000;
inline constexpr int64_t kDayMs = 24 * kHourMs;

// One hospital, one system (`sepsis`), source `ehr` that can send everything. Not thread-safe.
class MeasuredHospital {
 public:
  MeasuredHospital() { running_.DeclareSource(); }

  // One decision from issue to act, closed. What is not opened becomes TOKEN.
  struct Act {
    std::string unit = "icu";
    std::string actor = "dr-1";
    std::string suggested = "A";
    std::string chosen = "A";
    bool opened = true;
    bool applied = false;
    int64_t active_ms = 0;
    std::string version;
    std::string screen;
  };
  // `at_ms` is when it was issued; the act comes nine seconds later.
  void Decide(const std::string& id, int64_t at_ms, const Act& act) {
    std::vector<Event> events = {IssuedAt(id, at_ms, act.suggested), ShownAt(id, at_ms + 1'000)};
    events[0].set_system_version(act.version);
    events[1].mutable_shown()->set_screen_version(act.screen);
    if (act.opened) events.push_back(OpenedAt(id, at_ms + 2'000));
    if (act.active_ms > 0) {
      Event active = AnEvent(id, "active", at_ms + 2'000);
      active.mutable_active_segment()->set_start_ms(at_ms + 2'000);
      active.mutable_active_segment()->set_length_ms(act.active_ms);
      events.push_back(std::move(active));
    }
    const auto outcome = act.chosen == act.suggested ? vigie::v1::DECISION_OUTCOME_ACCEPTED
                                                     : vigie::v1::DECISION_OUTCOME_OVERRIDDEN;
    const int64_t decided_ms = at_ms + std::max<int64_t>(9'000, act.active_ms + 3'000);
    events.push_back(DecidedAt(id, decided_ms, act.chosen, outcome));
    events.back().mutable_actor()->set_id(act.actor);
    if (act.applied) {
      Event applied = AnEvent(id, "applied", decided_ms + 1'000);
      applied.mutable_applied()->set_applied_by(vigie::v1::EFFECT_CAUSE_PERSON);
      events.push_back(std::move(applied));
    }
    for (Event& event : events) event.set_unit_id(act.unit);
    Send(std::move(events), decided_ms + kHourMs);
  }
  // The same task without AI.
  void Unaided(const std::string& id, int64_t at_ms, int64_t active_ms, const std::string& kind) {
    Event event = AnEvent(id, "unaided", at_ms);
    event.set_decision_kind(kind);
    event.mutable_unaided_decision()->set_active_ms(active_ms);
    event.mutable_unaided_decision()->add_final_codes()->set_code("A");
    event.mutable_unaided_decision()->add_truth_codes()->set_code("A");
    Send({std::move(event)}, 0);
  }
  // The truth of a decision; `draw` for a drawn audit.
  void Truth(const std::string& id, const std::string& code, const std::string& draw = "") {
    Event event = TruthAt(id, kMorningMs + kDayMs, code,
                          draw.empty() ? vigie::v1::TRUTH_ORIGIN_ASSERTED_AUDIT
                                       : vigie::v1::TRUTH_ORIGIN_DRAWN_AUDIT);
    event.mutable_truth_established()->set_origin_id(draw);
    Send({std::move(event)}, 0);
  }
  void Send(std::vector<Event> events, int64_t watermark_ms) {
    engine::EventWork work = running_.Work(std::move(events));
    if (watermark_ms > 0) work.watermark_ms = watermark_ms;
    const engine::Receipt receipt = running_.Send(std::move(work));
    ASSERT_TRUE(receipt.status.ok()) << receipt.status;
    for (const auto& result : receipt.results) {
      ASSERT_NE(result.fate(), vigie::v1::EVENT_FATE_REFUSED) << result.ShortDebugString();
    }
  }
  void Activate(const vigie::config::v1::Policy& policy) {
    vigie::store::v1::Record record;
    *record.mutable_policy_activated()->mutable_policy() = policy;
    record.mutable_policy_activated()->set_sha256(policy::Sha256OfPolicy(policy));
    running_.Turn(record);
  }

  [[nodiscard]] vigie::v1::Summary Summary(
      const std::string& unit = "",
      vigie::v1::PeriodKind kind = vigie::v1::PERIOD_KIND_CUMULATIVE) {
    vigie::v1::GetSummaryRequest request;
    request.mutable_scope()->set_unit_id(unit);
    request.mutable_period()->set_kind(kind);
    request.mutable_period()->set_first_day("2026-03-02");
    const auto response = oversight_.GetSummary(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->summary() : vigie::v1::Summary();
  }
  [[nodiscard]] vigie::v1::GetDecisionResponse Decision(const std::string& id) {
    vigie::v1::GetDecisionRequest request;
    request.set_decision_id(id);
    const auto response = oversight_.GetDecision(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : vigie::v1::GetDecisionResponse();
  }

  [[nodiscard]] RunningEngine& running() { return running_; }
  [[nodiscard]] oversight::Oversight& oversight() { return oversight_; }
  [[nodiscard]] oversight::Measures& measures() { return measures_; }

 private:
  RunningEngine running_;
  oversight::Egress egress_{&running_.engine().published(), &running_.engine().store()};
  oversight::Oversight oversight_{&running_.engine(), &running_.pseudonyms(), &egress_};
  oversight::Measures measures_{&oversight_, &running_.pseudonyms(), &running_.clock()};
};

// The row of one indicator and origin; an empty one when there is none.
[[nodiscard]] inline vigie::v1::IndicatorEvidence IndicatorOf(
    const vigie::v1::Summary& summary, vigie::v1::Indicator indicator,
    vigie::v1::TruthOrigin origin = vigie::v1::TRUTH_ORIGIN_UNSPECIFIED) {
  for (const auto& row : summary.indicators()) {
    if (row.indicator() == indicator && row.origin() == origin) return row;
  }
  return {};
}

}  // namespace vigie::support
