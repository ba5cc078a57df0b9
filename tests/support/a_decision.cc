// SPDX-License-Identifier: Apache-2.0
#include "support/a_decision.h"

#include <algorithm>

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

constexpr int64_t kStartMs = 1'772'000'000'000;

}  // namespace

ADecision::ADecision() {
  for (int kind = PAYLOAD_KIND_ISSUED; kind <= PAYLOAD_KIND_UNAIDED_DECISION; ++kind) {
    declared_.Add(static_cast<Payload>(kind));
  }
}

Fact& ADecision::Add(Payload payload, Milliseconds at) {
  Fact fact;
  fact.payload = payload;
  fact.occurred_at_ms = kStartMs + at.count();
  fact.position = static_cast<int64_t>(facts_.size()) + 1;
  fact.event_hash = static_cast<uint64_t>(fact.position);
  facts_.push_back(fact);
  return facts_.back();
}

ADecision& ADecision::IssuedAt(Milliseconds at, const std::string& code, int64_t items) {
  Fact& fact = Add(PAYLOAD_KIND_ISSUED, at);
  fact.codes = code;
  fact.amount = items;
  return *this;
}

ADecision& ADecision::SuppressedAt(Milliseconds at) {
  Add(PAYLOAD_KIND_SUPPRESSED_BEFORE_DISPLAY, at);
  return *this;
}

ADecision& ADecision::ShownAt(Milliseconds at) {
  Add(PAYLOAD_KIND_SHOWN, at);
  return *this;
}

ADecision& ADecision::OpenedAt(Milliseconds at) {
  Add(PAYLOAD_KIND_OPENED, at);
  return *this;
}

ADecision& ADecision::ActiveFrom(Milliseconds start, Milliseconds length) {
  Fact& fact = Add(PAYLOAD_KIND_ACTIVE_SEGMENT, start + length);
  fact.start_ms = kStartMs + start.count();
  fact.amount = length.count();
  return *this;
}

ADecision& ADecision::EvidenceAt(Milliseconds at, EvidenceKind kind, EvidenceOrigin origin) {
  Fact& fact = Add(PAYLOAD_KIND_EVIDENCE_OPENED, at);
  fact.kind = kind;
  fact.origin = origin;
  return *this;
}

ADecision& ADecision::JudgedFirstAt(Milliseconds at, const std::string& code,
                                    Milliseconds elapsed) {
  Fact& fact = Add(PAYLOAD_KIND_INITIAL_JUDGEMENT, at);
  fact.kind = JUDGEMENT_TIMING_BEFORE_DISPLAY;
  fact.codes = code;
  fact.amount = elapsed.count();
  return *this;
}

ADecision& ADecision::EditedAt(Milliseconds at, int32_t permille) {
  Fact& fact = Add(PAYLOAD_KIND_EDITED, at);
  fact.kind = EDIT_MANNER_SUBSTITUTING;
  fact.amount = permille;
  return *this;
}

ADecision& ADecision::DecidedAt(Milliseconds at, DecisionOutcome outcome, const std::string& code) {
  Fact& fact = Add(PAYLOAD_KIND_DECIDED, at);
  fact.kind = outcome;
  fact.codes = code;
  return *this;
}

ADecision& ADecision::AcceptedAt(Milliseconds at) {
  return DecidedAt(at, DECISION_OUTCOME_ACCEPTED, "A");
}

ADecision& ADecision::OverriddenAt(Milliseconds at, const std::string& code) {
  return DecidedAt(at, DECISION_OUTCOME_OVERRIDDEN, code);
}

ADecision& ADecision::AppliedAt(Milliseconds at, EffectCause cause, const std::string& code) {
  Fact& fact = Add(PAYLOAD_KIND_APPLIED, at);
  fact.kind = cause;
  fact.codes = code;
  return *this;
}

ADecision& ADecision::GapOf(Payload missing) {
  Add(PAYLOAD_KIND_TELEMETRY_GAP, Milliseconds(0)).kind = missing;
  return *this;
}

ADecision& ADecision::From(SourceIndex source) {
  facts_.back().source = source;
  return *this;
}

ADecision& ADecision::ByOneClick() {
  facts_.back().one_click = true;
  return *this;
}

ADecision& ADecision::Preselected() {
  facts_.back().preselected = true;
  return *this;
}

ADecision& ADecision::InBatch(const std::string& batch, int64_t items) {
  facts_.back().group = batch;
  facts_.back().amount = items;
  return *this;
}

ADecision& ADecision::InUnit(NameIndex unit) {
  facts_.back().unit = unit;
  return *this;
}

ADecision& ADecision::OfVersion(NameIndex version) {
  facts_.back().version = version;
  return *this;
}

ADecision& ADecision::ByRole(NameIndex role) {
  facts_.back().role = role;
  return *this;
}

ADecision& ADecision::ByActor(uint8_t actor) {
  facts_.back().actor.fill(actor);
  return *this;
}

ADecision& ADecision::Voided() {
  const uint64_t hash = facts_.back().event_hash;
  Add(PAYLOAD_KIND_VOIDED, Milliseconds(0)).voided_hash = hash;
  return *this;
}

ADecision& ADecision::NotDeclaring(std::initializer_list<Payload> payloads) {
  PayloadSet left;
  for (int kind = PAYLOAD_KIND_ISSUED; kind <= PAYLOAD_KIND_UNAIDED_DECISION; ++kind) {
    const auto payload = static_cast<Payload>(kind);
    const bool dropped = std::find(payloads.begin(), payloads.end(), payload) != payloads.end();
    if (declared_.Has(payload) && !dropped) left.Add(payload);
  }
  declared_ = left;
  return *this;
}

ADecision& ADecision::WithBatchEvidenceAt(Milliseconds at) {
  Fact fact;
  fact.payload = PAYLOAD_KIND_EVIDENCE_OPENED;
  fact.occurred_at_ms = kStartMs + at.count();
  fact.kind = EVIDENCE_KIND_RECORD;
  fact.origin = EVIDENCE_ORIGIN_INDEPENDENT;
  batch_evidence_.push_back(fact);
  return *this;
}

ADecision& ADecision::Expired() {
  expired_ = true;
  return *this;
}

ADecision& ADecision::WithBaselineMedian(Milliseconds median) {
  median_ms_ = median.count();
  return *this;
}

ADecision& ADecision::WithoutAuthority(NameIndex role) {
  roles_without_authority_.push_back(role);
  return *this;
}

Finding ADecision::Judged(const vigie::config::v1::Policy& policy) const {
  const Rules rules = {.policy = &policy, .roles_without_authority = roles_without_authority_};
  return Judge({.facts = facts_,
                .batch_evidence = batch_evidence_,
                .declared = declared_,
                .expired = expired_,
                .unaided_median_ms = median_ms_},
               rules);
}

}  // namespace vigie::decision
