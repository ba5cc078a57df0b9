// SPDX-License-Identifier: Apache-2.0
#include "engine/intake.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/limits.h"
#include "engine/plain_payload.h"
#include "google/protobuf/arena.h"
#include "store/block.h"
#include "store/digest.h"
#include "store/wire.h"

namespace vigie::engine {
namespace {

using vigie::v1::Event;

// What an event may grow by, mostly: pseudonyms are longer than identifiers, and what is recorded
// names the source.
constexpr size_t kAddedBytes = 128;
// Payloads are read one after the other into the same few bytes, more than nearly all take as
// messages.
constexpr size_t kPayloadsRoomBytes = 16'384;
constexpr int kPayloadsInRoom = 8;

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

}  // namespace

// What the events of a batch have in common while they are prepared.
class Intake::Batch {
 public:
  Batch(std::string_view source_id, int64_t now_ms, size_t expected_bytes)
      : now_ms_(now_ms), source_id_(source_id), payloads_(RoomOptions()) {
    Grow(expected_bytes);
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  [[nodiscard]] int64_t now_ms() const { return now_ms_; }
  // Where the attributes and payload of the next event are read into.
  Event& NextRest() {
    if (read_++ % kPayloadsInRoom == 0) {
      payloads_.Reset();
      rest_ = google::protobuf::Arena::CreateMessage<Event>(&payloads_);
    }
    return *rest_;
  }

  // Events of one decision mostly have one actor, and come one after the other.
  const decision::Pseudonym& OfActor(privacy::Pseudonyms& pseudonyms, std::string_view organisation,
                                     std::string_view id) {
    if (actor_id_ != id || organisation_ != organisation) {
      actor_ = pseudonyms.OfActor(organisation, id);
      actor_id_ = id;
      organisation_ = organisation;
    }
    return actor_;
  }

  // Writes the event, whose head is in `prepared`, and its record behind those before. What follows
  // depends on field order only, which serialisation of one build keeps; the messages hold no maps.
  void Finish(const Event& rest, PreparedEvent& prepared) {
    Write(
        rest.ByteSizeLong(),
        [&rest](uint8_t* at) { return rest.SerializeWithCachedSizesToArray(at); }, prepared);
    FillIn(rest, prepared.facts);
  }
  // Alike where the rest is plain: these bytes.
  void Finish(PlainPayload rest, std::string_view rest_bytes, PreparedEvent& prepared) {
    Write(
        rest_bytes.size(),
        [rest_bytes](uint8_t* at) { return store::wire::PutBytes(rest_bytes, at); }, prepared);
    FillIn(std::move(rest), prepared.facts);
  }

 private:
  google::protobuf::ArenaOptions RoomOptions() {
    google::protobuf::ArenaOptions options;
    options.initial_block = room_.data();
    options.initial_block_size = room_.size();
    return options;
  }
  template <typename PutRest>
  void Write(size_t rest_size, const PutRest& put_rest, PreparedEvent& prepared) {
    EventHead& head = prepared.facts.head;
    const size_t event_bytes = HeadSize(head) + rest_size;
    const store::EventRecord record(event_bytes, source_id_, head.occurred_at_ms,
                                    prepared.sent_at_ms);
    if (record.size() > left_) Grow(record.size());
    uint8_t* const begin = at_;
    uint8_t* const event = record.Begin(begin);
    uint8_t* const end = record.End(put_rest(WriteHead(head, event)));
    at_ = end;
    left_ -= record.size();
    prepared.memory = memory_;
    prepared.record = Written(begin, record.size());
    prepared.bytes = Written(event, event_bytes);
    prepared.event_hash = store::StableHash(head.event_id);
    prepared.content_hash = store::StableHash(prepared.bytes);
  }
  void Grow(size_t bytes) {
    auto memory = std::make_shared_for_overwrite<uint8_t[]>(bytes);
    at_ = memory.get();
    left_ = bytes;
    memory_ = std::move(memory);
  }

  const int64_t now_ms_;
  const std::string_view source_id_;
  alignas(std::max_align_t) std::array<char, kPayloadsRoomBytes> room_;
  google::protobuf::Arena payloads_;
  Event* rest_ = nullptr;
  int read_ = 0;
  std::string organisation_;
  std::string actor_id_;  // Empty: none yet.
  decision::Pseudonym actor_{};
  std::shared_ptr<const uint8_t[]> memory_;
  uint8_t* at_ = nullptr;
  size_t left_ = 0;
};

// The refusal names the first thing wrong only; what else is in the event may be a name or a number
// of a patient.
bool Intake::FinishRefused(std::string_view received, PreparedEvent& prepared) const {
  prepared.facts = {};
  Event event;
  if (!event.ParseFromArray(received.data(), static_cast<int>(received.size()))) return false;
  if (event.organisation_id().empty()) event.set_organisation_id(validator_->organisation());
  event.clear_sent_at_ms();
  event.DiscardUnknownFields();
  pseudonyms_->Replace(event);
  prepared.redacted = !validator_->IsSafeToKeep(event);
  if (prepared.redacted) event = Redacted(event);
  const size_t size = event.ByteSizeLong();
  auto bytes = std::make_shared_for_overwrite<uint8_t[]>(size);
  event.SerializeWithCachedSizesToArray(bytes.get());
  prepared.bytes = Written(bytes.get(), size);
  prepared.memory = std::move(bytes);
  return true;
}

bool Intake::PrepareOne(std::string_view received, Batch& batch, PreparedEvent& prepared) const {
  const auto rest_bytes = TakeApart(received, &prepared.facts.head);
  if (rest_bytes.has_value()) {
    auto plain = ReadPlainPayload(*rest_bytes, batch.now_ms() + base::kMaxFutureMs);
    if (plain.has_value()) {
      // Of a payload in which nothing can be wrong, as of this one, the rest is checked.
      static const Event opened = [] {
        Event event;
        event.mutable_opened();
        return event;
      }();
      CheckAndHide(received, opened, batch, prepared);
      if (prepared.refusal.has_value()) return FinishRefused(received, prepared);
      batch.Finish(*std::move(plain), *rest_bytes, prepared);
      return true;
    }
  }
  prepared.facts.head = {};
  std::string normal;
  Event& rest = batch.NextRest();
  EventHead& head = prepared.facts.head;
  if (!ReadEvent(received, &head, &rest, &normal)) return false;
  CheckAndHide(received, rest, batch, prepared);
  if (prepared.refusal.has_value()) return FinishRefused(received, prepared);
  if (rest.has_issued()) {
    pseudonyms_->ReplacePatient(head.organisation_id, *rest.mutable_issued());
  }
  batch.Finish(rest, prepared);
  return true;
}

// Checks the event and hides its actor.
void Intake::CheckAndHide(std::string_view received, const Event& rest, Batch& batch,
                          PreparedEvent& prepared) const {
  EventHead& head = prepared.facts.head;
  DefaultOrganisation(validator_->organisation(), head);
  prepared.refusal = validator_->Check(head, rest, received.size(), batch.now_ms());
  prepared.sent_at_ms = std::exchange(head.sent_at_ms, 0);
  if (prepared.refusal.has_value() || head.actor_id.empty()) return;
  const auto& actor = batch.OfActor(*pseudonyms_, head.organisation_id, head.actor_id);
  head.actor_id = {};
  head.pseudonym = Written(actor.data(), actor.size());
  head.key_epoch = pseudonyms_->epoch();
}

std::optional<std::vector<PreparedEvent>> Intake::PrepareAll(
    const std::vector<std::string_view>& received, std::string_view source_id) const {
  size_t expected_bytes = 0;
  for (const std::string_view event : received) expected_bytes += event.size() + kAddedBytes;
  Batch batch(source_id, clock_->NowMs(), expected_bytes);
  std::vector<PreparedEvent> prepared;
  prepared.reserve(received.size());
  for (const std::string_view event : received) {
    if (!PrepareOne(event, batch, prepared.emplace_back())) return std::nullopt;
  }
  return prepared;
}

PreparedEvent Intake::Prepare(const Event& event, std::string_view source_id) const {
  const std::string bytes = event.SerializeAsString();
  auto prepared = PrepareAll({bytes}, source_id);
  if (prepared.has_value()) return std::move(prepared->front());
  PreparedEvent malformed;
  malformed.refusal = NotAnEvent();
  malformed.redacted = true;
  return malformed;
}

PreparedEvent Intake::PrepareAgain(const Event& event, std::string_view source_id) const {
  const std::string bytes = event.SerializeAsString();
  Batch batch(source_id, clock_->NowMs(), bytes.size() + kAddedBytes);
  PreparedEvent prepared;
  Event& rest = batch.NextRest();
  std::string normal;
  EventHead& head = prepared.facts.head;
  if (!ReadEvent(bytes, &head, &rest, &normal)) return Prepare(event, source_id);
  DefaultOrganisation(validator_->organisation(), head);
  // The pseudonyms are in place already; the check refuses them on input.
  EventHead checked = head;
  checked.pseudonym = {};
  checked.key_epoch = 0;
  Event checked_rest = rest;
  if (checked_rest.has_issued()) {
    checked_rest.mutable_issued()->clear_patient_pseudonym();
    checked_rest.mutable_issued()->clear_patient_key_epoch();
  }
  prepared.refusal = validator_->Check(checked, checked_rest, bytes.size(), batch.now_ms());
  batch.Finish(rest, prepared);
  return prepared;
}

}  // namespace vigie::engine
