// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "base/limits.h"
#include "engine/codec.h"
#include "engine/intake.h"
#include "fuzz/require.h"
#include "fuzz/targets.h"
#include "support/events.h"
#include "support/fake_clock.h"

namespace vigie::fuzz {
namespace {

using vigie::v1::Event;

constexpr char kSourceId[] = "ehr";
// Identifiers of people: one the rules allow, one they refuse.
constexpr char kAllowedPerson[] = "Qd-7f3e-person-41";
constexpr char kRefusedPerson[] = "Qd 7f3e person 41";

std::string InPlaceOf(const std::string& person) {
  if (person.empty()) return "";
  return engine::IsIdentifier(person) ? kAllowedPerson : kRefusedPerson;
}

void PutKnownPeople(Event& event) {
  if (event.has_actor()) event.mutable_actor()->set_id(InPlaceOf(event.actor().id()));
  if (event.has_issued()) {
    event.mutable_issued()->set_patient_id(InPlaceOf(event.issued().patient_id()));
  }
}

bool NamesAPerson(std::string_view text) {
  return text.find(kAllowedPerson) != std::string::npos ||
         text.find(kRefusedPerson) != std::string::npos;
}

void CheckRefusal(const engine::Refusal& refusal) {
  const vigie::v1::Violation& violation = refusal.violation;
  Require(violation.reason() != vigie::v1::REFUSAL_REASON_UNSPECIFIED, "a refusal has a reason");
  Require(!violation.field().empty(), "a refusal names the field");
  Require(!violation.got().empty() && !violation.want().empty(), "a refusal says got and want");
  Require(!engine::ToStatus(refusal).ok(), "a refusal is an error");
  Require(!NamesAPerson(violation.SerializeAsString()), "a refusal repeats no person");
}

void CheckAccepted(const engine::Intake& intake, const engine::PreparedEvent& prepared) {
  Event recorded;
  Require(recorded.ParseFromArray(prepared.bytes.data(), static_cast<int>(prepared.bytes.size())),
          "a recorded event parses");
  Require(recorded.SerializeAsString() == prepared.bytes, "a recorded event is written alike");
  Require(recorded.sent_at_ms() == 0, "what is recorded has no sent_at_ms");
  const engine::PreparedEvent again = intake.PrepareAgain(recorded, kSourceId);
  Require(!again.refusal.has_value(), "what was accepted is accepted again");
  Require(again.bytes == prepared.bytes && again.content_hash == prepared.content_hash &&
              again.event_hash == prepared.event_hash,
          "what was accepted stays as it was");
}

std::string FactOf(const engine::PreparedEvent& prepared) {
  return engine::EncodeBatch(1, prepared.facts.change, {prepared.facts.fact}, 0);
}

std::string RefusalOf(const engine::PreparedEvent& prepared) {
  return prepared.refusal.has_value() ? prepared.refusal->violation.SerializeAsString() : "";
}

// Whether a payload that is read from its bytes is taken like the message: a field of a newer
// version behind it has it read so, and is dropped.
void CheckReadAlike(const engine::Intake& intake, std::string_view input) {
  const std::string newer = std::string(input) + "\xf0\x3f\x01";
  if (newer.size() > static_cast<size_t>(base::kMaxEventBytes)) return;
  const auto batch = intake.PrepareAll({input}, kSourceId);
  if (!batch.has_value()) return;
  const auto newer_batch = intake.PrepareAll({newer}, kSourceId);
  Require(newer_batch.has_value(), "an event with a field of a newer version is an event");
  const engine::PreparedEvent& one = batch->front();
  const engine::PreparedEvent& other = newer_batch->front();
  Require(RefusalOf(one) == RefusalOf(other), "both are refused alike, or none");
  Require(one.record == other.record && one.bytes == other.bytes && one.redacted == other.redacted,
          "both are recorded alike");
  Require(
      one.facts.id_hash == other.facts.id_hash && one.facts.names_hash == other.facts.names_hash,
      "both are found alike");
  Require(FactOf(one) == FactOf(other), "both say the same");
}

// Whether bytes that a client sent are taken like the message that protobuf makes of them, however
// they are written.
void CheckReadAsAMessage(const engine::Intake& intake, std::string_view input) {
  if (input.size() > static_cast<size_t>(base::kMaxEventBytes)) return;  // As written, not as read.
  Event event;
  const bool parses = event.ParseFromArray(input.data(), static_cast<int>(input.size()));
  const auto prepared = intake.PrepareAll({input}, kSourceId);
  Require(!parses || prepared.has_value(), "what is an event is read");
  if (!parses) {
    return Require(!prepared.has_value() || prepared->front().refusal.has_value(),
                   "what is no event is not accepted");
  }
  const engine::PreparedEvent& one = prepared->front();
  const engine::PreparedEvent other = intake.Prepare(event, kSourceId);
  Require(one.refusal.has_value() == other.refusal.has_value(), "both are refused, or none");
  Require(one.bytes == other.bytes && one.redacted == other.redacted &&
              one.event_hash == other.event_hash && one.content_hash == other.content_hash &&
              one.sent_at_ms == other.sent_at_ms,
          "bytes in another order are the same event");
}

}  // namespace

void FuzzEvent(std::string_view input) {
  // The fuzzer sees what is compared and learns to write these identifiers elsewhere, into the id
  // of an event for one; such an input says nothing about people.
  if (NamesAPerson(input)) return;
  static const engine::Validator any_organisation("", {"^[0-9]{13}$"});
  static const engine::Validator one_organisation("hospital", {"^[0-9]{13}$"});
  static const support::FakeClock clock(support::kMorningMs);
  static privacy::Pseudonyms pseudonyms(std::string(32, 'k'), 1);
  const bool one = !input.empty() && (input.back() & 1) != 0;
  const engine::Intake intake(one ? &one_organisation : &any_organisation, &pseudonyms, &clock);
  CheckReadAsAMessage(intake, input);
  CheckReadAlike(intake, input);
  Event event;
  if (!event.ParseFromArray(input.data(), static_cast<int>(input.size()))) return;
  PutKnownPeople(event);
  const engine::PreparedEvent prepared = intake.Prepare(event, kSourceId);
  Require(!NamesAPerson(prepared.bytes), "what is kept names nobody");
  if (prepared.refusal.has_value()) return CheckRefusal(*prepared.refusal);
  Require(!prepared.redacted, "only a refused event is redacted");
  CheckAccepted(intake, prepared);
}

}  // namespace vigie::fuzz
