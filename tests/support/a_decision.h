// SPDX-License-Identifier: Apache-2.0
// Builds one decision so that a test of the rules reads like its claim.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "decision/degree.h"
#include "decision/fact.h"
#include "vigie/config/v1/policy.pb.h"
#include "vigie/v1/event.pb.h"

namespace vigie::decision {

using Milliseconds = std::chrono::milliseconds;

// Unless told otherwise one source, number 0, sends everything and declares every payload. Times
// count from an arbitrary start. Each verb adds a fact; the modifiers after it change that fact.
class ADecision {
 public:
  ADecision();

  ADecision& IssuedAt(Milliseconds at, const std::string& code = "A", int64_t items = 0);
  ADecision& SuppressedAt(Milliseconds at);
  ADecision& ShownAt(Milliseconds at);
  ADecision& OpenedAt(Milliseconds at);
  ADecision& ActiveFrom(Milliseconds start, Milliseconds length);
  ADecision& EvidenceAt(Milliseconds at,
                        vigie::v1::EvidenceKind kind = vigie::v1::EVIDENCE_KIND_RECORD,
                        vigie::v1::EvidenceOrigin origin = vigie::v1::EVIDENCE_ORIGIN_INDEPENDENT);
  ADecision& JudgedFirstAt(Milliseconds at, const std::string& code = "A",
                           Milliseconds elapsed = Milliseconds(0));
  ADecision& EditedAt(Milliseconds at, int32_t permille);
  ADecision& DecidedAt(Milliseconds at, vigie::v1::DecisionOutcome outcome,
                       const std::string& code = "");
  ADecision& AcceptedAt(Milliseconds at);
  ADecision& OverriddenAt(Milliseconds at, const std::string& code = "B");
  ADecision& AppliedAt(Milliseconds at, vigie::v1::EffectCause cause, const std::string& code = "");
  ADecision& GapOf(Payload missing);

  // Modifiers of the fact added last.
  ADecision& From(SourceIndex source);
  ADecision& ByOneClick();
  ADecision& Preselected();
  ADecision& InBatch(const std::string& batch, int64_t items);
  ADecision& InUnit(NameIndex unit);
  ADecision& OfVersion(NameIndex version);
  ADecision& ByRole(NameIndex role);
  ADecision& ByActor(uint8_t actor);
  // Adds a Voided that cancels the fact added last.
  ADecision& Voided();

  // Of the decision as a whole.
  ADecision& NotDeclaring(std::initializer_list<Payload> payloads);
  ADecision& WithBatchEvidenceAt(Milliseconds at);
  ADecision& Expired();
  ADecision& WithBaselineMedian(Milliseconds median);
  ADecision& WithoutAuthority(NameIndex role);

  [[nodiscard]] Finding Judged(const vigie::config::v1::Policy& policy) const;
  [[nodiscard]] const std::vector<Fact>& facts() const { return facts_; }

 private:
  Fact& Add(Payload payload, Milliseconds at);

  std::vector<Fact> facts_;
  std::vector<Fact> batch_evidence_;
  PayloadSet declared_;
  bool expired_ = false;
  std::optional<int64_t> median_ms_;
  std::vector<NameIndex> roles_without_authority_;
};

}  // namespace vigie::decision
