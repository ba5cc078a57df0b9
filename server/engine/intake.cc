// SPDX-License-Identifier: Apache-2.0
#include "engine/intake.h"

#include <utility>

#include "base/limits.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

using vigie::v1::Event;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What follows depends on field order only, which serialisation of one build keeps; the messages
// hold no maps.
void Finish(PreparedEvent& prepared) {
  prepared.event->SerializeToString(&prepared.bytes);
  prepared.event_hash = store::StableHash(prepared.event->event_id());
  prepared.content_hash = store::StableHash(prepared.bytes);
}

// Keeps of a refused event what cannot identify a person: a wrong field may hold anything.
void Redact(PreparedEvent& prepared) {
  const auto safe = std::make_shared<Event>();
  safe->set_occurred_at_ms(prepared.event->occurred_at_ms());
  if (IsIdentifier(prepared.event->system_id())) safe->set_system_id(prepared.event->system_id());
  prepared.event = safe;
  prepared.redacted = true;
}

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// Fields of a newer version, at any depth. Looking costs a fourth of discarding, and hardly any
// event has some.
bool HoldsUnknownFields(const Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  const auto below = [&](const FieldDescriptor& field) {
    if (!field.is_repeated()) {
      return reflection.HasField(message, &field) &&
             HoldsUnknownFields(reflection.GetMessage(message, &field));
    }
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      if (HoldsUnknownFields(reflection.GetRepeatedMessage(message, &field, i))) return true;
    }
    return false;
  };
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool alone = field.real_containing_oneof() == nullptr;
    if (alone && IsMessage(field) && below(field)) return true;
  }
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const FieldDescriptor* field = reflection.GetOneofFieldDescriptor(message, type.oneof_decl(i));
    if (field != nullptr && IsMessage(*field) && below(*field)) return true;
  }
  return false;
}

}  // namespace

PreparedEvent Intake::Prepare(std::shared_ptr<Event> event) const {
  PreparedEvent prepared;
  prepared.refusal = validator_->Check(*event, clock_->NowMs());
  prepared.sent_at_ms = event->sent_at_ms();
  event->clear_sent_at_ms();
  if (HoldsUnknownFields(*event)) event->DiscardUnknownFields();
  pseudonyms_->Replace(*event);
  prepared.event = std::move(event);
  // The refusal names the first thing wrong only; what else is in the event may be a name or a
  // number of a patient.
  if (prepared.refusal.has_value() && !validator_->IsSafeToKeep(*prepared.event)) Redact(prepared);
  Finish(prepared);
  return prepared;
}

std::vector<PreparedEvent> Intake::PrepareAll(google::protobuf::RepeatedPtrField<Event>* events,
                                              const std::shared_ptr<void>& owner) const {
  std::vector<PreparedEvent> prepared;
  prepared.reserve(static_cast<size_t>(events->size()));
  for (Event& event : *events) prepared.push_back(Prepare(std::shared_ptr<Event>(owner, &event)));
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
  event.set_organisation_id(checked.organisation_id());
  prepared.event = std::make_shared<Event>(std::move(event));
  Finish(prepared);
  return prepared;
}

}  // namespace vigie::engine
