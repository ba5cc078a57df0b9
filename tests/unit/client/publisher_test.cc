// SPDX-License-Identifier: Apache-2.0
#include "vigie/publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "fake_ingest.h"
#include "vigie/channel.h"

namespace vigie {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;

v1::Event EventNamed(const std::string& event_id) {
  v1::Event event;
  event.set_event_id(event_id);
  event.set_decision_id("d");
  event.mutable_shown();
  return event;
}

absl::Time Later() { return absl::Now() + absl::Seconds(60); }

class PublisherTest : public testing::Test {
 protected:
  PublisherOptions Options() {
    PublisherOptions options;
    options.source_id = "ehr";
    options.initial_backoff = absl::Milliseconds(1);
    options.max_backoff = absl::Milliseconds(20);
    return options;
  }
  std::unique_ptr<Publisher> Open(const PublisherOptions& options) {
    return std::make_unique<Publisher>(ConnectInsecure(server_.address()), options);
  }
  // Publishes events named from `first` to `last`.
  static void Publish(Publisher& publisher, int first, int last) {
    for (int i = first; i <= last; ++i) {
      ASSERT_TRUE(publisher.PublishOrWait(EventNamed(absl::StrCat("e", i)), Later()).ok());
    }
  }
  static std::vector<std::string> Names(int first, int last) {
    std::vector<std::string> names;
    for (int i = first; i <= last; ++i) names.push_back(absl::StrCat("e", i));
    return names;
  }

  FakeIngest server_;
};

TEST_F(PublisherTest, DeliversEveryEventOnceAndInOrder) {
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 5000);
  ASSERT_TRUE(publisher->Close(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(1, 5000));
  EXPECT_EQ(publisher->Stats().acknowledged, 5000);
  EXPECT_EQ(publisher->Stats().sent, 5000);
  EXPECT_EQ(publisher->Stats().buffered_events, 0);
  EXPECT_EQ(publisher->Stats().buffered_bytes, 0);
}

TEST_F(PublisherTest, CutsBatchesToTheServersLimit) {
  server_.LimitBatches(7);
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 100);
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_THAT(server_.batch_sizes(), Each(Le(7)));
  EXPECT_EQ(server_.recorded(), Names(1, 100));
}

TEST_F(PublisherTest, RefusesMoreThanItsBufferHolds) {
  server_.HoldAnswers(true);
  PublisherOptions options = Options();
  options.max_buffered_events = 10;
  const auto publisher = Open(options);
  Publish(*publisher, 1, 10);
  v1::Event extra = EventNamed("e11");
  EXPECT_TRUE(absl::IsResourceExhausted(publisher->Publish(std::move(extra))));
  EXPECT_EQ(extra.event_id(), "e11") << "a refused event must be left as it was";
  EXPECT_EQ(publisher->Stats().buffered_events, 10);
  EXPECT_TRUE(absl::IsDeadlineExceeded(publisher->PublishOrWait(std::move(extra), absl::Now())));
  server_.HoldAnswers(false);
  EXPECT_TRUE(publisher->PublishOrWait(std::move(extra), Later()).ok());
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(1, 11));
}

TEST_F(PublisherTest, BoundsItsBufferInBytes) {
  server_.HoldAnswers(true);
  PublisherOptions options = Options();
  options.max_buffered_bytes = 100;
  const auto publisher = Open(options);
  absl::Status status;
  while (status.ok()) status = publisher->Publish(EventNamed("e"));
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_LE(publisher->Stats().buffered_bytes, 100);
  server_.HoldAnswers(false);
}

TEST_F(PublisherTest, RefusesTextThatWouldPoisonItsBatch) {
  const auto publisher = Open(Options());
  const absl::Status status = publisher->Publish(EventNamed("\xff"));
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("UTF-8"));
}

TEST_F(PublisherTest, RefusesAnEventThatFitsNoBatch) {
  PublisherOptions options = Options();
  options.max_batch_bytes = 100;
  const auto publisher = Open(options);
  EXPECT_TRUE(absl::IsInvalidArgument(publisher->Publish(EventNamed(std::string(200, 'x')))));
}

TEST_F(PublisherTest, ResumesWithoutLossWhenTheServerDiesUnderIt) {
  PublisherOptions options = Options();
  options.max_batch_events = 10;
  const auto publisher = Open(options);
  Publish(*publisher, 1, 200);
  server_.AwaitRecorded(50);
  server_.Stop();
  Publish(*publisher, 201, 300);
  server_.Start();
  ASSERT_TRUE(publisher->Close(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(1, 300));
  EXPECT_EQ(publisher->Stats().acknowledged, 300);
  EXPECT_GE(publisher->Stats().reconnects, 1);
}

TEST_F(PublisherTest, DoesNotSendAgainWhatBecameDurableWithoutAnAnswer) {
  PublisherOptions options = Options();
  options.max_batch_events = 10;
  server_.DieAfterBatches(3);
  const auto publisher = Open(options);
  Publish(*publisher, 1, 100);
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(1, 100));
  EXPECT_EQ(publisher->Stats().acknowledged, 100);
  EXPECT_GE(publisher->Stats().already_durable, 1);
}

TEST_F(PublisherTest, SkipsWhatAnEarlierRunOfTheSameIncarnationSent) {
  PublisherOptions options = Options();
  options.source_incarnation = "00000000-0000-4000-8000-000000000001";
  {
    const auto killed = Open(options);
    Publish(*killed, 1, 60);
    ASSERT_TRUE(killed->Flush(Later()).ok());
  }
  const auto publisher = Open(options);
  Publish(*publisher, 1, 100);
  ASSERT_TRUE(publisher->Close(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(1, 100));
  EXPECT_EQ(publisher->Stats().acknowledged, 100);
  EXPECT_EQ(publisher->Stats().already_durable, 60);
  EXPECT_EQ(publisher->Stats().sent, 40);
}

TEST_F(PublisherTest, TellsTheCallbackWhichEventWasRefusedAndWhy) {
  server_.Judge([](const v1::Event& event) {
    v1::EventResult result;
    if (event.event_id() != "e2") return result;
    result.set_fate(v1::EVENT_FATE_REFUSED);
    result.set_status_code(3);
    result.mutable_violation()->set_field("decided.outcome");
    return result;
  });
  std::vector<RefusedEvent> refused;
  PublisherOptions options = Options();
  options.on_refused = [&refused](const RefusedEvent& event) { refused.push_back(event); };
  const auto publisher = Open(options);
  Publish(*publisher, 1, 3);
  ASSERT_TRUE(publisher->Close(Later()).ok());
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_EQ(refused[0].sequence, 2);
  EXPECT_EQ(refused[0].status_code, 3);
  EXPECT_EQ(refused[0].violation.field(), "decided.outcome");
  EXPECT_EQ(refused[0].event.event_id(), "e2");
  EXPECT_EQ(publisher->Stats().refused, 1);
  EXPECT_EQ(publisher->Stats().acknowledged, 3);
}

TEST_F(PublisherTest, CountsDuplicates) {
  server_.Judge([](const v1::Event& event) {
    v1::EventResult result;
    if (event.event_id() != "e1") result.set_fate(v1::EVENT_FATE_DUPLICATE);
    return result;
  });
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 3);
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_EQ(publisher->Stats().duplicates, 2);
  EXPECT_EQ(publisher->Stats().refused, 0);
}

TEST_F(PublisherTest, WaitsAsLongAsTheServerAsks) {
  v1::ErrorDetail detail;
  detail.set_retry_delay_ms(40);
  server_.FailNextStart(grpc::RESOURCE_EXHAUSTED, detail);
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 1);
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  const std::vector<absl::Time> starts = server_.start_times();
  ASSERT_THAT(starts, SizeIs(2));
  EXPECT_GE(starts[1] - starts[0], absl::Milliseconds(40));
}

TEST_F(PublisherTest, WaitsForItsTurnWhileAnotherStreamOfTheSourceIsLive) {
  server_.FailNextStart(grpc::ABORTED, {});
  server_.FailNextStart(grpc::ABORTED, {});
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 3);
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(1, 3));
  EXPECT_EQ(publisher->Stats().reconnects, 2);
}

TEST_F(PublisherTest, TakesUpTheServersSequenceAfterAGap) {
  v1::ErrorDetail detail;
  detail.set_expected_sequence(1);
  server_.FailNextStart(grpc::OUT_OF_RANGE, detail);
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 3);
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(1, 3));
}

TEST_F(PublisherTest, StartsANewIncarnationWhenTheServerLostItsStore) {
  const auto publisher = Open(Options());
  const std::string first = publisher->SourceIncarnation();
  Publish(*publisher, 1, 10);
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  server_.Stop();
  server_.LoseStore();
  Publish(*publisher, 11, 20);
  server_.Start();
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(11, 20));
  EXPECT_NE(publisher->SourceIncarnation(), first);
  EXPECT_EQ(publisher->Stats().incarnations, 2);
}

TEST_F(PublisherTest, StopsAtAnErrorThatNoRepetitionHeals) {
  server_.FailNextStart(grpc::INVALID_ARGUMENT, {});
  const auto publisher = Open(Options());
  EXPECT_TRUE(absl::IsInvalidArgument(publisher->Close(Later())));
  EXPECT_TRUE(absl::IsInvalidArgument(publisher->Publish(EventNamed("e1"))));
}

TEST_F(PublisherTest, SendsAWatermarkAfterTheEventsBeforeIt) {
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 3);
  ASSERT_TRUE(publisher->SetWatermark(1000).ok());
  Publish(*publisher, 4, 5);
  ASSERT_TRUE(publisher->SetWatermark(2000).ok());
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_THAT(server_.watermarks(), ElementsAre(1000, 2000));
  EXPECT_EQ(server_.recorded(), Names(1, 5));
}

TEST_F(PublisherTest, FlushWaitsForAWatermarkThatTravelsAlone) {
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 1);
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  ASSERT_TRUE(publisher->SetWatermark(7).ok());
  ASSERT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_THAT(server_.watermarks(), ElementsAre(7));
}

TEST_F(PublisherTest, GivesUpAConnectionThatOwesAnAnswerTooLong) {
  server_.HoldAnswers(true);
  PublisherOptions options = Options();
  options.answer_timeout = absl::Milliseconds(30);
  const auto publisher = Open(options);
  Publish(*publisher, 1, 1);
  server_.AwaitStarts(2);
  server_.HoldAnswers(false);
  EXPECT_TRUE(publisher->Flush(Later()).ok());
  EXPECT_EQ(server_.recorded(), Names(1, 1));
}

TEST_F(PublisherTest, SaysWhatIsMissingWhenTimeRunsOut) {
  server_.Stop();
  const auto publisher = Open(Options());
  Publish(*publisher, 1, 3);
  const absl::Status status = publisher->Close(absl::Now() + absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("3 events are not yet acknowledged"));
  EXPECT_TRUE(absl::IsFailedPrecondition(publisher->Publish(EventNamed("e4"))));
}

}  // namespace
}  // namespace vigie
