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
