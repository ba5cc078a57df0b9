// SPDX-License-Identifier: Apache-2.0
#include "engine/event_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

#include "store/digest.h"

namespace vigie::engine {
namespace {

using vigie::v1::Event;

EventFacts FactsOf(const Event& event) {
  static std::string bytes;  // What the facts look at.
  bytes = event.SerializeAsString();
  return ReadFacts(bytes).value();
}

Event AnEvent() {
  Event event;
  event.set_event_id("e");
  event.set_organisation_id("hospital");
  event.set_decision_id("d");
  event.set_system_id("system");
  event.mutable_shown();
  return event;
}

TEST(EventFacts, HashWhatTheirDecisionIsFoundBy) {
  EXPECT_EQ(FactsOf(AnEvent()).id_hash, store::PassingHash("d"));
  Event of_system = AnEvent();
  of_system.clear_decision_id();
  EXPECT_EQ(FactsOf(of_system).id_hash, store::PassingHash("e"));
}

// The texts hold bytes that frame texts in an event: a tag, a length.
TEST(EventFacts, HaveOneHashOfNamesForEachSetOfNames) {
  const std::array<std::string, 4> texts = {"", "a", "2\x01", std::string("a2\x01") + "a"};
  const size_t fields = 6;
  size_t sets = 1;
  for (size_t i = 0; i < fields; ++i) sets *= texts.size();
  std::map<uint64_t, size_t> seen;
  for (size_t set = 0; set < sets; ++set) {
    size_t left = set;
    const auto next = [&] {
      const std::string& text = texts[left % texts.size()];
      left /= texts.size();
      return text;
    };
    Event event = AnEvent();
    event.set_organisation_id(next());
    event.set_system_id(next());
    event.set_system_version(next());
    event.set_unit_id(next());
    event.set_decision_kind(next());
    event.mutable_actor()->set_role(next());
    const auto [same, fresh] = seen.emplace(FactsOf(event).names_hash, set);
    EXPECT_TRUE(fresh) << set << " and " << same->second;
    event.set_event_id("another");
    event.set_decision_id("another");
    event.mutable_actor()->set_pseudonym("sixteen bytes...");
    EXPECT_EQ(FactsOf(event).names_hash, same->first);
  }
}

}  // namespace
}  // namespace vigie::engine
