// SPDX-License-Identifier: Apache-2.0
#include "decision/degree.h"

#include <algorithm>

#include "decision/examination.h"
#include "decision/kleene.h"
#include "decision/timeline.h"

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

// Judges one decision. Lives for one call.
class Judgement {
 public:
  Judgement(const Case& decision, const Rules& rules)
      : case_(decision),
        rules_(rules),
        policy_(*rules.policy),
        tolerance_ms_(policy_.closing().clock_tolerance_ms()),
        timeline_(BuildTimeline(decision.facts, decision.expired)) {}

  Finding Run() {
    Describe();
    Decide();
    std::sort(found_.reasons.begin(), found_.reasons.end());
    Count();
    return std::move(found_);
  }

 private:
  // The order of the rules: an effect nobody chose is automated whatever was shown.
  void Decide() {
    if (timeline_.decisive == nullptr && timeline_.effect == nullptr) return NothingHappened();
    automated_ = IsAutomated();
    if (automated_ == Truth::kTrue) return Conclude(DEGREE_AUTOMATED);
    if (IsIndependent()) return Because(REASON_INDEPENDENT);
    if (LacksAuthority()) {
      Because(REASON_NO_AUTHORITY);
      return Conclude(DEGREE_TOKEN);
    }
    if (automated_ == Truth::kUnknown) return Conclude(DEGREE_UNDETERMINED);
    examination_ = Examine(Subject());
    found_.minimum_ms = examination_.minimum_ms;
    if (BatchLacksEvidence()) {
      Because(REASON_BATCH_WITHOUT_EVIDENCE);
      return Conclude(DEGREE_TOKEN);
    }
    ConcludeFromExamination();
  }

  void Conclude(Degree degree) { found_.degree = degree; }
  void Because(Reason reason) { found_.reasons.push_back(reason); }

  void NothingHappened() {
    const bool hidden = timeline_.suppressed != nullptr && timeline_.shown == nullptr;
    Because(hidden ? REASON_SUPPRESSED_BEFORE_DISPLAY : REASON_NO_DECISION);
  }

  // R1. Adds its reasons.
  Truth IsAutomated() {
    const Fact* effect = timeline_.effect;
    if (effect == nullptr) return Truth::kFalse;
    if (!EffectWasChosen()) {
      Because(REASON_EFFECT_NOT_CHOSEN);
      return Truth::kTrue;
    }
    if (effect->kind == EFFECT_CAUSE_PERSON) return Truth::kFalse;
    Truth acted = Truth::kFalse;
    bool acts = false;
    for (const Fact* fact : timeline_.facts) {
      const bool final_act = fact->payload == PAYLOAD_KIND_EDITED ||
                             (fact->payload == PAYLOAD_KIND_DECIDED && IsFinal(fact->kind));
      if (!final_act) continue;
      acts = true;
      acted = Or(acted, Before(*fact, *effect, tolerance_ms_));
    }
    if (acted == Truth::kTrue) return Truth::kFalse;
    if (acted == Truth::kUnknown) {
      Because(REASON_CLOCK_INCONSISTENT);
      return Truth::kUnknown;
    }
    if (timeline_.HasGap(PAYLOAD_KIND_DECIDED)) {
      Because(REASON_SPAN_MISSING);
      return Truth::kUnknown;
    }
    Because(effect->kind == EFFECT_CAUSE_TIMEOUT         ? REASON_TIMEOUT_DEFAULT
            : effect->kind == EFFECT_CAUSE_BYPASS_WINDOW ? REASON_BYPASS_WINDOW
                                                         : REASON_SYSTEM_ACTION);
    if (acts) Because(REASON_APPLIED_BEFORE_ACT);
    return Truth::kTrue;
  }

  // L3: the code that took effect must be the one that the last final Decided chose.
  [[nodiscard]] bool EffectWasChosen() const {
    if (timeline_.decided == nullptr || timeline_.last_effect->codes.empty()) return true;
    const std::string& effect = timeline_.last_effect->codes;
    const Fact& decided = *timeline_.decided;
    if (!decided.codes.empty()) return effect == decided.codes;
    if (found_.suggested.empty()) return true;
    if (decided.kind == DECISION_OUTCOME_ACCEPTED) return effect == found_.suggested;
    const bool rejected =
        decided.kind == DECISION_OUTCOME_OVERRIDDEN || decided.kind == DECISION_OUTCOME_ABSTAINED;
    return !(rejected && effect == found_.suggested);
  }

  [[nodiscard]] ExaminationSubject Subject() const {
    return {.decision = &case_,
            .rules = &rules_,
            .timeline = &timeline_,
            .outcome = Outcome(),
            .one_click = OneClick(),
            .preselected_untouched = PreselectedUntouched(),
            .own_judgement = own_judgement_,
            .time = time_};
  }

  [[nodiscard]] Truth WasShown() const {
    if (timeline_.shown != nullptr) return Truth::kTrue;
    for (const Fact* fact : timeline_.facts) {
      if (fact->payload == PAYLOAD_KIND_OPENED) return Truth::kTrue;
    }
    if (timeline_.HasGap(PAYLOAD_KIND_SHOWN)) return Truth::kUnknown;
    if (timeline_.suppressed != nullptr) return Truth::kFalse;
    return case_.declared.Has(PAYLOAD_KIND_SHOWN) ? Truth::kFalse : Truth::kUnknown;
  }

  // R0. An acceptance refers to the suggestion, so it cannot be independent of it: whoever accepts
  // what was never shown falls under R7 instead of leaving the measurement.
  [[nodiscard]] bool IsIndependent() const {
    if (timeline_.decisive == nullptr) return false;
    const Truth shown = WasShown();
    const int32_t outcome = Outcome();
    if (outcome == DECISION_OUTCOME_INDEPENDENT) return shown != Truth::kTrue;
    const bool takes_over =
        outcome == DECISION_OUTCOME_ACCEPTED || outcome == DECISION_OUTCOME_MODIFIED;
    return shown == Truth::kFalse && !takes_over && !found_.batch;
  }

  [[nodiscard]] bool LacksAuthority() const {
    const auto& roles = rules_.roles_without_authority;
    return timeline_.decisive != nullptr && timeline_.decisive->role != 0 &&
           std::find(roles.begin(), roles.end(), timeline_.decisive->role) != roles.end();
  }

  [[nodiscard]] int32_t Outcome() const {
    if (timeline_.decided != nullptr) return timeline_.decided->kind;
    if (timeline_.edited != nullptr) return DECISION_OUTCOME_MODIFIED;
    const bool differs =
        !found_.chosen.empty() && !found_.suggested.empty() && found_.chosen != found_.suggested;
    return differs ? DECISION_OUTCOME_OVERRIDDEN : DECISION_OUTCOME_ACCEPTED;
  }

  [[nodiscard]] bool OneClick() const {
    return timeline_.decided != nullptr && timeline_.decided->one_click;
  }

  [[nodiscard]] bool PreselectedUntouched() const {
    return timeline_.shown != nullptr && timeline_.shown->preselected &&
           Outcome() == DECISION_OUTCOME_ACCEPTED;
  }

  // R8. Unknown, and so not this rule, where no source could have shown evidence.
  [[nodiscard]] bool BatchLacksEvidence() const {
    if (!found_.batch || examination_.something_opened) return false;
    if (examination_.own_judgement != Truth::kFalse ||
        examination_.substantial_edit != Truth::kFalse) {
      return false;
    }
    if (examination_.clock_inconsistent || timeline_.HasGap(PAYLOAD_KIND_OPENED) ||
        timeline_.HasGap(PAYLOAD_KIND_EVIDENCE_OPENED)) {
      return false;
    }
    return case_.declared.Has(PAYLOAD_KIND_OPENED) ||
           case_.declared.Has(PAYLOAD_KIND_EVIDENCE_OPENED);
  }

  void ConcludeFromExamination() {
    const Examination& e = examination_;
    const Truth by_suggestion = And(e.opened, And(e.evidence, e.in_time));
    const Truth otherwise = Or(e.own_judgement, e.substantial_edit);
    if (Or(by_suggestion, otherwise) == Truth::kTrue) return ConcludeExamined(by_suggestion);
    // R7, last sentence: time alone never makes a token act. Where it is unknown whether anything
    // was opened, that is what is missing, not the time.
    const bool only_too_fast = e.in_time == Truth::kFalse && e.opened != Truth::kFalse &&
                               e.evidence != Truth::kFalse && otherwise == Truth::kFalse;
    if (only_too_fast && e.opened == Truth::kUnknown) {
      GiveReasonsForUnknown();
      return Conclude(DEGREE_UNDETERMINED);
    }
    if (only_too_fast && e.evidence == Truth::kTrue && e.something_opened && !OneClick()) {
      Because(REASON_TOO_FAST_BUT_OPENED);
      return Conclude(DEGREE_UNDETERMINED);
    }
    if (Or(by_suggestion, otherwise) == Truth::kUnknown) {
      GiveReasonsForUnknown();
      return Conclude(DEGREE_UNDETERMINED);
    }
    ConcludeToken();
  }

  void ConcludeExamined(Truth by_suggestion) {
    if (by_suggestion == Truth::kTrue) {
      Because(REASON_EXAMINED_SUGGESTION);
      const bool wants_baseline = policy_.examination().unaided_permille() > 0;
      if (wants_baseline && !case_.unaided_median_ms.has_value()) Because(REASON_BASELINE_ABSENT);
    }
    if (examination_.own_judgement == Truth::kTrue) Because(REASON_OWN_JUDGEMENT_FIRST);
    if (examination_.substantial_edit == Truth::kTrue) Because(REASON_SUBSTANTIAL_EDIT);
    if (PreselectedUntouched()) Because(REASON_PRESELECTED_UNTOUCHED);
    if (!ChangedOutcome()) return Conclude(DEGREE_CONCRETE);
    Because(REASON_CHANGED_OUTCOME);
    Conclude(DEGREE_SIGNIFICANT);
  }

  // R5, with the codes as a check on what the source claims.
  bool ChangedOutcome() {
    const int32_t outcome = Outcome();
    const bool known = !found_.chosen.empty() && !found_.suggested.empty();
    const bool same = known && found_.chosen == found_.suggested;
    if ((outcome == DECISION_OUTCOME_OVERRIDDEN && same) ||
        (outcome == DECISION_OUTCOME_ACCEPTED && known && !same)) {
      Because(REASON_OUTCOME_CONTRADICTED);
      return false;
    }
    if (outcome == DECISION_OUTCOME_INDEPENDENT) return known && !same;
    return outcome != DECISION_OUTCOME_ACCEPTED;
  }

  void GiveReasonsForUnknown() {
    if (examination_.grade_too_low) Because(REASON_GRADE_TOO_LOW);
    if (examination_.span_missing) Because(REASON_SPAN_MISSING);
    if (examination_.clock_inconsistent) Because(REASON_CLOCK_INCONSISTENT);
  }

  void ConcludeToken() {
    if (examination_.opened == Truth::kFalse) Because(REASON_NEVER_OPENED);
    if (examination_.kind_missing) Because(REASON_REQUIRED_EVIDENCE_MISSING);
    if (examination_.independent_missing) Because(REASON_NO_INDEPENDENT_EVIDENCE);
    if (examination_.in_time == Truth::kFalse) Because(REASON_TOO_FAST);
    if (PreselectedUntouched()) Because(REASON_PRESELECTED_UNTOUCHED);
    if (OneClick()) Because(REASON_ONE_CLICK);
    const int32_t outcome = Outcome();
    if (outcome == DECISION_OUTCOME_OVERRIDDEN || outcome == DECISION_OUTCOME_ABSTAINED) {
      Because(REASON_REFLEX_OVERRIDE);
    }
    Conclude(DEGREE_TOKEN);
  }

  // L10 and N1: scope, codes and times of the decision, whatever its degree.
  void Describe() {
    found_.grade = GradeOf(case_.declared);
    const Fact* decisive = timeline_.decisive;
    if (decisive != nullptr) {
      found_.unit = decisive->unit;
      found_.actor = decisive->actor;
    }
    for (const Fact* fact : timeline_.facts) {
      if (found_.unit == 0) found_.unit = fact->unit;
      if (found_.version == 0) found_.version = fact->version;
      if (decisive == nullptr && found_.actor == Pseudonym{}) found_.actor = fact->actor;
    }
    if (timeline_.issued != nullptr && timeline_.issued->version != 0) {
      found_.version = timeline_.issued->version;
    }
    const Fact* when = decisive != nullptr ? decisive : timeline_.effect;
    if (when == nullptr && !timeline_.facts.empty()) when = timeline_.facts.back();
    if (when != nullptr) found_.decisive_at_ms = when->occurred_at_ms;
    if (timeline_.issued != nullptr) found_.suggested = timeline_.issued->codes;
    DescribeChoice();
    DescribeJudgement();
    DescribeTime();
    const Fact* decided = timeline_.decided;
    found_.limited_time = decided != nullptr && decided->limited_time;
    found_.batch = decided != nullptr &&
                   ((!decided->group.empty() && decided->amount != 1) || decided->amount > 1);
  }

  void DescribeChoice() {
    std::string final_codes;
    if (timeline_.decided != nullptr) {
      final_codes = timeline_.decided->codes;
      if (final_codes.empty() && timeline_.decided->kind == DECISION_OUTCOME_ACCEPTED) {
        final_codes = found_.suggested;
      }
    }
    const std::string& applied =
        timeline_.last_effect != nullptr ? timeline_.last_effect->codes : final_codes;
    const bool applied_differs = !applied.empty() && applied != found_.suggested;
    const bool final_same = final_codes.empty() || final_codes == found_.suggested;
    found_.chosen = final_same && applied_differs ? applied : final_codes;
    if (found_.chosen.empty()) found_.chosen = applied;
  }

  void DescribeJudgement() {
    for (const Fact* fact : timeline_.facts) {
      if (fact->payload != PAYLOAD_KIND_INITIAL_JUDGEMENT ||
          fact->kind != JUDGEMENT_TIMING_BEFORE_DISPLAY) {
        continue;
      }
      Truth first = Truth::kTrue;
      if (timeline_.shown != nullptr) first = Before(*fact, *timeline_.shown, tolerance_ms_);
      // A claim that the clocks deny is not refuted by them alone: it is unknown (L8).
      if (first == Truth::kFalse) first = Truth::kUnknown;
      const Fact* deadline = timeline_.Deadline();
      if (deadline != nullptr) first = And(first, Before(*fact, *deadline, tolerance_ms_));
      own_judgement_ = Or(own_judgement_, first);
      if (first != Truth::kTrue) continue;
      found_.judged = fact->codes;
      if (fact->amount > 0 && fact->amount <= kMaxElapsedMs) found_.judgement_ms = fact->amount;
    }
  }

  void DescribeTime() {
    // Activity counts before the decisive act (L7) and before the effect (L8).
    const Fact* act = timeline_.decisive != nullptr ? timeline_.decisive : timeline_.effect;
    if (act == nullptr) return;
    const Fact* effect = timeline_.effect;
    if (effect != nullptr && effect->occurred_at_ms < act->occurred_at_ms) act = effect;
    const auto& rule = policy_.examination();
    time_ = SumActiveTime(timeline_, *act, rule.idle_cap_ms(), tolerance_ms_);
    if (!time_.has_value() && rule.elapsed_counts_as_active() && timeline_.shown != nullptr &&
        timeline_.shown->source == act->source) {
      const int64_t elapsed_ms = act->occurred_at_ms - timeline_.shown->occurred_at_ms;
      if (elapsed_ms >= 0 && elapsed_ms <= kMaxElapsedMs) {
        time_ = ActiveTime{.certain_ms = elapsed_ms, .possible_ms = elapsed_ms};
      }
    }
    if (time_.has_value() && timeline_.HasGap(PAYLOAD_KIND_ACTIVE_SEGMENT)) time_->missing = true;
    if (time_.has_value() && !time_->missing) found_.active_ms = time_->certain_ms;
  }

  // Section 3: what the decision contributes to I1, I2 and coverage.
  void Count() {
    const auto has = [this](Reason reason) {
      return std::find(found_.reasons.begin(), found_.reasons.end(), reason) !=
             found_.reasons.end();
    };
    const bool happened = timeline_.decisive != nullptr || timeline_.effect != nullptr;
    const bool independent = has(REASON_INDEPENDENT);
    found_.exposed = !independent && (WasShown() == Truth::kTrue || happened);
    if (!happened) return;
    found_.positive_act = automated_ == Truth::kUnknown ? Trial::kUnknown
                          : found_.degree == DEGREE_AUTOMATED || has(REASON_BATCH_WITHOUT_EVIDENCE)
                              ? Trial::kFailure
                              : Trial::kSuccess;
    if (timeline_.decisive == nullptr || independent) return;
    const bool undetermined = found_.degree == DEGREE_UNDETERMINED;
    found_.coverage = undetermined ? Trial::kFailure : Trial::kSuccess;
    if (found_.degree == DEGREE_AUTOMATED) return;
    found_.concrete_examination = undetermined                    ? Trial::kUnknown
                                  : found_.degree == DEGREE_TOKEN ? Trial::kFailure
                                                                  : Trial::kSuccess;
  }

  static constexpr int64_t kMaxElapsedMs = int64_t{24} * 3600 * 1000;  // L8.

  const Case& case_;
  const Rules& rules_;
  const vigie::config::v1::Policy& policy_;
  const int64_t tolerance_ms_;
  const Timeline timeline_;
  Examination examination_;
  Truth automated_ = Truth::kFalse;
  Truth own_judgement_ = Truth::kFalse;
  std::optional<ActiveTime> time_;
  Finding found_;
};

}  // namespace

Finding Judge(const Case& decision, const Rules& rules) { return Judgement(decision, rules).Run(); }

}  // namespace vigie::decision
