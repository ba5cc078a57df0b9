// SPDX-License-Identifier: Apache-2.0
#include "fault/numbered_event.h"

#include "absl/strings/str_cat.h"

namespace vigie::testing {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

constexpr uint64_t kUnits = 20;
constexpr uint64_t kSystems = 4;
constexpr uint64_t kActors = 200;
constexpr uint64_t kWrongOneIn = 10;

// splitmix64: the same on every machine and in every run.
uint64_t Scatter(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

void SetPayload(int64_t part, bool right, Event* event) {
  const int64_t begin_ms = event->occurred_at_ms();
  const auto occurs = [event, begin_ms](int64_t after_ms) {
    event->set_occurred_at_ms(begin_ms + after_ms);
  };
  switch (part) {
    case 0:
      event->mutable_issued()->add_suggestions()->set_code("yes");
      return;
    case 1:
      occurs(100);
      event->mutable_shown();
      return;
    case 2:
      occurs(500);
      event->mutable_opened();
      return;
    case 3:
      occurs(9'000);
      event->mutable_active_segment()->set_start_ms(begin_ms + 500);
      event->mutable_active_segment()->set_length_ms(8'000);
      return;
    case 4:
      occurs(9'500);
      event->mutable_decided()->set_outcome(right ? DECISION_OUTCOME_ACCEPTED
                                                  : DECISION_OUTCOME_OVERRIDDEN);
      event->mutable_decided()->add_final_codes()->set_code(right ? "yes" : "no");
      return;
    default:
      occurs(9'500);
      event->mutable_applied()->add_codes()->set_code(right ? "yes" : "no");
      event->mutable_applied()->set_applied_by(EFFECT_CAUSE_PERSON);
  }
}

}  // namespace

Event NumberedEvent(const std::string& source_id, int64_t sequence, int64_t start_ms) {
  const int64_t decision = (sequence - 1) / kNumberedDecisionEvents;
  const uint64_t chance = Scatter(static_cast<uint64_t>(decision));
  Event event;
  event.set_event_id(absl::StrCat(source_id, ".", sequence));
  event.set_organisation_id("fault-hospital");
  event.set_decision_id(absl::StrCat(source_id, "-", decision));
  event.set_system_id(absl::StrCat("system-", chance % kSystems));
  event.set_unit_id(absl::StrCat("unit-", (chance >> 8) % kUnits));
  event.set_decision_kind("triage");
  event.mutable_actor()->set_id(absl::StrCat("clinician-", (chance >> 16) % kActors));
  event.mutable_actor()->set_role("physician");
  event.set_occurred_at_ms(NumberedBeginMs(sequence, start_ms));
  SetPayload((sequence - 1) % kNumberedDecisionEvents, (chance >> 32) % kWrongOneIn != 0, &event);
  return event;
}

int64_t NumberedBeginMs(int64_t sequence, int64_t start_ms) {
  return start_ms + (sequence - 1) / kNumberedDecisionEvents * kNumberedDecisionMs;
}

}  // namespace vigie::testing
