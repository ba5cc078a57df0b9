// SPDX-License-Identifier: Apache-2.0
#include "simulator/observed.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace vigie::simulator {
namespace {

namespace v1 = vigie::v1;

void Read(const v1::Event& event, ObservedDecision& decision) {
  switch (event.payload_case()) {
    case v1::Event::kIssued:
      decision.suggested = event.issued().suggestions(0).code();
      break;
    case v1::Event::kShown:
      decision.shown_at_ms = event.occurred_at_ms();
      break;
    case v1::Event::kOpened:
      decision.opened = true;
      break;
    case v1::Event::kActiveSegment:
      decision.active_ms += event.active_segment().length_ms();
      break;
    case v1::Event::kEvidenceOpened:
      decision.independent_evidence |=
          event.evidence_opened().origin() == v1::EVIDENCE_ORIGIN_INDEPENDENT;
      break;
    case v1::Event::kInitialJudgement:
      decision.own_judgement_first |=
          event.initial_judgement().timing() == v1::JUDGEMENT_TIMING_BEFORE_DISPLAY;
      break;
    case v1::Event::kEdited:
      decision.substituted_permille = event.edited().changed_permille();
      break;
    case v1::Event::kDecided:
      if (event.decided().final_codes().empty()) break;  // Not final.
      decision.has_final_act = true;
      decision.independent = event.decided().outcome() == v1::DECISION_OUTCOME_INDEPENDENT;
      decision.one_click = event.decided().one_click();
      decision.in_batch = event.decided().batch_item_count() > 1;
      decision.chosen = event.decided().final_codes(0).code();
      decision.decided_at_ms = event.occurred_at_ms();
      break;
    case v1::Event::kApplied:
      decision.applied = true;
      decision.chosen = event.applied().codes(0).code();
      decision.has_final_act |= event.applied().applied_by() == v1::EFFECT_CAUSE_PERSON;
      break;
    case v1::Event::kTelemetryGap:
      decision.gap = true;
      break;
    case v1::Event::kTruthEstablished:
      decision.truth = event.truth_established().codes(0).code();
      decision.truth_origin = event.truth_established().origin();
      break;
    default:
      break;
  }
}

}  // namespace

std::vector<Delivery> Deliveries(Hospital hospital) {
  std::vector<Delivery> deliveries;
  Delivery delivery;
  while (hospital.Next(&delivery)) deliveries.push_back(std::move(delivery));
  return deliveries;
}

bool ObservedDecision::Examined() const {
  constexpr int64_t kLeastActiveMs = 8'000;
  constexpr int64_t kSubstantialPermille = 500;
  return own_judgement_first || substituted_permille >= kSubstantialPermille ||
         (opened && independent_evidence && active_ms >= kLeastActiveMs);
}

std::map<std::string, ObservedDecision> Observe(std::vector<Delivery> deliveries) {
  std::map<std::string, ObservedDecision> decisions;
  std::set<std::string> seen;
  std::set<std::string> voided;
  for (Delivery& delivery : deliveries) {
    if (!delivery.event.has_value() || delivery.event->decision_id().empty()) continue;
    if (!seen.insert(delivery.event->event_id()).second) continue;
    ObservedDecision& decision = decisions[delivery.event->decision_id()];
    decision.unit_id = delivery.event->unit_id();
    if (delivery.event->has_voided()) voided.insert(delivery.event->voided().voided_event_id());
    decision.events.push_back(*std::move(delivery.event));
  }
  for (auto& [id, decision] : decisions) {
    std::stable_sort(decision.events.begin(), decision.events.end(),
                     [](const v1::Event& a, const v1::Event& b) {
                       return a.occurred_at_ms() < b.occurred_at_ms();
                     });
    for (const v1::Event& event : decision.events) {
      if (!voided.contains(event.event_id())) Read(event, decision);
    }
  }
  return decisions;
}

std::vector<ObservedDecision> DecisionsOf(Habit habit, Feed feed, bool returns_truth,
                                          int64_t decision_count, HospitalOptions options) {
  const UnitPlan plan = {"unit", habit, feed, returns_truth, decision_count};
  std::vector<ObservedDecision> decisions;
  for (auto& [id, decision] : Observe(Deliveries(Hospital(std::move(options), {plan})))) {
    decisions.push_back(std::move(decision));
  }
  return decisions;
}

testing::AssertionResult WithinBinomial(int64_t successes, int64_t trials, double ratio) {
  const double expected = static_cast<double>(trials) * ratio;
  const double allowed = 4.5 * std::sqrt(expected * (1 - ratio)) + 1;
  if (std::abs(static_cast<double>(successes) - expected) <= allowed) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << successes << " of " << trials << ", want " << expected << " +- " << allowed;
}

}  // namespace vigie::simulator
