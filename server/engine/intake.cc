// SPDX-License-Identifier: Apache-2.0
#include "engine/intake.h"

#include <utility>

#include "base/limits.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

using vigie::v1::Event;

// What follows depends on field order only, which serialisation of one build keeps; the messages
// hold no maps.
void Finish(PreparedEvent& prepared) {
  prepared.event.SerializeToString(&prepared.bytes);
  prepared.event_hash = store::StableHash(prepared.event.event_id());
  prepared.content_hash = store::StableHash(prepared.bytes);
}

// Keeps of a refused event what cannot identify a person: a wrong field may hold anything.
void Redact(PreparedEvent& prepared) {
  Event safe;
  safe.set_occurred_at_ms(prepared.event.occurred_at_ms());
  if (IsIdentifier(prepared.event.system_id())) {
    safe.set_system_id(prepared.event.system_id());
  }
  prepared.event = std::move(safe);
  prepared.redacted = true;
}

}  // namespace

PreparedEvent Intake::Prepare(Event event) const {
  PreparedEvent prepared;
  prepared.refusal = validator_->Check(event, clock_->NowMs());
  prepared.sent_at_ms = event.sent_at_ms();
  event.clear_sent_at_ms();
  event.DiscardUnknownFields();
  prepared.event = std::move(event);
  pseudonyms_->Replace(prepared.event);
  // The refusal names the first thing wrong only; what else is in the event may be a name or a
  // number of a patient.
  if (prepared.refusal.has_value() && !validator_->IsSafeToKeep(prepared.event)) Redact(prepared);
  Finish(prepared);
  return prepared;
}

std::vector<PreparedEvent> Intake::PrepareAll(
    google::protobuf::RepeatedPtrField<Event>* events) const {
  std::vector<PreparedEvent> prepared;
  prepared.reserve(static_cast<size_t>(events->size()));
  for (Event& event : *events) prepared.push_back(Prepare(std::move(event)));
  events->Clear();
  return prepared;
}

PreparedEvent Intake::PrepareAgain(Event event) const {
  // The pseudonyms are in place already; the check refuses them on input.
  Event checked = event;
  if (checked.has_actor()) {
    checked.mutable_actor()->clear_pseudonym();
    checked.mutable_actor()->clear_key_epoch();
  }
  if (checked.has_issued()) {
    checked.mutable_issued()->clear_patient_pseudonym();
    checked.mutable_issued()->clear_patient_key_epoch();
  }
  PreparedEvent prepared;
  prepared.refusal = validator_->Check(checked, clock_->NowMs());
  prepared.event = std::move(event);
  prepared.event.set_organisation_id(checked.organisation_id());
  Finish(prepared);
  return prepared;
}

}  // namespace vigie::engine
