// SPDX-License-Identifier: Apache-2.0
// The doors: every reason to refuse, and that nothing refused keeps what could name a person.
#include "engine/intake.h"

#include <cmath>
#include <functional>

#include "base/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/events.h"
#include "support/fake_clock.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::HasSubstr;
using testing::Not;

class IntakeTest : public testing::Test {
 protected:
  [[nodiscard]] PreparedEvent Prepared(const std::function<void(Event&)>& spoil) const {
    Event event = IssuedAt("d", kMorningMs);
    spoil(event);
    return intake_.Prepare(event, "ehr");
  }
  // Expects a refusal that names field, got and want.
  void Refused(RefusalReason reason, const std::string& field,
               const std::function<void(Event&)>& spoil) const {
    const PreparedEvent prepared = Prepared(spoil);
    ASSERT_TRUE(prepared.refusal.has_value()) << field;
    const Violation& violation = prepared.refusal->violation;
    EXPECT_EQ(violation.reason(), reason) << violation.ShortDebugString();
    EXPECT_EQ(violation.field(), field);
    EXPECT_FALSE(violation.got().empty());
    EXPECT_FALSE(violation.want().empty());
  }

  FakeClock clock_{kMorningMs};
  Validator validator_{"hospital", {"[0-9]{10}"}};
  privacy::Pseudonyms pseudonyms_{std::string(32, 'k'), 1};
  Intake intake_{&validator_, &pseudonyms_, &clock_};
};

TEST_F(IntakeTest, TakesAGoodEventAndHidesThePeople) {
  const PreparedEvent prepared = Prepared([](Event& event) {
    event.mutable_actor()->set_id("dr-house");
    event.mutable_issued()->set_patient_id("jane-roe");
    event.set_sent_at_ms(5);
  });
  EXPECT_FALSE(prepared.refusal.has_value());
  EXPECT_THAT(prepared.bytes, Not(HasSubstr("dr-house")));
  EXPECT_THAT(prepared.bytes, Not(HasSubstr("jane-roe")));
  EXPECT_EQ(prepared.facts.head.pseudonym.size(), 16U);
  EXPECT_EQ(prepared.sent_at_ms, 5);
}

// Fields of an event are copied at once when they stand as they are to be written. A feed may pad
// what it sends by as many bytes as the organisation takes that is filled in: it was taken for
// that.
TEST_F(IntakeTest, FillsInTheOrganisationHoweverTheEventIsPadded) {
  Event wanted = IssuedAt("d", kMorningMs);
  wanted.set_organisation_id("hospital");
  Event bare = wanted;
  bare.clear_organisation_id();
  const std::string event_id =
      "\x0a" + std::string(1, static_cast<char>(bare.event_id().size())) + bare.event_id();
  const std::string bytes = bare.SerializeAsString();
  ASSERT_TRUE(bytes.starts_with(event_id));
  const std::string rest = bytes.substr(event_id.size());
  // An empty organisation whose tag or length takes up to four bytes more than it needs.
  for (size_t tag = 0; tag < 5; ++tag) {
    for (size_t size = 0; size < 5; ++size) {
      const auto padded = [](char byte, size_t more) {
        if (more == 0) return std::string(1, byte);
        return std::string(1, static_cast<char>(byte | '\x80')) + std::string(more - 1, '\x80') +
               std::string(1, '\0');
      };
      const std::string sent = event_id + padded('\x12', tag) + padded('\0', size) + rest;
      const auto prepared = intake_.PrepareAll({sent}, "ehr");
      ASSERT_TRUE(prepared.has_value()) << tag << " " << size;
      ASSERT_FALSE(prepared->front().refusal.has_value());
      EXPECT_EQ(prepared->front().bytes, wanted.SerializeAsString()) << tag << " " << size;
      EXPECT_EQ(prepared->front().facts.head.organisation_id, "hospital");
    }
  }
}

// A field of a newer version may hold anything, a name too.
TEST_F(IntakeTest, DropsFieldsItDoesNotKnowAtAnyDepth) {
  const auto plant = [](google::protobuf::Message& message) {
    message.GetReflection()->MutableUnknownFields(&message)->AddLengthDelimited(900, "jane-roe");
  };
  const auto kept = [&](const std::function<void(Event&)>& spoil) {
    const PreparedEvent prepared = Prepared(spoil);
    EXPECT_FALSE(prepared.refusal.has_value());
    return prepared.bytes.find("jane-roe") != std::string::npos;
  };
  EXPECT_FALSE(kept([&](Event& e) { plant(e); }));
  EXPECT_FALSE(kept([&](Event& e) { plant(*e.mutable_actor()); }));
  EXPECT_FALSE(kept([&](Event& e) { plant(*e.mutable_issued()); }));
  EXPECT_FALSE(kept([&](Event& e) { plant(*e.mutable_issued()->mutable_suggestions(0)); }));
  EXPECT_FALSE(kept([&](Event& e) {
    e.add_attributes()->set_name("a");
    plant(*e.mutable_attributes(0));
  }));
  // Whatever the payload.
  const auto* payloads = Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    Event spoiled = AnEvent("d", "e", kMorningMs);
    plant(*spoiled.GetReflection()->MutableMessage(&spoiled, payloads->field(i)));
    EXPECT_EQ(intake_.Prepare(spoiled, "ehr").bytes.find("jane-roe"), std::string::npos)
        << payloads->field(i)->name();
  }
}

// Most payloads are read from their bytes. A field of a newer version behind one has it read as a
// message, and is dropped.
TEST_F(IntakeTest, TakesAPayloadAlikeFromItsBytesAndFromAMessage) {
  const std::vector<Event> events = {IssuedAt("d", kMorningMs), DecidedAt("d", kMorningMs),
                                     IssuedAt("d", kMorningMs + base::kMaxFutureMs + 1)};
  for (const Event& event : events) {
    const std::string bytes = event.SerializeAsString();
    const std::string newer = bytes + "\xf0\x3f\x01";
    const auto both = intake_.PrepareAll({bytes, newer}, "ehr");
    ASSERT_TRUE(both.has_value());
    const PreparedEvent& one = both->front();
    const PreparedEvent& other = both->back();
    EXPECT_EQ(one.bytes, other.bytes);
    EXPECT_EQ(one.record, other.record);
    EXPECT_EQ(one.content_hash, other.content_hash);
    EXPECT_EQ(one.facts.names_hash, other.facts.names_hash);
    EXPECT_EQ(one.facts.fact.codes, other.facts.fact.codes);
    EXPECT_EQ(one.facts.fact.actor, other.facts.fact.actor);
    ASSERT_EQ(one.refusal.has_value(), other.refusal.has_value());
    if (one.refusal.has_value()) {
      EXPECT_EQ(one.refusal->violation.ShortDebugString(),
                other.refusal->violation.ShortDebugString());
    }
  }
}

TEST_F(IntakeTest, CompletesTheOnlyOrganisation) {
  const PreparedEvent prepared = Prepared([](Event& event) { event.clear_organisation_id(); });
  EXPECT_FALSE(prepared.refusal.has_value());
  EXPECT_EQ(prepared.facts.head.organisation_id, "hospital");
}

TEST_F(IntakeTest, RefusesWhatIsMissing) {
  Refused(REFUSAL_REASON_FIELD_MISSING, "event_id", [](Event& e) { e.clear_event_id(); });
  Refused(REFUSAL_REASON_FIELD_MISSING, "decision_id", [](Event& e) { e.clear_decision_id(); });
  Refused(REFUSAL_REASON_FIELD_MISSING, "system_id", [](Event& e) { e.clear_system_id(); });
  Refused(REFUSAL_REASON_FIELD_MISSING, "payload", [](Event& e) { e.clear_payload(); });
  Refused(REFUSAL_REASON_FIELD_MISSING, "issued.suggestions",
          [](Event& e) { e.mutable_issued()->clear_suggestions(); });
  Refused(REFUSAL_REASON_FIELD_MISSING, "decided.outcome", [](Event& e) { e.mutable_decided(); });
}

TEST_F(IntakeTest, RefusesWhatIsTooLong) {
  Refused(REFUSAL_REASON_FIELD_TOO_LONG, "unit_id",
          [](Event& e) { e.set_unit_id(std::string(65, 'u')); });
  Refused(REFUSAL_REASON_FIELD_TOO_LONG, "issued.suggestions", [](Event& e) {
    for (int i = 0; i < 8; ++i) e.mutable_issued()->add_suggestions()->set_code("c");
  });
  Refused(REFUSAL_REASON_FIELD_TOO_LONG, "attributes", [](Event& e) {
    for (int i = 0; i < 9; ++i) e.add_attributes()->set_name("n");
  });
  Refused(REFUSAL_REASON_EVENT_TOO_LARGE, "event",
          [](Event& e) { e.set_unit_id(std::string(5'000, 'u')); });
}

TEST_F(IntakeTest, RefusesWhatIsMalformed) {
  Refused(REFUSAL_REASON_FIELD_MALFORMED, "unit_id", [](Event& e) { e.set_unit_id("a b"); });
  Refused(REFUSAL_REASON_FIELD_MALFORMED, "actor.pseudonym",
          [](Event& e) { e.mutable_actor()->set_pseudonym("x"); });
  Refused(REFUSAL_REASON_FIELD_MALFORMED, "issued.patient_pseudonym",
          [](Event& e) { e.mutable_issued()->set_patient_pseudonym("x"); });
  Refused(REFUSAL_REASON_FIELD_MALFORMED, "decision_id",
          [](Event& e) { e.mutable_system_stopped(); });
}

TEST_F(IntakeTest, RefusesUnknownEnumsAndRanges) {
  Refused(REFUSAL_REASON_ENUM_UNKNOWN, "decided.outcome",
          [](Event& e) { e.mutable_decided()->set_outcome(static_cast<DecisionOutcome>(99)); });
  Refused(REFUSAL_REASON_OUT_OF_RANGE, "issued.confidence_ratio",
          [](Event& e) { e.mutable_issued()->set_confidence_ratio(1.5); });
  Refused(REFUSAL_REASON_OUT_OF_RANGE, "issued.confidence_ratio",
          [](Event& e) { e.mutable_issued()->set_confidence_ratio(std::nan("")); });
}

TEST_F(IntakeTest, RefusesAbsurdTimes) {
  Refused(REFUSAL_REASON_TIME_ABSURD, "occurred_at_ms", [](Event& e) { e.set_occurred_at_ms(-1); });
  Refused(REFUSAL_REASON_TIME_ABSURD, "occurred_at_ms",
          [](Event& e) { e.set_occurred_at_ms(kMorningMs + 86'400'001); });
  EXPECT_FALSE(Prepared([](Event& e) {
                 e.set_occurred_at_ms(kMorningMs + 86'400'000);
               }).refusal.has_value());
}

TEST_F(IntakeTest, RefusesAnotherOrganisation) {
  Refused(REFUSAL_REASON_ORGANISATION_UNKNOWN, "organisation_id",
          [](Event& e) { e.set_organisation_id("clinic"); });
}

TEST_F(IntakeTest, RefusesPatientNumbersInEveryOpaqueIdentifier) {
  Refused(REFUSAL_REASON_LOOKS_PERSONAL, "event_id",
          [](Event& e) { e.set_event_id("1234567890"); });
  Refused(REFUSAL_REASON_LOOKS_PERSONAL, "decision_id",
          [](Event& e) { e.set_decision_id("ipp-1234567890"); });
  Refused(REFUSAL_REASON_LOOKS_PERSONAL, "issued.derived_from_decision_ids",
          [](Event& e) { e.mutable_issued()->add_derived_from_decision_ids("1234567890"); });
  Refused(REFUSAL_REASON_LOOKS_PERSONAL, "voided.voided_event_id",
          [](Event& e) { e.mutable_voided()->set_voided_event_id("1234567890"); });
}

TEST_F(IntakeTest, NeverRepeatsAnIdentifierInARefusal) {
  const PreparedEvent prepared = Prepared([](Event& e) { e.set_unit_id("Jane Roe"); });
  ASSERT_TRUE(prepared.refusal.has_value());
  EXPECT_THAT(prepared.refusal->violation.ShortDebugString(), Not(HasSubstr("Jane")));
  EXPECT_THAT(prepared.bytes, Not(HasSubstr("Jane")));
  EXPECT_TRUE(prepared.redacted);
}

// The first thing found wrong is not always the one that names a person.
TEST_F(IntakeTest, KeepsNoNameBehindAnEarlierRefusal) {
  const auto bytes = [this](const std::function<void(Event&)>& spoil) {
    return std::string(Prepared(spoil).bytes);
  };
  EXPECT_THAT(bytes([](Event& e) {
                e.clear_event_id();
                e.set_unit_id("Jane Roe");
              }),
              Not(HasSubstr("Jane")));
  EXPECT_THAT(bytes([](Event& e) {
                e.set_occurred_at_ms(-1);
                e.mutable_actor()->set_role("Jane Roe");
              }),
              Not(HasSubstr("Jane")));
  EXPECT_THAT(bytes([](Event& e) {
                e.mutable_issued()->clear_suggestions();
                e.mutable_issued()->set_patient_group("Jane Roe");
              }),
              Not(HasSubstr("Jane")));
  EXPECT_THAT(bytes([](Event& e) {
                e.set_organisation_id("clinic");
                e.set_decision_id("1234567890");
              }),
              Not(HasSubstr("1234567890")));
}

}  // namespace
}  // namespace vigie::engine
