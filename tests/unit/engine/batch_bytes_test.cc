// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_bytes.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/events.h"
#include "vigie/v1/ingest_service.pb.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Messages.
using namespace vigie::support;

StreamEventsRequest ARequest() {
  StreamEventsRequest request;
  EventBatch& batch = *request.mutable_batch();
  batch.set_first_sequence(7);
  *batch.add_events() = ShownAt("d", kMorningMs);
  *batch.add_events() = DecidedAt("d", kMorningMs);
  batch.set_watermark_ms(0);
  return request;
}

TEST(BatchBytes, AreWhatTheMessageHolds) {
  const StreamEventsRequest request = ARequest();
  const std::string bytes = request.SerializeAsString();
  const auto batch = ReadBatch(bytes);
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->first_sequence, 7);
  EXPECT_EQ(batch->watermark_ms, 0);
  EXPECT_EQ(batch->size_bytes, request.batch().ByteSizeLong());
  ASSERT_EQ(batch->events.size(), 2U);
  EXPECT_EQ(batch->events[0], request.batch().events(0).SerializeAsString());
  EXPECT_EQ(batch->events[1], request.batch().events(1).SerializeAsString());
}

TEST(BatchBytes, OfAnEmptyBatchAreNone) {
  StreamEventsRequest request;
  request.mutable_batch();
  const std::string bytes = request.SerializeAsString();
  const auto batch = ReadBatch(bytes);
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->events.empty());
  EXPECT_FALSE(batch->watermark_ms.has_value());
}

TEST(BatchBytes, AreNotReadFromWhatIsWrittenInAnotherWay) {
  StreamEventsRequest start;
  start.mutable_start()->set_source_id("ehr");
  EXPECT_FALSE(ReadBatch(start.SerializeAsString()).has_value());
  EXPECT_FALSE(ReadBatch("").has_value());
  const std::string batch = ARequest().SerializeAsString();
  // A second field of the request, which would take the place of the first.
  EXPECT_FALSE(ReadBatch(batch + start.SerializeAsString()).has_value());
  // A field that this version does not know.
  StreamEventsRequest newer = ARequest();
  newer.batch().GetReflection()->MutableUnknownFields(newer.mutable_batch())->AddVarint(900, 1);
  EXPECT_FALSE(ReadBatch(newer.SerializeAsString()).has_value());
  // An order that no library writes: first_sequence after the events.
  EventBatch events;
  *events.add_events() = ShownAt("d", kMorningMs);
  EventBatch number;
  number.set_first_sequence(7);
  const std::string late = events.SerializeAsString() + number.SerializeAsString();
  const std::string framed = std::string("\x12", 1) + static_cast<char>(late.size()) + late;
  StreamEventsRequest read;
  ASSERT_TRUE(read.ParseFromString(framed));
  EXPECT_EQ(read.batch().first_sequence(), 7);
  EXPECT_FALSE(ReadBatch(framed).has_value());
}

TEST(BatchBytes, AreNotReadFromWhatIsCutAnywhere) {
  const std::string whole = ARequest().SerializeAsString();
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    StreamEventsRequest request;
    EXPECT_FALSE(ReadBatch(cut).has_value()) << size;
    EXPECT_EQ(request.ParseFromString(cut), size == 0) << size;
  }
}

}  // namespace
}  // namespace vigie::engine
