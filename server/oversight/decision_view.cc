// SPDX-License-Identifier: Apache-2.0
#include "oversight/decision_view.h"

#include <optional>
#include <string>
#include <utility>

#include "decision/reasons.h"
#include "decision/truth.h"
#include "oversight/summary.h"

namespace vigie::oversight {

using namespace vigie::v1;  // Enumerators and messages.
using engine::Stage;

vigie::v1::DecisionState StateOf(Stage stage) {
  switch (stage) {
    case Stage::kPending:
      return DECISION_STATE_PENDING;
    case Stage::kOpen:
      return DECISION_STATE_OPEN;
    case Stage::kClosed:
      return DECISION_STATE_CLOSED;
  }
  return DECISION_STATE_UNSPECIFIED;
}

Decision DescribeDecision(const engine::DecisionState& state,
                          const engine::PublishedState& published, Language language) {
  const engine::Names& names = published.names;
  Decision out;
  out.set_decision_id(state.id);
  const decision::Finding& finding = state.finding;
  *out.mutable_scope() = NamedScope({.organisation = state.organisation,
                                     .system = state.system,
                                     .version = finding.version,
                                     .unit = finding.unit,
                                     .test = state.test},
                                    names);
  out.set_decision_kind(names.Name(state.kind));
  out.set_state(StateOf(state.stage));
  out.set_first_position(engine::FirstPosition(state));
  out.set_late_event_count(state.late_count);
  if (state.stage != Stage::kClosed) return out;
  out.set_degree(finding.degree);
  for (const Reason reason : finding.reasons) {
    ReasonFound* found = out.add_reasons();
    found->set_reason(reason);
    found->set_rule(std::string(decision::RuleOf(reason)));
    if (out.rules().empty() || out.rules(out.rules_size() - 1) != found->rule()) {
      out.add_rules(found->rule());
    }
  }
  for (std::string& missing : decision::MissingForNext(finding, language)) {
    out.add_missing(std::move(missing));
  }
  out.set_decisive_act_at_ms(finding.decisive_at_ms);
  if (finding.active_ms.has_value()) out.set_active_ms(*finding.active_ms);
  if (finding.minimum_ms.has_value()) out.set_minimum_ms(*finding.minimum_ms);
  out.set_grade(finding.grade);
  out.set_policy_epoch(state.epoch);
  out.set_truth_contradicted(decision::TruthsDisagree(state.afterwards));
  if (state.calibration > 0) {
    out.set_calibration_id(published.calibrations[static_cast<size_t>(state.calibration) - 1]
                               .calibration()
                               .baseline()
                               .calibration_id());
  }
  std::optional<decision::CountedTruth> truth = state.truth;
  if (state.plan > 0) {
    // N4: until its plan is revealed nothing tells a seeded decision from any other.
    const engine::Plan& plan = published.plans[static_cast<size_t>(state.plan) - 1];
    if (plan.view.revealed_position() == 0) {
      const auto& policy =
          published.epochs[static_cast<size_t>(state.epoch) - 1].activated().policy();
      truth = decision::StrongestTruth(state.afterwards, [&policy](const decision::Fact& fact) {
        return decision::AssertedOrigin(fact, policy);
      });
    } else {
      out.set_probe_plan_id(plan.plan().plan_id());
    }
  }
  if (truth.has_value()) {
    out.set_truth_origin(truth->key.origin);
    const bool wrong = finding.suggested != truth->codes;
    out.set_ai_wrong(wrong);
    if (wrong && finding.exposed && !finding.chosen.empty()) {
      out.set_caught(finding.chosen != finding.suggested);
    }
  }
  return out;
}

}  // namespace vigie::oversight
