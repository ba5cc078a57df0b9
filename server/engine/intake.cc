// SPDX-License-Identifier: Apache-2.0
#include "engine/intake.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/limits.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

using vigie::v1::Event;

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

// What follows depends on field order only, which serialisation of one build keeps; the messages
// hold no maps.
PreparedEvent Finish(const SharedArena& arena, const Event* event, PreparedEvent prepared) {
  const size_t size = event->ByteSizeLong();
  auto* bytes = google::protobuf::Arena::CreateArray<uint8_t>(arena.get(), size);
  event->SerializeWithCachedSizesToArray(bytes);
  prepared.event = std::shared_ptr<const Event>(arena, event);
  prepared.bytes = std::string_view(reinterpret_cast<const char*>(bytes), size);
  prepared.event_hash = store::StableHash(event->event_id());
  prepared.content_hash = store::StableHash(prepared.bytes);
  return prepared;
}

Event* CopyOnto(const SharedArena& arena, const Event& event) {
  auto* copy = google::protobuf::Arena::CreateMessage<Event>(arena.get());
  *copy = event;
  return copy;
}

// Keeps of a refused event what cannot identify a person: a wrong field may hold anything.
const Event* Redacted(const SharedArena& arena, const Event& event) {
  auto* safe = google::protobuf::Arena::CreateMessage<Event>(arena.get());
  safe->set_occurred_at_ms(event.occurred_at_ms());
  if (IsIdentifier(event.system_id())) safe->set_system_id(event.system_id());
  return safe;
}

// Where messages can stand in a message of one type: found once, because walking the descriptor of
// an event costs more than looking into the few that it has.
struct MessageFields {
  std::vector<const FieldDescriptor*> singular;
  std::vector<const FieldDescriptor*> repeated;
  std::vector<const OneofDescriptor*> oneofs;
};

MessageFields FindMessageFields(const Descriptor& type) {
  MessageFields found;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const bool message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!message || field->real_containing_oneof() != nullptr) continue;
    (field->is_repeated() ? found.repeated : found.singular).push_back(field);
  }
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) found.oneofs.push_back(type.oneof_decl(i));
  return found;
}

using FieldsByType = absl::flat_hash_map<const Descriptor*, MessageFields>;

void AddType(const Descriptor& type, FieldsByType& types) {
  if (!types.try_emplace(&type, FindMessageFields(type)).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (const Descriptor* below = type.field(i)->message_type()) AddType(*below, types);
  }
}

// Fields of a newer version, at any depth. Looking costs a fraction of discarding, and hardly any
// event has some.
bool HoldsUnknownFields(const Message& message) {
  static const FieldsByType types = [] {
    FieldsByType made;
    AddType(*Event::descriptor(), made);
    return made;
  }();
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  const MessageFields& fields = types.at(message.GetDescriptor());
  const auto in_one = [&](const FieldDescriptor* field) {
    return field != nullptr && reflection.HasField(message, field) &&
           HoldsUnknownFields(reflection.GetMessage(message, field));
  };
  const auto in_some = [&](const FieldDescriptor* field) {
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (HoldsUnknownFields(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
    return false;
  };
  const auto in_oneof = [&](const OneofDescriptor* oneof) {
    return in_one(reflection.GetOneofFieldDescriptor(message, oneof));
  };
  return std::any_of(fields.singular.begin(), fields.singular.end(), in_one) ||
         std::any_of(fields.repeated.begin(), fields.repeated.end(), in_some) ||
         std::any_of(fields.oneofs.begin(), fields.oneofs.end(), in_oneof);
}

}  // namespace

PreparedEvent Intake::PrepareOn(const SharedArena& arena, Event* event) const {
  PreparedEvent prepared;
  prepared.refusal = validator_->Check(*event, clock_->NowMs());
  prepared.sent_at_ms = event->sent_at_ms();
  event->clear_sent_at_ms();
  if (HoldsUnknownFields(*event)) event->DiscardUnknownFields();
  pseudonyms_->Replace(*event);
  // The refusal names the first thing wrong only; what else is in the event may be a name or a
  // number of a patient.
  if (prepared.refusal.has_value() && !validator_->IsSafeToKeep(*event)) {
    prepared.redacted = true;
    return Finish(arena, Redacted(arena, *event), std::move(prepared));
  }
  return Finish(arena, event, std::move(prepared));
}

std::vector<PreparedEvent> Intake::PrepareAll(google::protobuf::RepeatedPtrField<Event>* events,
                                              const SharedArena& arena) const {
  std::vector<PreparedEvent> prepared;
  prepared.reserve(static_cast<size_t>(events->size()));
  for (Event& event : *events) prepared.push_back(PrepareOn(arena, &event));
  return prepared;
}

PreparedEvent Intake::Prepare(const Event& event) const {
  const auto arena = std::make_shared<google::protobuf::Arena>();
  return PrepareOn(arena, CopyOnto(arena, event));
}

PreparedEvent Intake::PrepareAgain(const Event& event) const {
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
  const auto arena = std::make_shared<google::protobuf::Arena>();
  Event* again = CopyOnto(arena, event);
  again->set_organisation_id(checked.organisation_id());
  return Finish(arena, again, std::move(prepared));
}

}  // namespace vigie::engine
