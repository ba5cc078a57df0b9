// SPDX-License-Identifier: Apache-2.0
// Bytes that are not a message fail the call that carries them, and nothing else.
#include "grpc/raw_call.h"
#include "grpc/scene.h"

namespace vigie::testing {
namespace {

constexpr char kStream[] = "/vigie.v1.IngestService/StreamEvents";
constexpr char kRecord[] = "/vigie.v1.IngestService/RecordEvents";
const std::string kGarbage = "\xff\xfe\xfd this is no message \x01";

// RecordEventsRequest or, with another tag, EventBatch with one event whose unit is not UTF-8.
std::string BatchWithInvalidUtf8(v1::Event event) {
  event.set_unit_id("XXXXXX");
  v1::StreamEventsRequest request;
  request.mutable_batch()->set_first_sequence(1);
  *request.mutable_batch()->add_events() = event;
  std::string bytes = request.SerializeAsString();
  return bytes.replace(bytes.find("XXXXXX"), 6, "\xc3\x28\xa0\xa1\xff\xfe");
}

std::string CallWithInvalidUtf8(v1::Event event) {
  event.set_unit_id("XXXXXX");
  v1::RecordEventsRequest request;
  request.set_source_id("ehr-1");
  *request.add_events() = event;
  std::string bytes = request.SerializeAsString();
  return bytes.replace(bytes.find("XXXXXX"), 6, "\xc3\x28\xa0\xa1\xff\xfe");
}

std::string StartBytes() {
  v1::StreamEventsRequest request;
  request.mutable_start()->set_source_id("ehr-1");
  request.mutable_start()->set_source_incarnation(kRun);
  return request.SerializeAsString();
}

// A field of length `bytes` with a number below 16.
std::string Field(int number, const std::string& bytes) {
  EXPECT_LT(bytes.size(), 1U << 14);
  const auto size = static_cast<unsigned>(bytes.size());
  return {static_cast<char>((number << 3) | 2), static_cast<char>((size & 0x7f) | 0x80),
          static_cast<char>(size >> 7)};
}

// A request with one event, written as no library writes it: the batch's number after the event,
// the event's unit after its payload, a field that nobody knows in both.
std::string OddlyWritten(v1::Event event) {
  v1::Event unit;
  unit.set_unit_id(event.unit_id());
  event.clear_unit_id();
  const std::string unknown("\xf8\x38\x01", 3);  // Field 911.
  const std::string odd = event.SerializeAsString() + unit.SerializeAsString() + unknown;
  v1::EventBatch number;
  number.set_first_sequence(1);
  const std::string batch = Field(2, odd) + odd + unknown + number.SerializeAsString();
  return Field(2, batch) + batch;
}

class ForeignBytes : public DaemonTest {
 protected:
  // Another stream, open before and after.
  void SetUp() override {
    DaemonTest::SetUp();
    other_ = std::make_unique<Stream>(ingest(), "other");
    ASSERT_TRUE(other_->Started().has_value());
    before_ = LogPosition();
  }
  void ExpectNothingRecordedAndTheOtherUnharmed() {
    EXPECT_EQ(LogPosition(), before_);
    EXPECT_EQ(Quarantine().kept_count(), 0);
    other_->Send(1, {Decided(9)});
    const auto acknowledged = other_->Acknowledged();
    ASSERT_TRUE(acknowledged.has_value());
    EXPECT_EQ(acknowledged->durable_sequence(), 1);
    EXPECT_TRUE(other_->Finish().status.ok());
  }
  // Sends `bytes` after a sound start.
  grpc::Status StreamWith(const std::string& bytes) {
    RawCall call(channel(), kStream);
    call.Write(StartBytes());
    EXPECT_TRUE(call.Read().has_value());
    call.Write(bytes);
    call.WritesDone();
    EXPECT_FALSE(call.Read().has_value()) << "an acknowledgement of what is no batch";
    return call.Finish();
  }

 private:
  std::unique_ptr<Stream> other_;
  int64_t before_ = 0;
};

TEST_F(ForeignBytes, FailAUnaryCallAlone) {
  EXPECT_FALSE(CallWithBytes(channel(), kRecord, kGarbage).ok());
  ExpectNothingRecordedAndTheOtherUnharmed();
}

TEST_F(ForeignBytes, FailAStreamAlone) {
  EXPECT_FALSE(StreamWith(kGarbage).ok());
  ExpectNothingRecordedAndTheOtherUnharmed();
}

TEST_F(ForeignBytes, FailAStreamAtItsStart) {
  RawCall call(channel(), kStream);
  call.Write(kGarbage);
  EXPECT_FALSE(call.Read().has_value());
  EXPECT_FALSE(call.Finish().ok());
  ExpectNothingRecordedAndTheOtherUnharmed();
}

TEST_F(ForeignBytes, InAStringFailAUnaryCallAlone) {
  EXPECT_FALSE(CallWithBytes(channel(), kRecord, CallWithInvalidUtf8(Decided(1))).ok());
  ExpectNothingRecordedAndTheOtherUnharmed();
}

TEST_F(ForeignBytes, InAStringFailAStreamAlone) {
  EXPECT_FALSE(StreamWith(BatchWithInvalidUtf8(Decided(1))).ok());
  ExpectNothingRecordedAndTheOtherUnharmed();
}

TEST_F(ForeignBytes, InAnotherOrderAreTheSameEvent) {
  RawCall call(channel(), kStream);
  call.Write(StartBytes());
  ASSERT_TRUE(call.Read().has_value());
  call.Write(OddlyWritten(Decided(1)));
  const auto answer = call.Read();
  ASSERT_TRUE(answer.has_value());
  v1::StreamEventsResponse response;
  ASSERT_TRUE(response.ParseFromString(*answer));
  EXPECT_EQ(response.acknowledgement().durable_sequence(), 1);
  EXPECT_EQ(response.acknowledgement().results_size(), 0);
  call.WritesDone();
  EXPECT_TRUE(call.Finish().ok());
  // Written as usual it comes again.
  Stream again(ingest(), "ehr-2");
  ASSERT_TRUE(again.Started().has_value());
  again.Send(1, {Decided(1)});
  const auto acknowledged = again.Acknowledged();
  ASSERT_TRUE(acknowledged.has_value());
  ASSERT_EQ(acknowledged->results_size(), 1);
  EXPECT_EQ(acknowledged->results(0).fate(), v1::EVENT_FATE_DUPLICATE);
}

TEST_F(ForeignBytes, LetTheSameSourceStreamAgain) {
  static_cast<void>(StreamWith(kGarbage));
  v1::StreamStarted started;
  const auto again = OpenWhenFree(ingest(), "ehr-1", kRun, &started);
  ASSERT_NE(again, nullptr);
  again->Send(1, {Decided(1)});
  EXPECT_TRUE(again->Acknowledged().has_value());
}

}  // namespace
}  // namespace vigie::testing
