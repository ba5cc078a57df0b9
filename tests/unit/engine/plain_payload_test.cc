// SPDX-License-Identifier: Apache-2.0
// Payloads read from bytes say what the message says, and whatever is unusual is left to it.
#include "engine/plain_payload.h"

#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "engine/codec.h"
#include "engine/event_facts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace vigie::engine {
namespace {

using vigie::v1::Event;

constexpr int64_t kLatestMs = 1'800'000'000'000;

std::string Bytes(const std::string& payload) {
  Event event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(payload, &event)) << payload;
  return event.SerializeAsString();
}

std::string FactOf(const EventFacts& event) {
  return EncodeBatch(1, event.change, {event.fact}, 0);
}

std::string FactAsPlain(const std::string& bytes) {
  auto plain = ReadPlainPayload(bytes, kLatestMs);
  if (!plain.has_value()) return "not plain";
  EventFacts event;
  FillIn(*std::move(plain), event);
  return FactOf(event);
}

std::string FactAsMessage(const std::string& bytes) {
  Event message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  EventFacts event;
  FillIn(message, event);
  return FactOf(event);
}

TEST(PlainPayload, SaysWhatTheMessageSays) {
  for (const std::string payload : {
           "issued { suggestions { code: 'send' } }",
           "issued { suggestions { system: 'icd-10' code: 'J18.9' } confidence_ratio: 0.75 "
           "content_item_count: 1000000 }",
           "issued { suggestions { code: 'send' } confidence_ratio: 0 content_item_count: 1 }",
           "shown {}",
           "shown { screen_version: 'screen-4.2' }",
           "shown { screen_version: 'screen-4.2' preselected: true auto_launched: true }",
           "shown { auto_launched: true }",
           "opened {}",
           "active_segment {}",
           "active_segment { start_ms: 1 length_ms: 9223372036854775807 }",
           "active_segment { start_ms: 1800000000000 }",
           "decided { outcome: DECISION_OUTCOME_ACCEPTED }",
           "decided { outcome: DECISION_OUTCOME_INDEPENDENT final_codes { code: 'keep' } "
           "one_click: true }",
           "applied { applied_by: EFFECT_CAUSE_BYPASS_WINDOW }",
           "applied { codes { system: 'loinc' code: '8867-4' } applied_by: EFFECT_CAUSE_PERSON }",
       }) {
    const std::string bytes = Bytes(payload);
    EXPECT_EQ(FactAsPlain(bytes), FactAsMessage(bytes)) << payload;
  }
}

TEST(PlainPayload, LeavesWhatIsUnusualOrWrongToTheMessage) {
  const std::string long_name(65, 'n');
  for (const std::string& payload : std::vector<std::string>{
           "",
           "attributes { name: 'age' value: 3 } opened {}",
           "issued {}",
           "issued { suggestions {} }",
           "issued { suggestions { system: 'icd-10' } }",
           "issued { suggestions { code: 'two words' } }",
           "issued { suggestions { code: '_other' } }",
           "issued { suggestions { code: '" + long_name + "' } }",
           "issued { suggestions { code: 'b' } suggestions { code: 'a' } }",
           "issued { suggestions { code: 'a' } confidence_ratio: 1.01 }",
           "issued { suggestions { code: 'a' } confidence_ratio: -0.01 }",
           "issued { suggestions { code: 'a' } confidence_ratio: nan }",
           "issued { suggestions { code: 'a' } content_item_count: 1000001 }",
           "issued { suggestions { code: 'a' } content_item_count: -1 }",
           "issued { suggestions { code: 'a' } derived_from_decision_ids: 'd' }",
           "issued { suggestions { code: 'a' } patient_id: 'p' }",
           "issued { suggestions { code: 'a' } patient_pseudonym: 'p' }",
           "shown { screen_version: 'screen 4' }",
           "active_segment { start_ms: 1800000000001 }",
           "active_segment { start_ms: -1 }",
           "active_segment { length_ms: -1 }",
           "decided {}",
           "decided { outcome: DECISION_OUTCOME_ACCEPTED reasons { code: 'limited-time' } }",
           "decided { outcome: DECISION_OUTCOME_ACCEPTED batch_id: 'b' }",
           "decided { outcome: DECISION_OUTCOME_ACCEPTED batch_item_count: 2 }",
           "applied { codes { code: 'a' } }",
           "evidence_opened { kind: EVIDENCE_KIND_IMAGE origin: EVIDENCE_ORIGIN_AI }",
           "contested {}",
           "suppressed_before_display {}",
       }) {
    EXPECT_FALSE(ReadPlainPayload(Bytes(payload), kLatestMs).has_value()) << payload;
  }
}

// Each of these parses as a message, which would be written in other bytes.
TEST(PlainPayload, LeavesBytesThatAreNotAsTheyWouldBeWritten) {
  const auto shown = [](const std::string& fields) {
    return "\xb2\x01" + std::string(1, static_cast<char>(fields.size())) + fields;
  };
  ASSERT_TRUE(ReadPlainPayload(shown("\x10\x01\x18\x01"), kLatestMs).has_value());
  const std::string opened("\xba\x01\x00", 3);
  ASSERT_TRUE(ReadPlainPayload(opened, kLatestMs).has_value());
  for (const std::string& bytes : std::vector<std::string>{
           shown("\x18\x01\x10\x01"),              // In another order.
           shown("\x10\x01\x10\x01"),              // Twice.
           shown("\x10\x02"),                      // True, as another number.
           shown(std::string("\x10\x00", 2)),      // A default.
           shown(std::string("\x0a\x00", 2)),      // An empty text.
           shown(std::string("\x10\x81\x00", 3)),  // A number, a tag, in too many bytes.
           shown(std::string("\x90\x00\x01", 3)),
           shown("\x20\x01"),                         // A field of a newer version.
           std::string("\xb2\x01\x80\x00", 4),        // A size, a tag, in too many bytes.
           std::string("\xb2\x81\x00\x00", 4),        //
           opened + opened, shown("") + opened,       // Two payloads.
           opened + "\x78\x01", "\x78\x01" + opened,  // A field of a newer version beside it.
       }) {
    Event event;
    EXPECT_TRUE(event.ParseFromString(bytes)) << testing::PrintToString(bytes);
    event.DiscardUnknownFields();
    EXPECT_NE(event.SerializeAsString(), bytes) << testing::PrintToString(bytes);
    EXPECT_FALSE(ReadPlainPayload(bytes, kLatestMs).has_value()) << testing::PrintToString(bytes);
  }
}

TEST(PlainPayload, IsNotReadFromBytesThatEndTooEarly) {
  const std::string whole = Bytes(
      "issued { suggestions { system: 'icd-10' code: 'J18.9' } confidence_ratio: 0.75 "
      "content_item_count: 300 }");
  ASSERT_TRUE(ReadPlainPayload(whole, kLatestMs).has_value());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ReadPlainPayload(whole.substr(0, size), kLatestMs).has_value()) << size;
  }
}

}  // namespace
}  // namespace vigie::engine
