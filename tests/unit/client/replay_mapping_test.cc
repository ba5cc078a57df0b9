// SPDX-License-Identifier: Apache-2.0
#include "replay_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace vigie::cli {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

// The first record of the published file.
constexpr char kReal[] =
    R"({"decision_id":"esm-01-029","clinician_id":"p01","system_id":"advisor-type-2",)"
    R"("unit_id":"block-2","seq":1,"t_shown_ms":1544773292,"t_decided_ms":1544776572,)"
    R"("dwell_ms":3280,"duration_ms":3280,"initial":"left","initial_ms":3293,)"
    R"("suggestion":"right","suggestion_p":null,"final":"left","act":"kept","truth":"left",)"
    R"("confidence_initial":-18,"confidence_final":-8})";

std::vector<v1::Event> Map(const std::string& line, int64_t index = 0) {
  const auto events = MapRecord(line, index);
  EXPECT_TRUE(events.ok()) << events.status();
  return events.ok() ? *events : std::vector<v1::Event>();
}

std::vector<std::string> IdsOf(const std::vector<v1::Event>& events) {
  std::vector<std::string> ids;
  for (const v1::Event& event : events) ids.push_back(event.event_id());
  return ids;
}

std::map<std::string, double> AttributesOf(const v1::Event& event) {
  std::map<std::string, double> attributes;
  for (const v1::Attribute& attribute : event.attributes()) {
    attributes[attribute.name()] = attribute.value();
  }
  return attributes;
}

std::string ErrorOf(const std::string& line) {
  const auto events = MapRecord(line, 0);
  EXPECT_FALSE(events.ok());
  return std::string(events.status().message());
}

TEST(ReplayMapping, MapsARealRecordToItsEventsInOrder) {
  const std::vector<v1::Event> events = Map(kReal);
  EXPECT_THAT(IdsOf(events),
              ElementsAre("esm-01-029/issued", "esm-01-029/initial_judgement", "esm-01-029/shown",
                          "esm-01-029/active_segment", "esm-01-029/decided", "esm-01-029/applied",
                          "esm-01-029/truth_established"));
  for (const v1::Event& event : events) {
    EXPECT_EQ(event.organisation_id(), "replay");
    EXPECT_EQ(event.decision_id(), "esm-01-029");
    EXPECT_EQ(event.system_id(), "advisor-type-2");
    EXPECT_EQ(event.unit_id(), "block-2");
    EXPECT_EQ(event.decision_kind(), "unspecified");
    EXPECT_EQ(event.actor().id(), "p01");
  }
}

TEST(ReplayMapping, TakesTheFiguresOfARealRecordOver) {
  const std::vector<v1::Event> events = Map(kReal);
  EXPECT_EQ(events[0].issued().suggestions(0).code(), "right");
  EXPECT_FALSE(events[0].issued().has_confidence_ratio());
  EXPECT_EQ(events[0].occurred_at_ms(), 1544773292);
  EXPECT_EQ(events[1].initial_judgement().codes(0).code(), "left");
  EXPECT_EQ(events[1].initial_judgement().timing(), v1::JUDGEMENT_TIMING_BEFORE_DISPLAY);
  EXPECT_EQ(events[1].initial_judgement().elapsed_ms(), 3293);
  EXPECT_EQ(events[1].occurred_at_ms(), 1544773292);
  EXPECT_EQ(events[2].occurred_at_ms(), 1544773292);
  EXPECT_EQ(events[3].active_segment().start_ms(), 1544773292);
  EXPECT_EQ(events[3].active_segment().length_ms(), 3280);
  EXPECT_EQ(events[4].decided().outcome(), v1::DECISION_OUTCOME_OVERRIDDEN);
  EXPECT_EQ(events[4].decided().final_codes(0).code(), "left");
  EXPECT_FALSE(events[4].decided().one_click());
  EXPECT_EQ(events[4].occurred_at_ms(), 1544776572);
  EXPECT_EQ(events[5].applied().applied_by(), v1::EFFECT_CAUSE_PERSON);
  EXPECT_EQ(events[5].applied().codes(0).code(), "left");
  EXPECT_EQ(events[6].truth_established().codes(0).code(), "left");
  EXPECT_EQ(events[6].truth_established().origin(), v1::TRUTH_ORIGIN_ASSERTED_AUDIT);
  EXPECT_EQ(events[6].truth_established().inclusion_ratio(), 1.0);
}

TEST(ReplayMapping, KeepsOtherFiguresAsAttributes) {
  const std::vector<v1::Event> events = Map(kReal);
  EXPECT_THAT(AttributesOf(events[1]), ElementsAre(testing::Pair("confidence_initial", -18),
                                                   testing::Pair("initial_ms", 3293)));
  EXPECT_THAT(AttributesOf(events[4]), ElementsAre(testing::Pair("confidence_final", -8),
                                                   testing::Pair("duration_ms", 3280)));
}

TEST(ReplayMapping, SaysThatMissingDwellIsMissing) {
  const auto events = Map(R"({"decision_id":"d","system_id":"s","t_shown_ms":5,"t_decided_ms":9,)"
                          R"("dwell_ms":null,"suggestion":"a","final":"a","act":"kept"})");
  EXPECT_THAT(IdsOf(events),
              ElementsAre("d/issued", "d/shown", "d/telemetry_gap", "d/decided", "d/applied"));
  EXPECT_EQ(events[2].telemetry_gap().missing(), v1::PAYLOAD_KIND_ACTIVE_SEGMENT);
}

TEST(ReplayMapping, MapsADelegatedRecordToAnEffectByTheSystem) {
  const auto events = Map(R"({"decision_id":"d","system_id":"s","t_shown_ms":5,"t_decided_ms":9,)"
                          R"("dwell_ms":0,"suggestion":"a","final":"a","act":"delegated"})");
  EXPECT_THAT(IdsOf(events), ElementsAre("d/issued", "d/active_segment", "d/applied"));
  EXPECT_EQ(events[2].applied().applied_by(), v1::EFFECT_CAUSE_SYSTEM);
}

TEST(ReplayMapping, CallsADecisionWithoutTheSuggestionIndependent) {
  const auto events = Map(R"({"decision_id":"d","system_id":"s","t_shown_ms":5,"t_decided_ms":9,)"
                          R"("dwell_ms":4,"suggestion":"a","final":"a","act":"own",)"
                          R"("suggestion_seen":false})");
  EXPECT_THAT(IdsOf(events), ElementsAre("d/issued", "d/active_segment", "d/decided", "d/applied"));
  EXPECT_EQ(events[2].decided().outcome(), v1::DECISION_OUTCOME_INDEPENDENT);
}

TEST(ReplayMapping, TakesAClonedSuggestionForOneClick) {
  const auto events = Map(R"({"decision_id":"d","system_id":"s","dwell_ms":4,"suggestion":"a",)"
                          R"("suggestion_p":0.75,"final":"a","act":"cloned","kind":"triage"})");
  EXPECT_EQ(events[0].issued().confidence_ratio(), 0.75);
  EXPECT_EQ(events[0].decision_kind(), "triage");
  EXPECT_EQ(events[3].decided().outcome(), v1::DECISION_OUTCOME_ACCEPTED);
  EXPECT_TRUE(events[3].decided().one_click());
}

TEST(ReplayMapping, MapsARecordWithoutSuggestionToOneUnaidedDecision) {
  const auto events = Map(R"({"decision_id":"d","system_id":"s","t_shown_ms":5,"t_decided_ms":9,)"
                          R"("dwell_ms":4,"suggestion":null,"final":"a","truth":"b"})");
  ASSERT_THAT(IdsOf(events), ElementsAre("d/unaided_decision"));
  EXPECT_EQ(events[0].unaided_decision().active_ms(), 4);
  EXPECT_EQ(events[0].unaided_decision().final_codes(0).code(), "a");
  EXPECT_EQ(events[0].unaided_decision().truth_codes(0).code(), "b");
  EXPECT_EQ(events[0].decision_kind(), "unspecified");
}

TEST(ReplayMapping, PlacesARecordWithoutTimesAtItsNumberInSeconds) {
  const auto events =
      Map(R"({"decision_id":"d","system_id":"s","dwell_ms":250,"suggestion":1,"final":1})", 7);
  EXPECT_EQ(events[0].occurred_at_ms(), 7000);
  EXPECT_EQ(events[2].active_segment().start_ms(), 7000);
  EXPECT_EQ(events[3].occurred_at_ms(), 7250) << "what was seen lies before the decision";
  EXPECT_EQ(events[3].decided().final_codes(0).code(), "1");
}

TEST(ReplayMapping, ComparesListsOfCodesAsSets) {
  const auto events = Map(R"({"decision_id":"d","system_id":"s","dwell_ms":1,)"
                          R"("suggestion":["a","b"],"final":["b","a"]})");
  EXPECT_EQ(events[0].issued().suggestions_size(), 2);
  EXPECT_EQ(events[3].decided().outcome(), v1::DECISION_OUTCOME_ACCEPTED);
}

TEST(ReplayMapping, RoundsFractionsOfMilliseconds) {
  const auto events = Map(R"({"decision_id":"d","system_id":"s","t_shown_ms":1000.4,)"
                          R"("t_decided_ms":1e4,"dwell_ms":3.6,"suggestion":"a","final":"a"})");
  EXPECT_EQ(events[0].occurred_at_ms(), 1000);
  EXPECT_EQ(events[2].active_segment().length_ms(), 4);
  EXPECT_EQ(events[3].occurred_at_ms(), 10000);
}

TEST(ReplayMapping, NamesTheFieldThatIsNotAsWanted) {
  EXPECT_EQ(ErrorOf(R"({"decision_id":"d","system_id":"s","t_shown_ms":"noon","suggestion":"a",)"
                    R"("final":"a"})"),
            "t_shown_ms: got \"noon\", want a number or null");
  EXPECT_EQ(ErrorOf(R"({"system_id":"s","suggestion":"a","final":"a"})"),
            "decision_id: got nothing, want text that is not empty");
  EXPECT_THAT(ErrorOf(R"({"decision_id":"d","system_id":"s","suggestion":"a","final":null})"),
              HasSubstr("final: got nothing"));
  EXPECT_THAT(ErrorOf(R"({"decision_id":"d","system_id":"s","suggestion":{},"final":"a"})"),
              HasSubstr("suggestion: got an object"));
}

TEST(ReplayMapping, RefusesWhatIsNoJsonObjectWithoutRepeatingTheLine) {
  for (const char* line : {"{\"decision_id\":", "[1]", "hello", "{} {}", "{\"a\" 1}"}) {
    const std::string error = ErrorOf(line);
    EXPECT_THAT(error, testing::Not(HasSubstr("\n"))) << line;
  }
}

TEST(PayloadKindOf, FollowsTheNumbersOfThePayloads) {
  const auto* payloads = v1::Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payloads->field_count(); ++i) {
    v1::Event event;
    event.GetReflection()->MutableMessage(&event, payloads->field(i));
    std::string name = "PAYLOAD_KIND_";
    for (const char c : payloads->field(i)->name()) {
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    EXPECT_EQ(v1::PayloadKind_Name(PayloadKindOf(event)), name);
  }
  EXPECT_EQ(PayloadKindOf(v1::Event()), v1::PAYLOAD_KIND_UNSPECIFIED);
}

}  // namespace
}  // namespace vigie::cli
