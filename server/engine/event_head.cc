// SPDX-License-Identifier: Apache-2.0
#include "engine/event_head.h"

#include <algorithm>
#include <array>
#include <climits>

#include "store/wire.h"
#include "store/wire_reading.h"

namespace vigie::engine {
namespace {

namespace wire = store::wire;
using vigie::v1::Actor;
using vigie::v1::Event;

constexpr int kNoneRepeated = 0;

bool ReadActor(std::string_view bytes, EventHead& head) {
  int64_t epoch = 0;
  const size_t end =
      wire::ReadFields(bytes, INT_MAX, kNoneRepeated, [&](uint32_t tag, wire::Input& in) {
        switch (tag) {
          case wire::BytesTag(Actor::kRoleFieldNumber):
            return in.ReadBytes(head.role);
          case wire::BytesTag(Actor::kIdFieldNumber):
            return in.ReadBytes(head.actor_id);
          case wire::BytesTag(Actor::kPseudonymFieldNumber):
            return in.ReadBytes(head.pseudonym);
          case wire::VarintTag(Actor::kKeyEpochFieldNumber):
            return wire::ReadVarint(in, epoch);
          default:
            return false;
        }
      });
  head.key_epoch = static_cast<int32_t>(epoch);
  return end == bytes.size();
}

bool ReadHeadField(uint32_t tag, wire::Input& in, EventHead& head) {
  switch (tag) {
    case wire::BytesTag(Event::kEventIdFieldNumber):
      return in.ReadBytes(head.event_id);
    case wire::BytesTag(Event::kOrganisationIdFieldNumber):
      return in.ReadBytes(head.organisation_id);
    case wire::BytesTag(Event::kDecisionIdFieldNumber):
      return in.ReadBytes(head.decision_id);
    case wire::BytesTag(Event::kSystemIdFieldNumber):
      return in.ReadBytes(head.system_id);
    case wire::BytesTag(Event::kSystemVersionFieldNumber):
      return in.ReadBytes(head.system_version);
    case wire::BytesTag(Event::kUnitIdFieldNumber):
      return in.ReadBytes(head.unit_id);
    case wire::BytesTag(Event::kDecisionKindFieldNumber):
      return in.ReadBytes(head.decision_kind);
    case wire::BytesTag(Event::kActorFieldNumber): {
      std::string_view actor;
      head.has_actor = true;
      return in.ReadBytes(actor) && ReadActor(actor, head);
    }
    case wire::VarintTag(Event::kOccurredAtMsFieldNumber):
      return wire::ReadVarint(in, head.occurred_at_ms);
    case wire::VarintTag(Event::kSentAtMsFieldNumber):
      return wire::ReadVarint(in, head.sent_at_ms);
    default:
      return false;
  }
}

// Fields of a newer version in a message or in the lists of messages that it holds.
template <typename Parent, typename... Lists>
bool Unknown(const Parent& parent, const Lists&... lists) {
  // To ask the message for it each time costs more than to look.
  static const google::protobuf::Reflection* const reflection = parent.GetReflection();
  [[maybe_unused]] const auto in_list = [](const auto& list) {
    return std::any_of(list.begin(), list.end(), [](const auto& item) { return Unknown(item); });
  };
  return !reflection->GetUnknownFields(parent).empty() || (in_list(lists) || ...);
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
void DropUnknownFields(Event& rest) {
  if (Unknown(rest, rest.attributes()) || PayloadHoldsUnknownFields(rest)) {
    rest.DiscardUnknownFields();
  }
}

bool Parse(std::string_view bytes, Event& event) {
  return event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Whether no field of the head comes after the first of the others.
bool IsBeyondHead(std::string_view rest) {
  wire::Input in(rest);
  while (!in.at_end()) {
    const uint32_t tag = in.ReadTag();
    if (wire::FieldOf(tag) <= Event::kSentAtMsFieldNumber || !wire::SkipField(in, tag))
      return false;
  }
  return true;
}

size_t TextSize(std::string_view text) {
  return text.empty() ? 0 : wire::BytesFieldSize(text.size());
}

size_t NumberSize(int64_t number) {
  return number == 0 ? 0 : wire::PresentVarintFieldSize(static_cast<uint64_t>(number));
}

size_t ActorSize(const EventHead& head) {
  return TextSize(head.role) + TextSize(head.actor_id) + TextSize(head.pseudonym) +
         NumberSize(head.key_epoch);
}

uint8_t* PutText(int field, std::string_view& text, uint8_t* out) {
  if (text.empty()) return out;
  out = wire::PutLength(field, text.size(), out);
  const auto* const written = reinterpret_cast<const char*>(out);
  out = wire::PutBytes(text, out);
  text = std::string_view(written, text.size());
  return out;
}

uint8_t* PutNumber(int field, int64_t number, uint8_t* out) {
  return number == 0 ? out : wire::PutPresentVarintField(field, static_cast<uint64_t>(number), out);
}

std::array<std::string_view*, Event::kDecisionKindFieldNumber> TextsOf(EventHead& head) {
  return {&head.event_id,       &head.organisation_id, &head.decision_id,  &head.system_id,
          &head.system_version, &head.unit_id,         &head.decision_kind};
}

size_t TextsSize(const EventHead& head) {
  size_t size = 0;
  for (const std::string_view text :
       {head.event_id, head.organisation_id, head.decision_id, head.system_id, head.system_version,
        head.unit_id, head.decision_kind}) {
    size += TextSize(text);
  }
  return size;
}

// Fields 1 to 7.
uint8_t* WriteTexts(EventHead& head, uint8_t* out) {
  if (head.texts.empty()) {
    int field = 0;
    for (std::string_view* text : TextsOf(head)) out = PutText(++field, *text, out);
    return out;
  }
  const auto* const written = reinterpret_cast<const char*>(out);
  for (std::string_view* text : TextsOf(head)) {
    if (text->empty()) continue;
    *text = std::string_view(written + (text->data() - head.texts.data()), text->size());
  }
  out = wire::PutBytes(head.texts, out);
  head.texts = std::string_view(written, head.texts.size());
  return out;
}

}  // namespace

std::optional<std::string_view> TakeApart(std::string_view bytes, EventHead* head) {
  const size_t end = wire::ReadFields(bytes, Event::kSentAtMsFieldNumber, kNoneRepeated,
                                      [&](uint32_t tag, wire::Input& in) {
                                        if (!ReadHeadField(tag, in, *head)) return false;
                                        if (wire::FieldOf(tag) <= Event::kDecisionKindFieldNumber) {
                                          head->texts = bytes.substr(0, in.position());
                                        }
                                        return true;
                                      });
  if (end == std::string_view::npos || !IsBeyondHead(bytes.substr(end))) return std::nullopt;
  // In order and once, they can only be longer than they would be written: by empty fields, or by
  // tags and lengths of more bytes than they need.
  if (head->texts.size() != TextsSize(*head)) head->texts = {};
  return bytes.substr(end);
}

bool ReadEvent(std::string_view bytes, EventHead* head, Event* rest, std::string* normal) {
  auto rest_bytes = TakeApart(bytes, head);
  if (!rest_bytes.has_value()) {
    if (!Parse(bytes, *rest)) return false;
    rest->DiscardUnknownFields();
    *normal = rest->SerializeAsString();
    *head = {};
    rest_bytes = TakeApart(*normal, head);
  }
  if (!rest_bytes.has_value() || !Parse(*rest_bytes, *rest)) return false;
  DropUnknownFields(*rest);
  return true;
}

void DefaultOrganisation(std::string_view organisation, EventHead& head) {
  if (!head.organisation_id.empty()) return;
  head.organisation_id = organisation;
  head.texts = {};
}

size_t HeadSize(const EventHead& head) {
  const size_t texts_size = head.texts.empty() ? TextsSize(head) : head.texts.size();
  const size_t size = texts_size + NumberSize(head.occurred_at_ms) + NumberSize(head.sent_at_ms);
  return head.has_actor ? size + wire::BytesFieldSize(ActorSize(head)) : size;
}

uint8_t* WriteHead(EventHead& head, uint8_t* out) {
  out = WriteTexts(head, out);
  if (head.has_actor) {
    out = wire::PutLength(Event::kActorFieldNumber, ActorSize(head), out);
    out = PutText(Actor::kRoleFieldNumber, head.role, out);
    out = PutText(Actor::kIdFieldNumber, head.actor_id, out);
    out = PutText(Actor::kPseudonymFieldNumber, head.pseudonym, out);
    out = PutNumber(Actor::kKeyEpochFieldNumber, head.key_epoch, out);
  }
  out = PutNumber(Event::kOccurredAtMsFieldNumber, head.occurred_at_ms, out);
  return PutNumber(Event::kSentAtMsFieldNumber, head.sent_at_ms, out);
}

}  // namespace vigie::engine
