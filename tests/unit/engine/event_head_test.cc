// SPDX-License-Identifier: Apache-2.0
// Reading and writing events as bytes gives what Protocol Buffers give.
#include "engine/event_head.h"

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/events.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Messages.
using namespace vigie::support;

// One of each payload, with a head that holds everything.
std::vector<Event> OneOfEach() {
  std::vector<Event> events = {Event(), IssuedAt("d", kMorningMs), DecidedAt("d", kMorningMs)};
  const auto* payloads = Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    Event event = AnEvent("d", "e", -1);  // Ten bytes as a varint.
    event.set_system_version("2.1");
    event.set_decision_kind("triage");
    event.mutable_actor()->set_role("nurse");
    event.mutable_actor()->set_pseudonym(std::string("\0\xff", 2));
    event.mutable_actor()->set_key_epoch(-3);
    event.set_sent_at_ms(kMorningMs + 5);
    event.add_attributes()->set_name("age");
    event.GetReflection()->MutableMessage(&event, payloads->field(i));
    events.push_back(std::move(event));
  }
  events.emplace_back().mutable_actor();  // There, and empty.
  return events;
}

std::string Rewritten(const EventHead& read, std::string_view rest) {
  EventHead head = read;
  std::string bytes(HeadSize(head), '\0');
  auto* const begin = reinterpret_cast<uint8_t*>(bytes.data());
  EXPECT_EQ(WriteHead(head, begin) - begin, std::ssize(bytes));
  EXPECT_EQ(head.unit_id, read.unit_id);
  EXPECT_EQ(head.pseudonym, read.pseudonym);
  return bytes.append(rest);
}

TEST(EventHead, WritesWhatTheMessageSerialises) {
  for (const Event& event : OneOfEach()) {
    const std::string bytes = event.SerializeAsString();
    EventHead head;
    const auto rest = TakeApart(bytes, &head);
    ASSERT_TRUE(rest.has_value()) << event.ShortDebugString();
    EXPECT_EQ(Rewritten(head, *rest), bytes) << event.ShortDebugString();
  }
}

TEST(EventHead, HoldsTheFieldsOfTheMessage) {
  Event event = OneOfEach().at(5);
  event.mutable_actor()->set_id("dr-1");
  const std::string bytes = event.SerializeAsString();
  EventHead head;
  ASSERT_TRUE(TakeApart(bytes, &head).has_value());
  EXPECT_EQ(head.event_id, event.event_id());
  EXPECT_EQ(head.organisation_id, event.organisation_id());
  EXPECT_EQ(head.decision_id, event.decision_id());
  EXPECT_EQ(head.system_id, event.system_id());
  EXPECT_EQ(head.system_version, event.system_version());
  EXPECT_EQ(head.unit_id, event.unit_id());
  EXPECT_EQ(head.decision_kind, event.decision_kind());
  EXPECT_TRUE(head.has_actor);
  EXPECT_EQ(head.role, event.actor().role());
  EXPECT_EQ(head.actor_id, event.actor().id());
  EXPECT_EQ(head.pseudonym, event.actor().pseudonym());
  EXPECT_EQ(head.key_epoch, event.actor().key_epoch());
  EXPECT_EQ(head.occurred_at_ms, event.occurred_at_ms());
  EXPECT_EQ(head.sent_at_ms, event.sent_at_ms());
}

// Ways to write an event that no library writes, all of which it has to read.
std::vector<std::string> OddlyWritten() {
  const std::string shown = ShownAt("d", kMorningMs).SerializeAsString();
  Event unit;
  unit.set_unit_id("ward");
  Event actor;
  actor.mutable_actor()->set_id("dr-1");
  Event role;
  role.mutable_actor()->set_role("nurse");
  Event newer = DecidedAt("d", kMorningMs);
  newer.actor().GetReflection()->MutableUnknownFields(newer.mutable_actor())->AddVarint(9, 1);
  Event newest = ShownAt("d", kMorningMs);
  newest.GetReflection()->MutableUnknownFields(&newest)->AddLengthDelimited(900, "x");
  return {
      shown + unit.SerializeAsString(),    // A field of the head last; it wins.
      shown + std::string("\x32\x00", 2),  // The same, emptied.
      unit.SerializeAsString() + shown,    // A field twice.
      actor.SerializeAsString() + shown,   // Out of order.
      shown + actor.SerializeAsString() + role.SerializeAsString(),  // Two halves of one message.
      std::string("\x32\x84\x00ward", 7) + shown,                    // A length of two bytes.
      std::string("\x32\x00", 2) + shown,                            // Empty, and there.
      std::string("\x08\x01", 2) + shown,                            // Another type.
      newer.SerializeAsString(),                                     // A field of a newer version.
      newest.SerializeAsString(),
  };
}

TEST(EventHead, ReadsAnEventHoweverItIsWritten) {
  for (const std::string& bytes : OddlyWritten()) {
    Event wanted;
    ASSERT_TRUE(wanted.ParseFromString(bytes));
    wanted.DiscardUnknownFields();
    Event rest;
    std::string normal;
    EventHead head;
    ASSERT_TRUE(ReadEvent(bytes, &head, &rest, &normal)) << wanted.ShortDebugString();
    const std::string rest_bytes = rest.SerializeAsString();
    EXPECT_EQ(Rewritten(head, rest_bytes), wanted.SerializeAsString());
  }
}

// Tags and lengths of more bytes than they need, up to more than protobuf takes.
TEST(EventHead, ReadsLongVarintsOnlyWhereProtobufDoes) {
  const std::string shown = ShownAt("d", kMorningMs).SerializeAsString();
  const std::string_view unit = "ward";
  for (size_t more = 0; more < 12; ++more) {
    const std::string tail = more == 0 ? "" : std::string(more - 1, '\x80') + std::string(1, '\0');
    const char high = more == 0 ? '\0' : '\x80';
    const std::string long_tag = std::string(1, static_cast<char>('\x32' | high)) + tail +
                                 static_cast<char>(unit.size()) + std::string(unit);
    const std::string long_size = std::string(1, '\x32') +
                                  static_cast<char>(static_cast<char>(unit.size()) | high) + tail +
                                  std::string(unit);
    for (const std::string& field : {long_tag, long_size}) {
      for (const std::string& bytes : {field, field + shown, shown + field}) {
        Event wanted;
        const bool parses = wanted.ParseFromString(bytes);
        Event rest;
        std::string normal;
        EventHead head;
        ASSERT_EQ(ReadEvent(bytes, &head, &rest, &normal), parses) << more;
        if (parses) {
          EXPECT_EQ(head.unit_id, wanted.unit_id());
        }
      }
    }
  }
}

TEST(EventHead, IsNotReadFromWhatIsNoEvent) {
  const std::string whole = OneOfEach().at(9).SerializeAsString();
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    Event rest;
    std::string normal;
    EventHead head;
    EXPECT_EQ(ReadEvent(cut, &head, &rest, &normal), Event().ParseFromString(cut)) << size;
  }
}

}  // namespace
}  // namespace vigie::engine
