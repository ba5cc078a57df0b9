// SPDX-License-Identifier: Apache-2.0
#include "engine/intake.h"

#include <array>
#include <cstddef>
#include <utility>

#include "base/limits.h"
#include "store/digest.h"

namespace vigie::engine {
namespace {

using vigie::v1::Event;

constexpr size_t kMinArenaBytes = 256;
// What an event may grow by, mostly: pseudonyms are longer than identifiers.
constexpr size_t kAddedBytes = 64;
constexpr size_t kPayloadBytes = 4096;  // More than nearly all payloads take as messages.

std::string_view Written(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Keeps of a refused event what cannot identify a person: a wrong field may hold anything.
Event Redacted(const Event& event) {
  Event safe;
  safe.set_occurred_at_ms(event.occurred_at_ms());
  if (IsIdentifier(event.system_id())) safe.set_system_id(event.system_id());
  return safe;
}

// What follows depends on field order only, which serialisation of one build keeps; the messages
// hold no maps.
void Finish(const SharedArena& arena, EventHead head, const Event& rest, PreparedEvent& prepared) {
  const size_t head_size = HeadSize(head);
  const size_t size = head_size + rest.ByteSizeLong();
  auto* bytes = google::protobuf::Arena::CreateArray<uint8_t>(arena.get(), size);
  rest.SerializeWithCachedSizesToArray(WriteHead(head, bytes));
  prepared.bytes = Written(bytes, size);
  prepared.event_hash = store::StableHash(head.event_id);
  prepared.content_hash = store::StableHash(prepared.bytes);
  prepared.facts = FactsOf(head, rest);
}

}  // namespace

// The refusal names the first thing wrong only; what else is in the event may be a name or a number
// of a patient.
bool Intake::FinishRefused(const SharedArena& arena, std::string_view received,
                           PreparedEvent& prepared) const {
  Event event;
  if (!event.ParseFromArray(received.data(), static_cast<int>(received.size()))) return false;
  if (event.organisation_id().empty()) event.set_organisation_id(validator_->organisation());
  event.clear_sent_at_ms();
  event.DiscardUnknownFields();
  pseudonyms_->Replace(event);
  prepared.redacted = !validator_->IsSafeToKeep(event);
  if (prepared.redacted) event = Redacted(event);
  const size_t size = event.ByteSizeLong();
  auto* bytes = google::protobuf::Arena::CreateArray<uint8_t>(arena.get(), size);
  event.SerializeWithCachedSizesToArray(bytes);
  prepared.bytes = Written(bytes, size);
  return true;
}

bool Intake::PrepareOn(const SharedArena& arena, std::string_view received, int64_t now_ms,
                       Event& rest, PreparedEvent& prepared) const {
  std::string normal;
  std::optional<EventHead> head = ReadEvent(received, &rest, &normal);
  if (!head.has_value()) return false;
  if (head->organisation_id.empty()) head->organisation_id = validator_->organisation();
  prepared.memory = arena;
  prepared.refusal = validator_->Check(*head, rest, received.size(), now_ms);
  prepared.sent_at_ms = std::exchange(head->sent_at_ms, 0);
  if (prepared.refusal.has_value()) return FinishRefused(arena, received, prepared);
  decision::Pseudonym actor;
  if (!head->actor_id.empty()) {
    actor = pseudonyms_->OfActor(head->organisation_id, std::exchange(head->actor_id, {}));
    head->pseudonym = Written(actor.data(), actor.size());
    head->key_epoch = pseudonyms_->epoch();
  }
  if (rest.has_issued()) {
    pseudonyms_->ReplacePatient(head->organisation_id, *rest.mutable_issued());
  }
  Finish(arena, *head, rest, prepared);
  return true;
}

std::optional<std::vector<PreparedEvent>> Intake::PrepareAll(
    const std::vector<std::string_view>& received) const {
  google::protobuf::ArenaOptions sizes;
  sizes.start_block_size = kMinArenaBytes;
  for (const std::string_view event : received) {
    sizes.start_block_size += event.size() + kAddedBytes;
  }
  const auto arena = std::make_shared<google::protobuf::Arena>(sizes);
  const int64_t now_ms = clock_->NowMs();
  std::vector<PreparedEvent> prepared;
  prepared.reserve(received.size());
  // Payloads are read one after the other into the same few bytes.
  alignas(std::max_align_t) std::array<char, kPayloadBytes> room;
  google::protobuf::ArenaOptions payload;
  payload.initial_block = room.data();
  payload.initial_block_size = room.size();
  google::protobuf::Arena payloads(payload);
  for (const std::string_view event : received) {
    auto* rest = google::protobuf::Arena::CreateMessage<Event>(&payloads);
    if (!PrepareOn(arena, event, now_ms, *rest, prepared.emplace_back())) return std::nullopt;
    payloads.Reset();
  }
  return prepared;
}

PreparedEvent Intake::Prepare(const Event& event) const {
  const std::string bytes = event.SerializeAsString();
  auto prepared = PrepareAll({bytes});
  if (prepared.has_value()) return std::move(prepared->front());
  PreparedEvent malformed;
  malformed.refusal = NotAnEvent();
  malformed.redacted = true;
  return malformed;
}

PreparedEvent Intake::PrepareAgain(const Event& event) const {
  const std::string bytes = event.SerializeAsString();
  const auto arena = std::make_shared<google::protobuf::Arena>();
  PreparedEvent prepared;
  prepared.memory = arena;
  Event rest;
  std::string normal;
  std::optional<EventHead> head = ReadEvent(bytes, &rest, &normal);
  if (!head.has_value()) return Prepare(event);
  if (head->organisation_id.empty()) head->organisation_id = validator_->organisation();
  // The pseudonyms are in place already; the check refuses them on input.
  EventHead checked = *head;
  checked.pseudonym = {};
  checked.key_epoch = 0;
  Event checked_rest = rest;
  if (checked_rest.has_issued()) {
    checked_rest.mutable_issued()->clear_patient_pseudonym();
    checked_rest.mutable_issued()->clear_patient_key_epoch();
  }
  prepared.refusal = validator_->Check(checked, checked_rest, bytes.size(), clock_->NowMs());
  Finish(arena, *head, rest, prepared);
  return prepared;
}

}  // namespace vigie::engine
