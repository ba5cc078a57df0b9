// SPDX-License-Identifier: Apache-2.0
// Refused events: kept, shown without people, offered again.
#include "grpc/scene.h"

namespace vigie::testing {
namespace {

class QuarantineOfAnotherHospital : public DaemonTest {
 protected:
  QuarantineOfAnotherHospital() { yaml_ = "organisation_id: wrong-name\n"; }
};

// The operator mistyped the organisation; every event was refused until the file was corrected.
TEST_F(QuarantineOfAnotherHospital, IsReplayedOnceTheConfigurationIsCorrected) {
  v1::Event broken = Decided(3);
  broken.mutable_decided()->clear_outcome();
  const auto refused = Record({Issued(1), Decided(1), Decided(2), broken});
  for (const v1::EventResult& result : refused.results()) {
    EXPECT_EQ(result.fate(), v1::EVENT_FATE_REFUSED);
    EXPECT_EQ(result.violation().reason(), v1::REFUSAL_REASON_ORGANISATION_UNKNOWN);
  }
  ASSERT_EQ(Quarantine().kept_count(), 4);

  Restart("organisation_id: hospital\n");
  // One of them has been sent again meanwhile.
  EXPECT_EQ(Record({Decided(2)}).results(0).fate(), v1::EVENT_FATE_RECORDED);
  const v1::ListQuarantineResponse kept = Quarantine();
  ASSERT_EQ(kept.events_size(), 4);
  const v1::ReplayQuarantineResponse replayed = Replay({});
  ASSERT_EQ(replayed.results_size(), 4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(replayed.results(i).sequence(), kept.events(i).position());
  EXPECT_EQ(replayed.results(0).fate(), v1::EVENT_FATE_RECORDED);
  EXPECT_EQ(replayed.results(1).fate(), v1::EVENT_FATE_RECORDED);
  EXPECT_EQ(replayed.results(2).fate(), v1::EVENT_FATE_DUPLICATE);
  EXPECT_EQ(replayed.results(3).fate(), v1::EVENT_FATE_REFUSED);
  EXPECT_EQ(replayed.results(3).violation().field(), "decided.outcome");

  const auto found = Find("decision-1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->events_size(), 2);
  EXPECT_EQ(found->events(0).source_id(), "unary-source");
  const v1::ListQuarantineResponse left = Quarantine();
  ASSERT_EQ(left.events_size(), 1) << "only what is still wrong stays";
  EXPECT_EQ(left.kept_count(), 1);
  EXPECT_EQ(left.events(0).position(), kept.events(3).position());
}

// A replayed act counts for the same person as one sent directly.
TEST_F(QuarantineOfAnotherHospital, KeepsThePseudonymThroughTheReplay) {
  static_cast<void>(Record({Decided(1)}));
  Restart("organisation_id: hospital\n");
  ASSERT_EQ(Replay({}).results_size(), 1);
  EXPECT_EQ(Record({Decided(1)}).results(0).fate(), v1::EVENT_FATE_DUPLICATE)
      << "the event as the source sends it again is the one that was replayed";
}

using QuarantinedEvents = DaemonTest;

TEST_F(QuarantinedEvents, AreReplayedOnlyAtThePositionsAsked) {
  v1::Event wrong = Decided(1);
  wrong.clear_system_id();
  v1::Event also_wrong = Decided(2);
  also_wrong.clear_system_id();
  static_cast<void>(Record({wrong, also_wrong}));
  const auto kept = Quarantine();
  ASSERT_EQ(kept.events_size(), 2);
  const auto replayed = Replay({kept.events(1).position()});
  ASSERT_EQ(replayed.results_size(), 1);
  EXPECT_EQ(replayed.results(0).sequence(), kept.events(1).position());
  EXPECT_EQ(replayed.results(0).fate(), v1::EVENT_FATE_REFUSED);
  EXPECT_EQ(Quarantine().kept_count(), 2) << "a replay adds nothing to quarantine";
}

TEST_F(QuarantinedEvents, SurviveARestart) {
  v1::Event wrong = Decided(1);
  wrong.clear_system_id();
  static_cast<void>(Record({wrong}));
  Restart();
  const auto kept = Quarantine();
  ASSERT_EQ(kept.events_size(), 1);
  EXPECT_EQ(kept.events(0).violation().field(), "system_id");
}

TEST_F(QuarantinedEvents, ShowNoPerson) {
  v1::Event wrong = Issued(1);
  wrong.mutable_actor()->set_id("canary-clinician");
  wrong.mutable_issued()->set_patient_id("canary-patient");
  wrong.clear_system_id();
  static_cast<void>(Record({wrong}));
  const std::string shown = Quarantine().ShortDebugString();
  EXPECT_NE(shown.find("decision-1"), std::string::npos);
  EXPECT_EQ(shown.find("canary"), std::string::npos) << shown;
}

}  // namespace
}  // namespace vigie::testing
