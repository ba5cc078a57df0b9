// SPDX-License-Identifier: Apache-2.0
// Events as a source would send them, one call each.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "vigie/v1/event.pb.h"

namespace vigie::support {

using vigie::v1::Event;

// 2026-03-02T09:00:00Z, a Monday morning in Paris.
inline constexpr int64_t kMorningMs = 1'772'442'000'000;

// An event of a decision without its payload; `name` and the decision make its event_id.
[[nodiscard]] inline Event AnEvent(const std::string& decision, const std::string& name,
                                   int64_t at_ms) {
  Event event;
  event.set_event_id(absl::StrCat(decision, "/", name));
  event.set_organisation_id("hospital");
  event.set_decision_id(decision);
  event.set_system_id("sepsis");
  event.set_unit_id("icu");
  event.set_occurred_at_ms(at_ms);
  return event;
}

[[nodiscard]] inline Event IssuedAt(const std::string& decision, int64_t at_ms,
                                    const std::string& code = "A") {
  Event event = AnEvent(decision, "issued", at_ms);
  event.mutable_issued()->add_suggestions()->set_code(code);
  return event;
}

[[nodiscard]] inline Event ShownAt(const std::string& decision, int64_t at_ms) {
  Event event = AnEvent(decision, "shown", at_ms);
  event.mutable_shown();
  return event;
}

[[nodiscard]] inline Event OpenedAt(const std::string& decision, int64_t at_ms) {
  Event event = AnEvent(decision, "opened", at_ms);
  event.mutable_opened();
  return event;
}

[[nodiscard]] inline Event DecidedAt(
    const std::string& decision, int64_t at_ms, const std::string& code = "A",
    vigie::v1::DecisionOutcome outcome = vigie::v1::DECISION_OUTCOME_ACCEPTED) {
  Event event = AnEvent(decision, "decided", at_ms);
  event.mutable_decided()->set_outcome(outcome);
  event.mutable_decided()->add_final_codes()->set_code(code);
  event.mutable_actor()->set_id("dr-1");
  return event;
}

[[nodiscard]] inline Event TruthAt(
    const std::string& decision, int64_t at_ms, const std::string& code,
    vigie::v1::TruthOrigin origin = vigie::v1::TRUTH_ORIGIN_ASSERTED_AUDIT) {
  Event event = AnEvent(decision, absl::StrCat("truth-", at_ms, "-", code), at_ms);
  event.mutable_truth_established()->add_codes()->set_code(code);
  event.mutable_truth_established()->set_origin(origin);
  return event;
}

}  // namespace vigie::support
