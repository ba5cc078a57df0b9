// SPDX-License-Identifier: Apache-2.0
#include "engine/codec.h"

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "store/keys.h"
#include "vigie/store/v1/view.pb.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators only.

std::string Encoded(const DecisionState& state) {
  std::string row = "what it held before";
  EncodeDecision(state, &row);
  return row;
}

decision::Fact AFact() {
  decision::Fact fact;
  fact.payload = PAYLOAD_KIND_TRUTH_ESTABLISHED;
  fact.source = 1;
  fact.occurred_at_ms = 1'700'000'000'000;
  fact.position = 12;
  fact.event_hash = 0xfedcba9876543210;
  fact.content_hash = 3;
  fact.unit = 4;
  fact.version = 500;
  fact.role = 6;
  fact.actor.fill(0xcd);
  fact.kind = TRUTH_ORIGIN_DRAWN_AUDIT;
  fact.origin = 8;
  fact.one_click = fact.preselected = fact.limited_time = true;
  fact.start_ms = -9;
  fact.amount = INT64_MIN;
  fact.voided_hash = 11;
  fact.codes = "A";
  fact.group = "draw";
  return fact;
}

// Every field that a row can have, negative numbers where they are possible.
DecisionState AFullState() {
  DecisionState state;
  state.id = "decision-1";
  state.organisation = 1;
  state.system = 2;
  state.kind = 300;
  state.afterwards = {AFact()};
  state.fingerprints = {1, 0xffffffffffffffff};
  state.positions = {70'000, 70'003};
  state.sources = {0, 200};
  state.last_recorded_ms = 1'700'000'000'001;
  state.late_count = 2;
  state.finding.degree = DEGREE_CONCRETE;
  state.finding.reasons = {REASON_EXAMINED_SUGGESTION, REASON_BASELINE_ABSENT};
  state.finding.unit = 5;
  state.finding.version = 6;
  state.finding.actor.fill(0xab);
  state.finding.decisive_at_ms = -7;
  state.finding.active_ms = 0;
  state.finding.minimum_ms = 8;
  state.finding.judgement_ms = -1;
  state.finding.suggested = "A";
  state.finding.judged = "B";
  state.finding.chosen = "C";
  state.finding.exposed = state.finding.batch = state.finding.limited_time = true;
  state.finding.positive_act = decision::Trial::kSuccess;
  state.finding.concrete_examination = decision::Trial::kFailure;
  state.finding.coverage = decision::Trial::kUnknown;
  state.finding.grade = GRADE_OPENED;
  state.test = true;
  state.epoch = 3;
  state.closed_at_ms = 1'700'000'000'002;
  state.truth = decision::CountedTruth{
      .key = {.origin = TRUTH_ORIGIN_DRAWN_AUDIT, .origin_id = "draw"}, .codes = "D"};
  state.plan = 4;
  state.calibration = 5;
  state.serial = 9;
  state.due_recorded_ms = 10;
  state.due_occurred_ms = INT64_MAX;
  state.closing_recorded_ms = 11;
  return state;
}

// Rows are written field by field; what is on disk is nevertheless the message of the proto file.
void IsAsTheMessageSerialises(const DecisionState& state) {
  const std::string row = Encoded(state);
  sv::DecisionView view;
  ASSERT_TRUE(view.ParseFromString(row));
  EXPECT_TRUE(view.GetReflection()->GetUnknownFields(view).empty());
  EXPECT_EQ(view.SerializeAsString(), row);
  const std::string key = store::DecisionKey(state.organisation, state.space, state.id);
  const auto decoded = DecodeDecision(key, row);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(Encoded(*decoded), row);
  EXPECT_EQ(store::DecisionKey(decoded->organisation, decoded->space, decoded->id), key);
}

TEST(Codec, WritesDecisionsAsTheirMessageSerialises) {
  DecisionState state = AFullState();
  for (const Stage stage : {Stage::kClosed, Stage::kOpen, Stage::kPending}) {
    state.stage = stage;
    state.facts = stage == Stage::kClosed ? std::vector<decision::Fact>()
                                          : std::vector{decision::Fact(), AFact()};
    IsAsTheMessageSerialises(state);
  }
  IsAsTheMessageSerialises(DecisionState());
  DecisionState closed;
  closed.stage = Stage::kClosed;
  IsAsTheMessageSerialises(closed);
}

void HoldsEveryField(const google::protobuf::Message& message) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    const bool there = field->is_repeated() ? reflection.FieldSize(message, field) > 0
                                            : reflection.HasField(message, field);
    EXPECT_TRUE(there) << field->full_name();
  }
}

TEST(Codec, KeepsEveryFieldOfAClosedDecision) {
  DecisionState state = AFullState();
  state.stage = Stage::kClosed;
  sv::DecisionView view;
  ASSERT_TRUE(view.ParseFromString(Encoded(state)));
  HoldsEveryField(view.closed());
}

TEST(Codec, KeepsEveryFieldOfABatchAndItsFacts) {
  const std::string row = EncodeBatch(1, "batch", {AFact()}, 2);
  sv::BatchEvidence view;
  ASSERT_TRUE(view.ParseFromString(row));
  HoldsEveryField(view);
  HoldsEveryField(view.facts(0));
  EXPECT_EQ(view.SerializeAsString(), row);
}

}  // namespace
}  // namespace vigie::engine
