// SPDX-License-Identifier: Apache-2.0
#include "simulation/slow_contract.h"

#include <string>

#include "vigie/v1/error.pb.h"

namespace vigie::simulation {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

constexpr int kInvalidArgument = 3;  // Canonical status code.
constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;
constexpr size_t kMaxIdentifier = 64;
constexpr int kMaxCodes = 8;

// Reason of a text that should be an identifier; 0 = it is one.
int FaultOf(const std::string& text, bool required) {
  if (text.empty()) return required ? REFUSAL_REASON_FIELD_MISSING : 0;
  if (text.size() > kMaxIdentifier) return REFUSAL_REASON_FIELD_TOO_LONG;
  const std::string other_than_letters = "0123456789._:/-";
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && other_than_letters.find(c) == std::string::npos) {
      return REFUSAL_REASON_FIELD_MALFORMED;
    }
  }
  return 0;
}

int FaultOf(int value, bool (*is_valid)(int)) {
  if (value == 0) return REFUSAL_REASON_FIELD_MISSING;
  return is_valid(value) ? 0 : REFUSAL_REASON_ENUM_UNKNOWN;
}

int FaultOf(const google::protobuf::RepeatedPtrField<Code>& codes, bool required) {
  if (codes.empty() && required) return REFUSAL_REASON_FIELD_MISSING;
  return codes.size() > kMaxCodes ? REFUSAL_REASON_FIELD_TOO_LONG : 0;
}

int FaultOfPayload(const Event& event) {
  switch (event.payload_case()) {
    case Event::PAYLOAD_NOT_SET:
      return REFUSAL_REASON_FIELD_MISSING;
    case Event::kIssued:
      return FaultOf(event.issued().suggestions(), true);
    case Event::kEvidenceOpened:
      return FaultOf(event.evidence_opened().kind(), EvidenceKind_IsValid);
    case Event::kInitialJudgement:
      return FaultOf(event.initial_judgement().timing(), JudgementTiming_IsValid);
    case Event::kEdited: {
      const int permille = event.edited().changed_permille();
      if (permille < 0 || permille > 1000) return REFUSAL_REASON_OUT_OF_RANGE;
      return FaultOf(event.edited().manner(), EditManner_IsValid);
    }
    case Event::kDecided: {
      if (const int fault = FaultOf(event.decided().outcome(), DecisionOutcome_IsValid)) {
        return fault;
      }
      return FaultOf(event.decided().final_codes(), false);
    }
    case Event::kApplied:
      return FaultOf(event.applied().applied_by(), EffectCause_IsValid);
    case Event::kTruthEstablished:
      return FaultOf(event.truth_established().codes(), true);
    default:
      return 0;
  }
}

bool IsAboutASystem(const Event& event) {
  return event.has_professional_informed() || event.has_system_stopped() ||
         event.has_system_resumed() || event.has_configuration_changed();
}

int FaultOfEnvelope(const Event& event, int64_t clock_ms) {
  if (const int fault = FaultOf(event.event_id(), true)) return fault;
  if (const int fault = FaultOf(event.organisation_id(), true)) return fault;
  if (const int fault = FaultOf(event.decision_id(), !IsAboutASystem(event))) return fault;
  if (const int fault = FaultOf(event.system_id(), true)) return fault;
  if (const int fault = FaultOf(event.unit_id(), false)) return fault;
  if (event.occurred_at_ms() < 0 || event.occurred_at_ms() > clock_ms + kDayMs) {
    return REFUSAL_REASON_TIME_ABSURD;
  }
  return 0;
}

}  // namespace

std::optional<std::pair<int, int>> RefuseAtTheDoor(const Event& event, int64_t clock_ms) {
  int fault = FaultOfEnvelope(event, clock_ms);
  if (fault == 0) fault = FaultOfPayload(event);
  if (fault == 0) return std::nullopt;
  return std::pair(fault, kInvalidArgument);
}

}  // namespace vigie::simulation
