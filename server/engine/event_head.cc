// SPDX-License-Identifier: Apache-2.0
#include "engine/event_head.h"

#include <algorithm>
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
            return wire::ReadBytes(in, head.role);
          case wire::BytesTag(Actor::kIdFieldNumber):
            return wire::ReadBytes(in, head.actor_id);
          case wire::BytesTag(Actor::kPseudonymFieldNumber):
            return wire::ReadBytes(in, head.pseudonym);
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
      return wire::ReadBytes(in, head.event_id);
    case wire::BytesTag(Event::kOrganisationIdFieldNumber):
      return wire::ReadBytes(in, head.organisation_id);
    case wire::BytesTag(Event::kDecisionIdFieldNumber):
      return wire::ReadBytes(in, head.decision_id);
    case wire::BytesTag(Event::kSystemIdFieldNumber):
      return wire::ReadBytes(in, head.system_id);
    case wire::BytesTag(Event::kSystemVersionFieldNumber):
      return wire::ReadBytes(in, head.system_version);
    case wire::BytesTag(Event::kUnitIdFieldNumber):
      return wire::ReadBytes(in, head.unit_id);
    case wire::BytesTag(Event::kDecisionKindFieldNumber):
      return wire::ReadBytes(in, head.decision_kind);
    case wire::BytesTag(Event::kActorFieldNumber): {
      std::string_view actor;
      head.has_actor = true;
      return wire::ReadBytes(in, actor) && ReadActor(actor, head);
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
  wire::Input in(reinterpret_cast<const uint8_t*>(rest.data()), static_cast<int>(rest.size()));
  while (const uint32_t tag = in.ReadTag()) {
    std::string_view ignored;
    if (wire::FieldOf(tag) <= Event::kSentAtMsFieldNumber) return false;
    if (wire::IsBytes(tag)) {
      if (!wire::ReadBytes(in, ignored)) return false;
      continue;
    }
    if (!google::protobuf::internal::WireFormatLite::SkipField(&in, tag)) return false;
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
  std::copy(text.begin(), text.end(), out);
  text = std::string_view(reinterpret_cast<const char*>(out), text.size());
  return out + text.size();
}

uint8_t* PutNumber(int field, int64_t number, uint8_t* out) {
  return number == 0 ? out : wire::PutPresentVarintField(field, static_cast<uint64_t>(number), out);
}

}  // namespace

std::optional<EventParts> TakeApart(std::string_view bytes) {
  EventParts parts;
  const size_t end = wire::ReadFields(
      bytes, Event::kSentAtMsFieldNumber, kNoneRepeated,
      [&parts](uint32_t tag, wire::Input& in) { return ReadHeadField(tag, in, parts.head); });
  if (end == std::string_view::npos) return std::nullopt;
  parts.rest = bytes.substr(end);
  if (!IsBeyondHead(parts.rest)) return std::nullopt;
  return parts;
}

std::optional<EventHead> ReadEvent(std::string_view bytes, Event* rest, std::string* normal) {
  auto parts = TakeApart(bytes);
  if (!parts.has_value()) {
    if (!Parse(bytes, *rest)) return std::nullopt;
    rest->DiscardUnknownFields();
    *normal = rest->SerializeAsString();
    parts = TakeApart(*normal);
  }
  if (!parts.has_value() || !Parse(parts->rest, *rest)) return std::nullopt;
  DropUnknownFields(*rest);
  return parts->head;
}

size_t HeadSize(const EventHead& head) {
  size_t size = NumberSize(head.occurred_at_ms) + NumberSize(head.sent_at_ms);
  for (const std::string_view text :
       {head.event_id, head.organisation_id, head.decision_id, head.system_id, head.system_version,
        head.unit_id, head.decision_kind}) {
    size += TextSize(text);
  }
  return head.has_actor ? size + wire::BytesFieldSize(ActorSize(head)) : size;
}

uint8_t* WriteHead(EventHead& head, uint8_t* out) {
  out = PutText(Event::kEventIdFieldNumber, head.event_id, out);
  out = PutText(Event::kOrganisationIdFieldNumber, head.organisation_id, out);
  out = PutText(Event::kDecisionIdFieldNumber, head.decision_id, out);
  out = PutText(Event::kSystemIdFieldNumber, head.system_id, out);
  out = PutText(Event::kSystemVersionFieldNumber, head.system_version, out);
  out = PutText(Event::kUnitIdFieldNumber, head.unit_id, out);
  out = PutText(Event::kDecisionKindFieldNumber, head.decision_kind, out);
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
