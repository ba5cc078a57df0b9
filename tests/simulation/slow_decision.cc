// SPDX-License-Identifier: Apache-2.0
#include "simulation/slow_decision.h"

#include <algorithm>
#include <utility>

#include "simulation/slow_examination.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::simulation {

using namespace vigie::v1;  // Enumerators and messages.

namespace {

// Judges one decision. Lives for one call.
class Judge {
 public:
  explicit Judge(const SlowStory& story) : story_(story), rule_(story.policy.examination()) {}

  SlowFinding Run() {
    Describe();
    GiveDegree();
    GiveTrials();
    return std::move(found_);
  }

 private:
  bool Broken(Mutation mutation) const { return story_.mutation == mutation; }
  void Because(Reason reason) { found_.reasons.insert(reason); }
  void Conclude(Degree degree) { found_.degree = degree; }

  // L10.
  void Describe() {
    const SlowEvent* act = story_.decisive;
    if (act != nullptr) {
      found_.actor = act->event.actor().id();
      if (!Broken(Mutation::kL10UnitOfFirstEvent)) found_.unit = act->event.unit_id();
    }
    if (story_.issued != nullptr) found_.version = story_.issued->event.system_version();
    for (const SlowEvent& e : story_.events) {
      if (found_.unit.empty()) found_.unit = e.event.unit_id();
      if (found_.version.empty()) found_.version = e.event.system_version();
      if (act == nullptr && found_.actor.empty()) found_.actor = e.event.actor().id();
    }
    const SlowEvent* when = act != nullptr ? act : story_.first_effect;
    if (when == nullptr && !story_.events.empty()) when = &story_.events.back();
    if (when != nullptr) found_.decisive_at_ms = when->event.occurred_at_ms();
    found_.suggested = story_.suggested;
    found_.judged = story_.judged;
    found_.chosen = story_.chosen;
    found_.batch = story_.IsBatch();
    const auto& time = story_.time;
    if (time.has_value() && !time->missing) found_.active_ms = time->certain_ms;
    if (story_.decided == nullptr) return;
    for (const Code& reason : story_.decided->event.decided().reasons()) {
      found_.limited_time |= reason.code() == "limited-time";
    }
  }

  void GiveDegree() {
    if (story_.decisive == nullptr && story_.first_effect == nullptr) {
      const bool hidden = story_.suppressed && story_.shown == nullptr;
      return Because(hidden ? REASON_SUPPRESSED_BEFORE_DISPLAY : REASON_NO_DECISION);
    }
    automated_ = Automated();
    if (automated_ == true) return Conclude(DEGREE_AUTOMATED);
    if (Independent()) return Because(REASON_INDEPENDENT);
    if (LacksAuthority()) {
      Because(REASON_NO_AUTHORITY);
      return Conclude(DEGREE_TOKEN);
    }
    if (!automated_.has_value()) return Conclude(DEGREE_UNDETERMINED);
    JudgeExamination();
  }

  // R1.
  Known Automated() {
    if (story_.first_effect == nullptr || Broken(Mutation::kR1EffectNeedsNoAct)) return false;
    if (!EffectWasChosen()) {
      Because(REASON_EFFECT_NOT_CHOSEN);
      return true;
    }
    const int cause = story_.first_effect->event.applied().applied_by();
    if (cause == EFFECT_CAUSE_PERSON) return false;
    Known acted = false;
    bool acts = false;
    for (const SlowEvent& e : story_.events) {
      const bool final_decided =
          e.event.has_decided() && IsFinalOutcome(e.event.decided().outcome());
      if (!final_decided && !e.event.has_edited()) continue;
      acts = true;
      acted = Any(acted, story_.Before(e, *story_.first_effect));
    }
    if (acted == true) return false;
    if (!acted.has_value()) {
      Because(REASON_CLOCK_INCONSISTENT);
      return std::nullopt;
    }
    if (story_.HasGap(PAYLOAD_KIND_DECIDED)) {
      Because(REASON_SPAN_MISSING);
      return std::nullopt;
    }
    if (cause == EFFECT_CAUSE_TIMEOUT) {
      Because(REASON_TIMEOUT_DEFAULT);
    } else if (cause == EFFECT_CAUSE_BYPASS_WINDOW) {
      Because(REASON_BYPASS_WINDOW);
    } else {
      Because(REASON_SYSTEM_ACTION);
    }
    if (acts) Because(REASON_APPLIED_BEFORE_ACT);
    return true;
  }

  bool EffectWasChosen() const {
    const CodeSet effect = CodesOf(story_.last_effect->event.applied().codes());
    if (story_.decided == nullptr || effect.empty()) return true;
    const CodeSet chosen = CodesOf(story_.decided->event.decided().final_codes());
    if (!chosen.empty()) return effect == chosen;
    if (story_.suggested.empty()) return true;
    switch (story_.decided->event.decided().outcome()) {
      case DECISION_OUTCOME_ACCEPTED:
        return effect == story_.suggested;
      case DECISION_OUTCOME_OVERRIDDEN:
      case DECISION_OUTCOME_ABSTAINED:
        return effect != story_.suggested;
      default:
        return true;
    }
  }

  // R0; who accepts what was never shown, or signs it in a batch, refers to the suggestion.
  bool Independent() const {
    if (story_.decisive == nullptr || Broken(Mutation::kR0IndependentIsJudged)) return false;
    if (story_.Outcome() == DECISION_OUTCOME_INDEPENDENT) return story_.WasShown() != true;
    const bool refers = story_.IsBatch() || story_.Outcome() == DECISION_OUTCOME_ACCEPTED ||
                        story_.Outcome() == DECISION_OUTCOME_MODIFIED;
    return story_.WasShown() == false && !refers;
  }

  // R2.
  bool LacksAuthority() const {
    if (story_.decisive == nullptr || Broken(Mutation::kR2EveryRoleMayDecide)) return false;
    const std::string& role = story_.decisive->event.actor().role();
    const auto& roles = rule_.roles_without_authority();
    return !role.empty() && std::find(roles.begin(), roles.end(), role) != roles.end();
  }

  // R3 to R8.
  void JudgeExamination() {
    const SlowExamination e = ExamineSlowly(story_);
    found_.minimum_ms = e.minimum_ms;
    const Known by_suggestion = All(e.opened, All(e.evidence, e.in_time));
    const Known otherwise = Any(e.own_judgement, e.substantial_edit);
    const Known examined = Any(by_suggestion, otherwise);
    if (BatchWithoutEvidence(e)) {
      Because(REASON_BATCH_WITHOUT_EVIDENCE);
      return Conclude(DEGREE_TOKEN);
    }
    if (examined == true) return ConcludeExamined(e, by_suggestion);
    // R7: nothing but more time would have been needed.
    const bool only_too_fast =
        e.in_time == false && e.opened != false && e.evidence != false && otherwise == false;
    const bool opened_all = e.opened == true && e.evidence == true && e.something_opened;
    if (only_too_fast && opened_all && !story_.OneClick() && !Broken(Mutation::kR7TooFastIsToken)) {
      Because(REASON_TOO_FAST_BUT_OPENED);
      return Conclude(DEGREE_UNDETERMINED);
    }
    const bool unknown = !examined.has_value() || (only_too_fast && !e.opened.has_value());
    if (!unknown || Broken(Mutation::kR6UnknownIsToken)) return ConcludeToken(e);
    if (e.grade_too_low) Because(REASON_GRADE_TOO_LOW);
    if (e.span_missing) Because(REASON_SPAN_MISSING);
    if (e.clock_inconsistent) Because(REASON_CLOCK_INCONSISTENT);
    Conclude(DEGREE_UNDETERMINED);
  }

  // R8: unknown, and so not this rule, where no source could have shown evidence.
  bool BatchWithoutEvidence(const SlowExamination& e) const {
    if (!story_.IsBatch() || e.something_opened || Broken(Mutation::kR8BatchNeedsNoEvidence)) {
      return false;
    }
    const bool denied = e.own_judgement == false && e.substantial_edit == false;
    const bool gap =
        story_.HasGap(PAYLOAD_KIND_OPENED) || story_.HasGap(PAYLOAD_KIND_EVIDENCE_OPENED);
    const bool tells =
        story_.Declares(PAYLOAD_KIND_OPENED) || story_.Declares(PAYLOAD_KIND_EVIDENCE_OPENED);
    return denied && !e.clock_inconsistent && !gap && tells;
  }

  // R5.
  void ConcludeExamined(const SlowExamination& e, Known by_suggestion) {
    if (by_suggestion == true) {
      Because(REASON_EXAMINED_SUGGESTION);
      if (rule_.unaided_permille() > 0 && !story_.decision.unaided_median_ms.has_value()) {
        Because(REASON_BASELINE_ABSENT);
      }
    }
    if (e.own_judgement == true) Because(REASON_OWN_JUDGEMENT_FIRST);
    if (e.substantial_edit == true) Because(REASON_SUBSTANTIAL_EDIT);
    if (story_.PreselectedUntouched()) Because(REASON_PRESELECTED_UNTOUCHED);
    if (!Changed()) return Conclude(DEGREE_CONCRETE);
    Because(REASON_CHANGED_OUTCOME);
    Conclude(DEGREE_SIGNIFICANT);
  }

  bool Changed() {
    const bool known = !story_.chosen.empty() && !story_.suggested.empty();
    const bool differs = known && story_.chosen != story_.suggested;
    const bool same = known && !differs;
    switch (story_.Outcome()) {
      case DECISION_OUTCOME_ACCEPTED:
        if (differs) Because(REASON_OUTCOME_CONTRADICTED);
        return false;
      case DECISION_OUTCOME_OVERRIDDEN:
        if (same) Because(REASON_OUTCOME_CONTRADICTED);
        return !same && !Broken(Mutation::kR5OverrideIsConcrete);
      case DECISION_OUTCOME_INDEPENDENT:
        return differs;
      default:
        return true;
    }
  }

  void ConcludeToken(const SlowExamination& e) {
    if (e.opened == false) Because(REASON_NEVER_OPENED);
    if (e.kind_missing) Because(REASON_REQUIRED_EVIDENCE_MISSING);
    if (e.independent_missing) Because(REASON_NO_INDEPENDENT_EVIDENCE);
    if (e.in_time == false) Because(REASON_TOO_FAST);
    if (story_.PreselectedUntouched()) Because(REASON_PRESELECTED_UNTOUCHED);
    if (story_.OneClick()) Because(REASON_ONE_CLICK);
    if (story_.Outcome() == DECISION_OUTCOME_OVERRIDDEN ||
        story_.Outcome() == DECISION_OUTCOME_ABSTAINED) {
      Because(REASON_REFLEX_OVERRIDE);
    }
    Conclude(DEGREE_TOKEN);
  }

  // Section 3.
  void GiveTrials() {
    const bool happened = story_.decisive != nullptr || story_.first_effect != nullptr;
    const bool independent = found_.reasons.contains(REASON_INDEPENDENT);
    found_.exposed = !independent && (happened || story_.WasShown() == true);
    if (!happened) return;
    const auto trial = [](bool success) {
      return success ? SlowTrial::kSuccess : SlowTrial::kFailure;
    };
    const bool nobody =
        found_.degree == DEGREE_AUTOMATED || found_.reasons.contains(REASON_BATCH_WITHOUT_EVIDENCE);
    found_.positive_act = automated_.has_value() ? trial(!nobody) : SlowTrial::kUnknown;
    if (story_.decisive == nullptr || independent) return;
    const bool undetermined = found_.degree == DEGREE_UNDETERMINED;
    found_.coverage = trial(!undetermined);
    if (found_.degree == DEGREE_AUTOMATED) return;
    found_.concrete_examination =
        undetermined ? SlowTrial::kUnknown : trial(found_.degree != DEGREE_TOKEN);
  }

  const SlowStory& story_;
  const vigie::config::v1::Examination& rule_;
  Known automated_ = false;
  SlowFinding found_;
};

}  // namespace

SlowFinding JudgeSlowly(const SlowCase& decision, const vigie::config::v1::Policy& policy,
                        Mutation mutation) {
  return Judge(SlowStory(decision, policy, mutation)).Run();
}

}  // namespace vigie::simulation
