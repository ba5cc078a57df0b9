// SPDX-License-Identifier: Apache-2.0
#include "decision/degree.h"

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

const char* Advice(Reason reason) {
  switch (reason) {
    case REASON_SYSTEM_ACTION:
    case REASON_TIMEOUT_DEFAULT:
    case REASON_BYPASS_WINDOW:
      return "a person's final act (Decided or Edited) before the effect";
    case REASON_APPLIED_BEFORE_ACT:
      return "the effect (Applied) after the person's act, not before it";
    case REASON_EFFECT_NOT_CHOSEN:
      return "an effect (Applied.codes) equal to what the last final Decided chose";
    case REASON_NO_AUTHORITY:
      return "an actor whose role may change the outcome";
    case REASON_GRADE_TOO_LOW:
      return "a source that declares and sends Opened, and what else the policy requires";
    case REASON_SPAN_MISSING:
      return "the span or record that a TelemetryGap or an impossible length left out";
    case REASON_CLOCK_INCONSISTENT:
      return "events from one source, or sources whose clocks differ less than their order needs";
    case REASON_NEVER_OPENED:
      return "Opened before the effect";
    case REASON_REQUIRED_EVIDENCE_MISSING:
      return "EvidenceOpened of each kind the policy requires, before the effect";
    case REASON_NO_INDEPENDENT_EVIDENCE:
      return "EvidenceOpened of independent origin, before the effect";
    case REASON_TOO_FAST:
    case REASON_TOO_FAST_BUT_OPENED:
      return "active time at or over the minimum of the policy";
    case REASON_BATCH_WITHOUT_EVIDENCE:
      return "Opened or EvidenceOpened of the item, or EvidenceOpened with its batch_id";
    case REASON_NO_DECISION:
      return "an act (Decided) or an effect (Applied)";
    case REASON_SUPPRESSED_BEFORE_DISPLAY:
      return "the suggestion being shown";
    default:
      return nullptr;
  }
}

}  // namespace

std::vector<std::string> MissingForNext(const Finding& finding) {
  std::vector<std::string> missing;
  for (const Reason reason : finding.reasons) {
    const char* advice = Advice(reason);
    if (advice != nullptr) missing.emplace_back(advice);
  }
  if (finding.degree == DEGREE_CONCRETE) {
    missing.emplace_back("an outcome changed by the person, where the case calls for it");
  }
  return missing;
}

}  // namespace vigie::decision
