// SPDX-License-Identifier: Apache-2.0
#include "engine/intake.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

using vigie::v1::Event;

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

// Fields of a newer version in a message or in the lists of messages that it holds.
template <typename Parent, typename... Lists>
bool Unknown(const Parent& parent, const Lists&... lists) {
  [[maybe_unused]] const auto in_list = [](const auto& list) {
    return std::any_of(list.begin(), list.end(), [](const auto& item) { return Unknown(item); });
  };
  return !parent.GetReflection()->GetUnknownFields(parent).empty() || (in_list(lists) || ...);
}

bool PayloadHoldsUnknownFields(const Event& event) {
  switch (event.payload_case()) {
    case Event::kIssued:
      return Unknown(event.issued(), event.issued().suggestions());
    case Event::kSuppressedBeforeDisplay:
      return Unknown(event.suppressed_before_display(),
                     event.suppressed_before_display().reasons());
    case Event::kShown:
      return Unknown(event.shown());
    case Event::kOpened:
      return Unknown(event.opened());
    case Event::kActiveSegment:
      return Unknown(event.active_segment());
    case Event::kEvidenceOpened:
      return Unknown(event.evidence_opened());
    case Event::kInitialJudgement:
      return Unknown(event.initial_judgement(), event.initial_judgement().codes());
    case Event::kEdited:
      return Unknown(event.edited());
    case Event::kDecided:
      return Unknown(event.decided(), event.decided().final_codes(), event.decided().reasons());
    case Event::kApplied:
      return Unknown(event.applied(), event.applied().codes());
    default:
      return true;  // Rare ones are gone through by DiscardUnknownFields.
  }
}

// At any depth. Looking costs a fraction of discarding, and hardly any event has some.
bool HoldsUnknownFields(const Event& event) {
  return Unknown(event, event.attributes()) || Unknown(event.actor()) ||
         PayloadHoldsUnknownFields(event);
}

}  // namespace

PreparedEvent Intake::PrepareOn(const SharedArena& arena, Event* event, int64_t now_ms) const {
  PreparedEvent prepared;
  prepared.refusal = validator_->Check(*event, now_ms);
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
  const int64_t now_ms = clock_->NowMs();
  for (Event& event : *events) prepared.push_back(PrepareOn(arena, &event, now_ms));
  return prepared;
}

PreparedEvent Intake::Prepare(const Event& event) const {
  const auto arena = std::make_shared<google::protobuf::Arena>();
  return PrepareOn(arena, CopyOnto(arena, event), clock_->NowMs());
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
