// SPDX-License-Identifier: Apache-2.0
// A daemon whose disk is down to its reserve: the reserve is larger than the disk has free.
#include <filesystem>

#include "grpc/scene.h"
#include "gtest/gtest.h"

namespace vigie::testing {
namespace {

constexpr int64_t kLargestReserve = int64_t{1} << 40;

class FullDisk : public DaemonTest {
 protected:
  void SetUp() override {
    const auto space = std::filesystem::space(std::filesystem::temp_directory_path());
    if (space.available > kLargestReserve) GTEST_SKIP() << "more than 1 TiB is free on this disk";
    yaml_ = "limits: {disk_reserve_bytes: " + std::to_string(kLargestReserve) + "}\n";
    DaemonTest::SetUp();
  }
};

TEST_F(FullDisk, RefusesEventsWithItsReasonAndADelayAndAnswersQuestions) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::RecordEventsRequest request;
  request.set_source_id("ehr-1");
  *request.add_events() = Decided(1);
  v1::RecordEventsResponse response;
  const grpc::Status status = ingest().RecordEvents(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  const v1::ErrorDetail detail = DetailOf(context);
  EXPECT_EQ(detail.violation().reason(), v1::REFUSAL_REASON_DISK_RESERVE);
  EXPECT_GT(detail.retry_delay_ms(), 0);
  EXPECT_NE(detail.violation().want().find("space was freed"), std::string::npos);
  EXPECT_GT(LogPosition(), 0) << "a question";
}

TEST_F(FullDisk, EndsAStreamWithItsReason) {
  Stream stream(ingest(), "ehr-1");
  EXPECT_FALSE(stream.Started().has_value());
  const Ending ending = stream.Finish();
  EXPECT_EQ(ending.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ending.detail.violation().reason(), v1::REFUSAL_REASON_DISK_RESERVE);
  EXPECT_GT(ending.detail.retry_delay_ms(), 0);
}

TEST_F(FullDisk, IsTakenUpAgainByADaemonThatKeepsLess) {
  Restart("limits: {disk_reserve_bytes: 0}\n");
  EXPECT_EQ(Record({Decided(1)}).results(0).fate(), v1::EVENT_FATE_RECORDED);
}

}  // namespace
}  // namespace vigie::testing
