// SPDX-License-Identifier: Apache-2.0
// Streams that break the contract or break off: nothing is lost, and no other stream is harmed.
#include <limits>

#include "grpc/scene.h"

namespace vigie::testing {
namespace {

using StreamEvents = DaemonTest;

// A stream that goes on through another one's trouble.
class Neighbour {
 public:
  explicit Neighbour(v1::IngestService::Stub& stub) : stream_(stub, "neighbour") {
    EXPECT_TRUE(stream_.Started().has_value());
    ExpectUnharmed();
  }
  void ExpectUnharmed() {
    ++sequence_;
    stream_.Send(sequence_, {Decided(static_cast<int>(50'000 + sequence_))});
    const auto acknowledged = stream_.Acknowledged();
    ASSERT_TRUE(acknowledged.has_value());
    EXPECT_EQ(acknowledged->durable_sequence(), sequence_);
    EXPECT_EQ(acknowledged->results_size(), 0);
  }

 private:
  Stream stream_;
  int64_t sequence_ = 0;
};

TEST_F(StreamEvents, WithAGapEndsNamingTheExpectedSequence) {
  Neighbour neighbour(ingest());
  {
    Stream stream(ingest(), "ehr-1");
    ASSERT_TRUE(stream.Started().has_value());
    stream.Send(1, DecidedEvents(1, 3));
    ASSERT_TRUE(stream.Acknowledged().has_value());
    stream.Send(7, DecidedEvents(7, 1));
    const Ending ending = stream.Finish();
    EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
    EXPECT_EQ(ending.detail.expected_sequence(), 4);
    EXPECT_EQ(ending.detail.violation().reason(), v1::REFUSAL_REASON_SEQUENCE_GAP);
    EXPECT_EQ(ending.detail.violation().field(), "batch.first_sequence");
    EXPECT_NE(ending.status.error_message().find("got 7, want 4"), std::string::npos)
        << ending.status.error_message();
  }
  v1::StreamStarted started;
  ASSERT_NE(OpenWhenFree(ingest(), "ehr-1", kRun, &started), nullptr);
  EXPECT_EQ(started.durable_sequence(), 3);
  EXPECT_FALSE(Find("decision-7").has_value());
  neighbour.ExpectUnharmed();
}

TEST_F(StreamEvents, WithARepetitionAnswersDuplicateAndKeepsItsPlace) {
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.Send(1, DecidedEvents(1, 4));
  ASSERT_TRUE(stream.Acknowledged().has_value());
  stream.Send(2, DecidedEvents(2, 5));  // 2, 3, 4 again; 5 and 6 are new.
  const auto acknowledged = stream.Acknowledged();
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->durable_sequence(), 6);
  ASSERT_EQ(acknowledged->results_size(), 3);
  for (const v1::EventResult& result : acknowledged->results()) {
    EXPECT_EQ(result.fate(), v1::EVENT_FATE_DUPLICATE);
  }
  stream.Send(1, DecidedEvents(1, 1));
  const auto old = stream.Acknowledged();
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(old->durable_sequence(), 6);
  EXPECT_TRUE(stream.Finish().status.ok());
}

TEST_F(StreamEvents, WithABatchOverTheLimitOfEventsEndsWithoutAnyOfThem) {
  Neighbour neighbour(ingest());
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  v1::Event small;
  small.set_event_id("e");
  stream.Send(1, std::vector<v1::Event>(4097, small));
  const Ending ending = stream.Finish();
  EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ending.detail.violation().reason(), v1::REFUSAL_REASON_BATCH_TOO_LARGE);
  EXPECT_NE(ending.detail.violation().got().find("4097 events"), std::string::npos);
  EXPECT_NE(ending.detail.violation().want().find("4096"), std::string::npos);
  EXPECT_EQ(ending.detail.retry_delay_ms(), 0) << "the same batch will not help later";
  EXPECT_EQ(Quarantine().kept_count(), 0);
  neighbour.ExpectUnharmed();
}

TEST_F(StreamEvents, WithABatchOverOneMebibyteEndsWithoutAnyOfIt) {
  Neighbour neighbour(ingest());
  for (const int padding_bytes : {300, 2'000}) {  // Over the limit; over what gRPC takes at all.
    v1::StreamStarted started;
    const auto stream = OpenWhenFree(ingest(), "ehr-1", kRun, &started);
    ASSERT_NE(stream, nullptr);
    v1::Event large;
    large.set_unit_id(std::string(static_cast<size_t>(padding_bytes), 'u'));
    stream->Send(1, std::vector<v1::Event>(3500, large));
    const Ending ending = stream->Finish();
    EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << padding_bytes;
    EXPECT_NE(ending.status.error_message(), "");
  }
  EXPECT_EQ(Quarantine().kept_count(), 0);
  neighbour.ExpectUnharmed();
}

TEST_F(StreamEvents, OfASourceThatHasALiveOneAreAborted) {
  Stream first(ingest(), "ehr-1");
  ASSERT_TRUE(first.Started().has_value());
  Stream second(ingest(), "ehr-1");
  EXPECT_FALSE(second.Started().has_value());
  const Ending ending = second.Finish();
  EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(ending.detail.violation().reason(), v1::REFUSAL_REASON_SOURCE_BUSY);
  EXPECT_EQ(ending.detail.violation().field(), "start.source_id");
  first.Send(1, {Decided(1)});
  ASSERT_TRUE(first.Acknowledged().has_value());
  EXPECT_TRUE(first.Finish().status.ok());
  v1::StreamStarted started;
  EXPECT_NE(OpenWhenFree(ingest(), "ehr-1", kRun, &started), nullptr);
}

TEST_F(StreamEvents, ThatDieInTheMiddleResumeFromTheDurableSequence) {
  Neighbour neighbour(ingest());
  int64_t acknowledged_sequence = 0;
  {
    Stream stream(ingest(), "ehr-1");
    ASSERT_TRUE(stream.Started().has_value());
    stream.Send(1, DecidedEvents(1, 100));
    const auto acknowledged = stream.Acknowledged();
    ASSERT_TRUE(acknowledged.has_value());
    acknowledged_sequence = acknowledged->durable_sequence();
    stream.Send(101, DecidedEvents(101, 100));
    stream.Cancel();
  }
  v1::StreamStarted started;
  const auto resumed = OpenWhenFree(ingest(), "ehr-1", kRun, &started);
  ASSERT_NE(resumed, nullptr);
  const int64_t durable = started.durable_sequence();
  EXPECT_GE(durable, acknowledged_sequence);
  EXPECT_LE(durable, 200);
  resumed->Send(durable + 1,
                DecidedEvents(static_cast<int>(durable) + 1, static_cast<int>(300 - durable)));
  const auto rest = resumed->Acknowledged();
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->durable_sequence(), 300);
  EXPECT_EQ(rest->results_size(), 0) << "nothing was sent twice";
  EXPECT_TRUE(resumed->Finish().status.ok());
  const v1::SourceState source = Source("ehr-1");
  ASSERT_EQ(source.delivered_size(), 1);
  EXPECT_EQ(source.delivered(0).count(), 300);
  neighbour.ExpectUnharmed();
}

TEST_F(StreamEvents, OfANewIncarnationStartAtOneAndFindTheirEventsRecorded) {
  {
    Stream stream(ingest(), "ehr-1");
    ASSERT_TRUE(stream.Started().has_value());
    stream.Send(1, DecidedEvents(1, 5));
    EXPECT_TRUE(stream.Finish().status.ok());
  }
  v1::StreamStarted started;
  const auto stream = OpenWhenFree(ingest(), "ehr-1", kOtherRun, &started);
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(started.durable_sequence(), 0);
  EXPECT_EQ(started.max_batch_events(), 4096);
  stream->Send(1, DecidedEvents(4, 4));
  const auto acknowledged = stream->Acknowledged();
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->durable_sequence(), 4);
  EXPECT_EQ(acknowledged->results_size(), 2);
}

TEST_F(StreamEvents, ThatDeclareAGapGoOnAfterItAndItIsCounted) {
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.Send(1, DecidedEvents(1, 2));
  ASSERT_TRUE(stream.Acknowledged().has_value());
  stream.DeclareGap(3, 9);
  const auto declared = stream.Acknowledged();
  ASSERT_TRUE(declared.has_value());
  EXPECT_EQ(declared->durable_sequence(), 9);
  stream.Send(10, DecidedEvents(10, 1));
  const auto acknowledged = stream.Acknowledged();
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->durable_sequence(), 10);
  EXPECT_TRUE(stream.Finish().status.ok());
  EXPECT_EQ(Source("ehr-1").lost_count(), 7);
}

TEST_F(StreamEvents, ThatDeclareAnotherGapThanTheirsAreRefused) {
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.DeclareGap(5, 9);
  const Ending ending = stream.Finish();
  EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ending.detail.expected_sequence(), 1);
}

TEST_F(StreamEvents, ThatDeclareEverySequenceLostAreRefused) {
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.DeclareGap(1, std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(stream.Finish().status.ok()) << "no sequence would be left for the next event";
}

TEST_F(StreamEvents, WithTheLargestFirstSequenceEndAtTheGap) {
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.Send(std::numeric_limits<int64_t>::max(), DecidedEvents(1, 2));
  EXPECT_EQ(stream.Finish().status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
}

TEST_F(StreamEvents, WithAWatermarkAtTheEndOfTimeCloseWhatTheyHold) {
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.Send(1, {Decided(1)});
  stream.SendWatermark(2, std::numeric_limits<int64_t>::max());
  EXPECT_TRUE(stream.Finish().status.ok());
  const auto found = Find("decision-1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->decision().state(), v1::DECISION_STATE_CLOSED);
}

TEST_F(StreamEvents, WhoseMessagesAreOutOfOrderAreInvalid) {
  {
    Stream stream(ingest(), "ehr-1");
    ASSERT_TRUE(stream.Started().has_value());
    v1::StreamEventsRequest start;
    start.mutable_start()->set_source_id("ehr-1");
    start.mutable_start()->set_source_incarnation(kRun);
    stream.Send(start);
    const Ending ending = stream.Finish();
    EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ending.detail.violation().reason(), v1::REFUSAL_REASON_STREAM_ORDER);
  }
  grpc::ClientContext context;
  SetDeadline(context);
  const auto call = ingest().StreamEvents(&context);
  v1::StreamEventsRequest batch;
  batch.mutable_batch()->set_first_sequence(1);
  call->Write(batch);
  v1::StreamEventsResponse response;
  EXPECT_FALSE(call->Read(&response));
  EXPECT_EQ(call->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(DetailOf(context).violation().reason(), v1::REFUSAL_REASON_STREAM_ORDER);
}

TEST_F(StreamEvents, WhoseStartIsWrongSayWhichField) {
  for (const auto& [source_id, incarnation, field] :
       {std::tuple("", kRun, "start.source_id"), std::tuple("two words", kRun, "start.source_id"),
        std::tuple("ehr-1", "not-a-uuid", "start.source_incarnation")}) {
    Stream stream(ingest(), source_id, incarnation);
    EXPECT_FALSE(stream.Started().has_value());
    const Ending ending = stream.Finish();
    EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ending.detail.violation().field(), field);
    EXPECT_NE(ending.detail.violation().want(), "");
  }
}

TEST_F(StreamEvents, MayArriveInAnyOrder) {
  const v1::Event issued = Issued(1);
  v1::Event judged = Issued(1);
  judged.set_event_id("decision-1/judgement");
  judged.mutable_initial_judgement()->add_codes()->set_code("sepsis");
  judged.mutable_initial_judgement()->set_timing(v1::JUDGEMENT_TIMING_BEFORE_DISPLAY);
  Stream stream(ingest(), "ehr-1");
  ASSERT_TRUE(stream.Started().has_value());
  stream.Send(1, {judged, Decided(1), issued});
  const auto acknowledged = stream.Acknowledged();
  ASSERT_TRUE(acknowledged.has_value());
  EXPECT_EQ(acknowledged->results_size(), 0);
}

}  // namespace
}  // namespace vigie::testing
