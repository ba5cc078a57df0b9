// SPDX-License-Identifier: Apache-2.0
#include "engine/event_facts.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/cat.h"
#include "decision/codes.h"
#include "engine/validate.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

using decision::CanonicalCodes;
using decision::Fact;
using vigie::v1::Event;

constexpr std::string_view kConfigurationPrefix = "CONFIGURATION_CHANGE_";

// HL7 CDS Hooks, override reason `limited-time`.
bool SaysLimitedTime(const vigie::v1::Decided& decided) {
  return std::any_of(decided.reasons().begin(), decided.reasons().end(),
                     [](const vigie::v1::Code& reason) { return reason.code() == "limited-time"; });
}

void ReadPayload(const Event& event, Fact& fact) {
  switch (event.payload_case()) {
    case Event::kIssued:
      fact.codes = CanonicalCodes(event.issued().suggestions());
      fact.amount = event.issued().content_item_count();
      return;
    case Event::kShown:
      fact.preselected = event.shown().preselected();
      return;
    case Event::kActiveSegment:
      fact.start_ms = event.active_segment().start_ms();
      fact.amount = event.active_segment().length_ms();
      return;
    case Event::kEvidenceOpened:
      fact.kind = event.evidence_opened().kind();
      fact.origin = event.evidence_opened().origin();
      fact.amount = event.evidence_opened().length_ms();
      fact.group = event.evidence_opened().batch_id();
      return;
    case Event::kInitialJudgement:
      fact.kind = event.initial_judgement().timing();
      fact.codes = CanonicalCodes(event.initial_judgement().codes());
      fact.amount = event.initial_judgement().elapsed_ms();
      return;
    case Event::kEdited:
      fact.kind = event.edited().manner();
      fact.amount = event.edited().changed_permille();
      return;
    case Event::kDecided:
      fact.kind = event.decided().outcome();
      fact.codes = CanonicalCodes(event.decided().final_codes());
      fact.one_click = event.decided().one_click();
      fact.group = event.decided().batch_id();
      fact.amount = event.decided().batch_item_count();
      fact.limited_time = SaysLimitedTime(event.decided());
      return;
    case Event::kApplied:
      fact.kind = event.applied().applied_by();
      fact.codes = CanonicalCodes(event.applied().codes());
      return;
    case Event::kTelemetryGap:
      fact.kind = event.telemetry_gap().missing();
      return;
    case Event::kVoided:
      fact.voided_hash = store::StableHash(event.voided().voided_event_id());
      return;
    case Event::kTruthEstablished:
      fact.kind = event.truth_established().origin();
      fact.codes = CanonicalCodes(event.truth_established().codes());
      fact.group = event.truth_established().origin_id();
      return;
    case Event::kExpertReviewed:
      fact.kind = event.expert_reviewed().finding();
      return;
    case Event::kUnaidedDecision:
      fact.codes = CanonicalCodes(event.unaided_decision().final_codes());
      fact.group = CanonicalCodes(event.unaided_decision().truth_codes());
      fact.amount =
          event.unaided_decision().has_active_ms() ? event.unaided_decision().active_ms() : -1;
      return;
    default:
      return;
  }
}

// Four of them stand one after the other in the bytes of an event. With the sizes and what is
// between them, bytes say where each begins.
uint64_t NamesHash(const EventHead& head) {
  constexpr int kSizeBits = 10;
  const char* begin = nullptr;
  const char* end = nullptr;
  uint64_t sizes = 0;
  for (const std::string_view name :
       {head.system_id, head.system_version, head.unit_id, head.decision_kind}) {
    sizes = sizes << kSizeBits | name.size();
    if (name.empty()) continue;
    if (begin == nullptr) begin = name.data();
    end = name.data() + name.size();
  }
  uint64_t hash = sizes;
  for (const std::string_view bytes : {std::string_view(begin, static_cast<size_t>(end - begin)),
                                       head.organisation_id, head.role}) {
    hash = (hash ^ store::PassingHash(bytes)) * store::kHashSpread;
    hash ^= hash >> 32;
  }
  return hash;
}

std::string ChangeIn(const Event& rest) {
  if (rest.has_shown()) return rest.shown().screen_version();
  if (!rest.has_configuration_changed()) return "";
  const auto& changed = rest.configuration_changed();
  std::string_view what = vigie::v1::ConfigurationChange_Name(changed.change());
  what.remove_prefix(std::min(what.size(), kConfigurationPrefix.size()));
  return changed.new_version().empty() ? std::string(what)
                                       : base::Cat(what, " ", changed.new_version());
}

// What the head says; the payload is known.
void FillInHead(EventFacts& event) {
  const EventHead& head = event.head;
  event.fact.occurred_at_ms = head.occurred_at_ms;
  if (!head.pseudonym.empty()) {
    std::memcpy(event.fact.actor.data(), head.pseudonym.data(),
                std::min(head.pseudonym.size(), event.fact.actor.size()));
  }
  event.id_hash = store::PassingHash(IdOf(event));
  event.names_hash = NamesHash(head);
}

}  // namespace

void FillIn(const Event& rest, EventFacts& event) {
  event.change = ChangeIn(rest);
  event.fact.payload = KindOf(rest);
  ReadPayload(rest, event.fact);
  FillInHead(event);
}

void FillIn(PlainPayload rest, EventFacts& event) {
  event.change = rest.screen_version;
  event.fact = std::move(rest.fact);
  FillInHead(event);
}

decision::Fact TakeFact(EventFacts& event, const EventNames& names) {
  Fact fact = std::move(event.fact);
  fact.unit = names.unit;
  fact.version = names.version;
  fact.role = names.role;
  return fact;
}

std::optional<EventFacts> ReadFacts(std::string_view bytes) {
  EventFacts event;
  const auto rest_bytes = TakeApart(bytes, &event.head);
  if (!rest_bytes.has_value()) return std::nullopt;
  if (auto plain = ReadPlainPayload(*rest_bytes, INT64_MAX)) {
    FillIn(*std::move(plain), event);
    return event;
  }
  Event rest;
  if (!rest.ParseFromArray(rest_bytes->data(), static_cast<int>(rest_bytes->size()))) {
    return std::nullopt;
  }
  FillIn(rest, event);
  return event;
}

store::IdSpace SpaceOf(const EventFacts& event) {
  if (event.fact.payload == vigie::v1::PAYLOAD_KIND_UNAIDED_DECISION) {
    return store::IdSpace::kUnaided;
  }
  return event.head.decision_id.empty() ? store::IdSpace::kSystem : store::IdSpace::kDecision;
}

std::string_view IdOf(const EventFacts& event) {
  return SpaceOf(event) == store::IdSpace::kSystem ? event.head.event_id : event.head.decision_id;
}

EventNames FindNames(const EventHead& event, const EventNames& likely, const Names& names) {
  const auto find = [&names](std::string_view name, decision::NameIndex guess) {
    if (name.empty()) return 0;
    return guess != 0 && names.Name(guess) == name ? guess : names.Find(name);
  };
  return {.organisation = find(event.organisation_id, likely.organisation),
          .system = find(event.system_id, likely.system),
          .kind = find(event.decision_kind, likely.kind),
          .unit = find(event.unit_id, likely.unit),
          .version = find(event.system_version, likely.version),
          .role = find(event.role, likely.role)};
}

void InternNames(const EventHead& event, EventNames& found, Names& names) {
  const auto intern = [&names](std::string_view name, decision::NameIndex& number) {
    if (number == 0) number = names.Intern(name);
  };
  intern(event.organisation_id, found.organisation);
  intern(event.system_id, found.system);
  intern(event.decision_kind, found.kind);
  intern(event.unit_id, found.unit);
  intern(event.system_version, found.version);
  intern(event.role, found.role);
}

}  // namespace vigie::engine
