// SPDX-License-Identifier: Apache-2.0
#include "simulation/wild_hospital.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "simulation/wild_decision.h"
#include "support/baseline_policy.h"

namespace vigie::simulation {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

constexpr int64_t kSecondMs = 1000;
constexpr int64_t kMinuteMs = 60 * kSecondMs;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;

}  // namespace

WildHospital::WildHospital(Dice dice, int64_t start_ms) : dice_(dice), start_ms_(start_ms) {
  MakeSources();
  const int64_t decisions = dice_.Between(12, 30);
  const int64_t span_ms = dice_.Pick<int64_t>({3 * kHourMs, 2 * kDayMs, 6 * kDayMs});
  for (int i = 0; i < decisions; ++i) {
    SendDecision(absl::StrCat("d-", i), start_ms_ + dice_.Below(span_ms), sources_, dice_,
                 sendings_);
  }
  MakeSystemEvents();
  std::stable_sort(sendings_.begin(), sendings_.end(),
                   [](const Sending& a, const Sending& b) { return a.send_at_ms < b.send_at_ms; });
}

PayloadKind WildHospital::AnyPayload(Dice& dice) {
  return static_cast<PayloadKind>(dice.Between(PAYLOAD_KIND_ISSUED, PAYLOAD_KIND_VOIDED));
}

void WildHospital::MakeSources() {
  const int64_t count = dice_.Between(1, 4);
  for (int64_t i = 0; i < count; ++i) {
    WildSource source;
    source.declaration.set_source_id(absl::StrCat("source-", i));
    source.declares = dice_.Percent(85);
    const bool whole = dice_.Percent(60);
    for (int kind = PAYLOAD_KIND_ISSUED; kind <= PAYLOAD_KIND_UNAIDED_DECISION; ++kind) {
      const bool act = kind == PAYLOAD_KIND_DECIDED || kind == PAYLOAD_KIND_APPLIED;
      if (whole || act || dice_.Percent(60)) {
        source.declaration.add_payloads(static_cast<PayloadKind>(kind));
      }
    }
    source.declaration.set_environment(dice_.Percent(12) ? ENVIRONMENT_TEST
                                                         : ENVIRONMENT_PRODUCTION);
    if (dice_.Percent(50)) {
      source.clock_offset_ms = dice_.Between(-20 * kSecondMs, 20 * kSecondMs);
    }
    sources_.push_back(std::move(source));
  }
}

void WildHospital::MakeSystemEvents() {
  for (int64_t i = dice_.Below(4); i > 0; --i) {
    Event event;
    event.set_event_id(absl::StrCat("system-", i));
    event.set_organisation_id("north");
    event.set_system_id("sepsis");
    event.set_occurred_at_ms(start_ms_ + dice_.Below(kDayMs));
    switch (dice_.Below(3)) {
      case 0:
        event.mutable_system_stopped();
        break;
      case 1:
        event.mutable_system_resumed();
        break;
      default:
        event.mutable_configuration_changed()->set_change(CONFIGURATION_CHANGE_SCREEN);
        break;
    }
    const auto source = static_cast<size_t>(dice_.Below(static_cast<int64_t>(sources_.size())));
    sendings_.push_back(
        {.source = source, .send_at_ms = event.occurred_at_ms(), .event = std::move(event)});
  }
}

vigie::config::v1::Policy WildHospital::MakePolicy() {
  static const vigie::config::v1::Policy baseline = support::BaselinePolicy();
  vigie::config::v1::Policy policy = baseline;
  policy.set_id("wild");
  policy.set_version(absl::StrCat(++policies_));
  auto& closing = *policy.mutable_closing();
  closing.set_settle_delay_ms(
      dice_.Pick<int64_t>({0, 30 * kSecondMs, 2 * kMinuteMs, 10 * kMinuteMs}));
  closing.set_expiry_ms(dice_.Pick<int64_t>({10 * kMinuteMs, kHourMs, 6 * kHourMs, 3 * kDayMs}));
  closing.set_pending_ttl_ms(dice_.Pick<int64_t>({kHourMs, 12 * kHourMs, 5 * kDayMs}));
  closing.set_clock_tolerance_ms(dice_.Pick<int64_t>({0, 5 * kSecondMs, kMinuteMs}));
  closing.set_period_grace_ms(dice_.Pick<int64_t>({0, 6 * kHourMs, 2 * kDayMs, 7 * kDayMs}));
  auto& rule = *policy.mutable_examination();
  rule.set_idle_cap_ms(dice_.Pick<int64_t>({30 * kSecondMs, 2 * kMinuteMs}));
  rule.set_elapsed_counts_as_active(dice_.Percent(20));
  rule.set_shown_counts_as_opened(dice_.Percent(15));
  rule.set_accept_own_judgement_first(dice_.Percent(80));
  rule.set_substantial_edit_permille(dice_.Pick({100, 200, 500}));
  if (dice_.Percent(40)) {
    rule.set_floor_ms(dice_.Pick<int64_t>({5 * kSecondMs, 30 * kSecondMs, kMinuteMs}));
  }
  if (dice_.Percent(30)) {
    rule.set_per_item_ms(dice_.Pick<int64_t>({3 * kSecondMs, 15 * kSecondMs}));
  }
  rule.set_unaided_permille(dice_.Pick({0, 250, 500}));
  rule.set_one_click_permille(dice_.Pick({500, 900}));
  for (const char* kind : {"RECORD", "IMAGE"}) {
    if (dice_.Percent(20)) rule.add_required_evidence(kind);
  }
  rule.set_independent_evidence_required(dice_.Percent(20));
  if (dice_.Percent(60)) rule.add_roles_without_authority("secretary");
  if (dice_.Percent(70)) {
    for (const std::string& id : calibrations_) rule.add_calibrations(id);
  }
  policy.mutable_truth()->set_accept_asserted_audit(dice_.Percent(85));
  policy.mutable_evidence()->set_change_alarm_bound(20);
  return policy;
}

vigie::store::v1::Calibration WildHospital::MakeCalibration() {
  calibrations_.push_back(absl::StrCat("calibration-", calibrations_.size() + 1));
  vigie::store::v1::Calibration calibration;
  calibration.set_organisation_id(dice_.Pick({"north", "south"}));
  auto& baseline = *calibration.mutable_baseline();
  baseline.set_calibration_id(calibrations_.back());
  baseline.set_decision_kind(dice_.Pick({"triage", "reading"}));
  baseline.set_decision_count(30);
  baseline.set_median_ms(dice_.Between(10 * kSecondMs, 3 * kMinuteMs));
  return calibration;
}

}  // namespace vigie::simulation
