// SPDX-License-Identifier: Apache-2.0
#include "decision/reasons.h"

namespace vigie::decision {

std::string_view RuleOf(vigie::v1::Reason reason) {
  using namespace vigie::v1;
  switch (reason) {
    case REASON_INDEPENDENT:
      return "R0";
    case REASON_NO_DECISION:
    case REASON_SUPPRESSED_BEFORE_DISPLAY:
      return "L4";
    case REASON_SYSTEM_ACTION:
    case REASON_TIMEOUT_DEFAULT:
    case REASON_BYPASS_WINDOW:
    case REASON_APPLIED_BEFORE_ACT:
    case REASON_EFFECT_NOT_CHOSEN:
      return "R1";
    case REASON_NO_AUTHORITY:
      return "R2";
    case REASON_OWN_JUDGEMENT_FIRST:
    case REASON_EXAMINED_SUGGESTION:
    case REASON_SUBSTANTIAL_EDIT:
      return "R3";
    case REASON_PRESELECTED_UNTOUCHED:
    case REASON_BASELINE_ABSENT:
      return "R4";
    case REASON_CHANGED_OUTCOME:
    case REASON_OUTCOME_CONTRADICTED:
      return "R5";
    case REASON_GRADE_TOO_LOW:
    case REASON_SPAN_MISSING:
    case REASON_CLOCK_INCONSISTENT:
      return "R6";
    case REASON_NEVER_OPENED:
    case REASON_REQUIRED_EVIDENCE_MISSING:
    case REASON_NO_INDEPENDENT_EVIDENCE:
    case REASON_TOO_FAST:
    case REASON_ONE_CLICK:
    case REASON_REFLEX_OVERRIDE:
    case REASON_TOO_FAST_BUT_OPENED:
      return "R7";
    case REASON_BATCH_WITHOUT_EVIDENCE:
      return "R8";
    default:
      return "";
  }
}

}  // namespace vigie::decision
