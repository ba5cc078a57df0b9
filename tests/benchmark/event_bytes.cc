// SPDX-License-Identifier: Apache-2.0
#include "event_bytes.h"

#include <google/protobuf/io/coded_stream.h>

#include <cstdlib>
#include <cstring>

#include "vigie/v1/ingest_service.pb.h"

namespace vigie::benchmark {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using google::protobuf::io::CodedOutputStream;

// Where these stand in a template, a value is written. The times have as many bytes as all times
// from 2004 to 2109.
constexpr std::string_view kEventId = "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE";
constexpr std::string_view kDecisionId = "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD";
constexpr std::string_view kUnit = "UUU";
constexpr std::string_view kActor = "AAAA";
constexpr std::string_view kSystemName = "system-";  // And a digit.
constexpr int64_t kOccurredAtMs = 1'700'000'000'001;
constexpr int64_t kSentAtMs = 1'700'000'000'002;
constexpr int64_t kSegmentStartMs = 1'700'000'000'003;
constexpr size_t kTimeBytes = 6;

constexpr char kRight[] = "send";
constexpr char kWrong[] = "keep";

constexpr int64_t kWatermarkTrailsMs = 60'000;
constexpr int64_t kWatermarkLeadsMs = 600'000;
constexpr size_t kHeaderRoom = 32;

std::string TimeBytes(int64_t ms) {
  uint8_t bytes[10];
  uint8_t* const end = CodedOutputStream::WriteVarint64ToArray(static_cast<uint64_t>(ms), bytes);
  return std::string(&bytes[0], end);
}

size_t Find(const std::string& bytes, std::string_view mark) {
  const size_t at = bytes.find(mark);
  if (at == std::string::npos || bytes.find(mark, at + 1) != std::string::npos) std::abort();
  return at;
}

void WriteTime(int64_t ms, char* at) {
  auto value = static_cast<uint64_t>(ms);
  for (size_t i = 0; i + 1 < kTimeBytes; ++i, value >>= 7) {
    at[i] = static_cast<char>(value | 0x80);
  }
  at[kTimeBytes - 1] = static_cast<char>(value);
}

uint8_t* WriteVarintField(int number, int64_t value, uint8_t* at) {
  at = CodedOutputStream::WriteTagToArray(static_cast<uint32_t>(number) << 3, at);
  return CodedOutputStream::WriteVarint64ToArray(static_cast<uint64_t>(value), at);
}

void SetPayload(Step step, bool right, Event* event) {
  switch (step) {
    case Step::kIssued:
      event->mutable_issued()->add_suggestions()->set_code(kRight);
      break;
    case Step::kShown:
      event->mutable_shown();
      break;
    case Step::kOpened:
      event->mutable_opened();
      break;
    case Step::kActiveSegment:
      event->mutable_active_segment()->set_start_ms(kSegmentStartMs);
      event->mutable_active_segment()->set_length_ms(kSegmentLengthMs);
      break;
    case Step::kDecided:
      event->mutable_decided()->set_outcome(right ? DECISION_OUTCOME_ACCEPTED
                                                  : DECISION_OUTCOME_OVERRIDDEN);
      event->mutable_decided()->add_final_codes()->set_code(right ? kRight : kWrong);
      break;
    case Step::kApplied:
      event->mutable_applied()->add_codes()->set_code(right ? kRight : kWrong);
      event->mutable_applied()->set_applied_by(EFFECT_CAUSE_PERSON);
      break;
  }
}

}  // namespace

EventEncoder::EventEncoder() {
  static_assert(int{EventBatch::kEventsFieldNumber} ==
                int{RecordEventsRequest::kEventsFieldNumber});
  for (int step = 0; step < kStepCount; ++step) {
    for (const bool right : {false, true}) {
      templates_[static_cast<size_t>(step)][right ? 1 : 0] = Make(static_cast<Step>(step), right);
    }
  }
}

EventEncoder::Template EventEncoder::Make(Step step, bool right) {
  EventBatch batch;
  Event* event = batch.add_events();
  event->set_event_id(std::string(kEventId));
  event->set_organisation_id("benchmark");
  event->set_decision_id("d-" + std::string(kDecisionId));
  event->set_system_id(std::string(kSystemName) + "0");
  event->set_unit_id("unit-" + std::string(kUnit));
  event->set_decision_kind("triage");
  event->mutable_actor()->set_id("clinician-" + std::string(kActor));
  event->mutable_actor()->set_role("physician");
  event->set_occurred_at_ms(kOccurredAtMs);
  event->set_sent_at_ms(kSentAtMs);
  SetPayload(step, right, event);
  Template made;
  made.bytes = batch.SerializeAsString();
  made.event_id = Find(made.bytes, kEventId);
  made.decision_id = Find(made.bytes, kDecisionId);
  made.unit = Find(made.bytes, kUnit);
  made.actor = Find(made.bytes, kActor);
  made.system = Find(made.bytes, kSystemName) + kSystemName.size();
  made.occurred_at_ms = Find(made.bytes, TimeBytes(kOccurredAtMs));
  made.sent_at_ms = Find(made.bytes, TimeBytes(kSentAtMs));
  if (step == Step::kActiveSegment) {
    made.segment_start_ms = Find(made.bytes, TimeBytes(kSegmentStartMs));
  }
  return made;
}

void EventEncoder::Append(const LoadEvent& event, std::string* bytes) const {
  const LoadDecision& decision = *event.decision;
  const Template& from = templates_[static_cast<size_t>(event.step)][decision.right ? 1 : 0];
  const size_t begin = bytes->size();
  bytes->append(from.bytes);
  char* to = bytes->data() + begin;
  WriteHex(event.id, to + from.event_id);
  WriteHex(decision.id, to + from.decision_id);
  WriteDigits(decision.unit, static_cast<int>(kUnit.size()), to + from.unit);
  WriteDigits(decision.actor, static_cast<int>(kActor.size()), to + from.actor);
  WriteDigits(decision.system, 1, to + from.system);
  WriteTime(event.occurred_at_ms, to + from.occurred_at_ms);
  WriteTime(event.sent_at_ms, to + from.sent_at_ms);
  if (from.segment_start_ms != 0) {
    WriteTime(decision.began_ms + kSegmentStartsAfterMs, to + from.segment_start_ms);
  }
}

void BatchBuffer::Fill(const EventEncoder& encoder, int64_t first_sequence, int event_count,
                       bool last, Feed* feed) {
  buffer_.resize(kHeaderRoom);
  for (int i = 0; i < event_count; ++i) encoder.Append(feed->Next(), &buffer_);
  const int64_t watermark_ms = feed->now_ms() + (last ? kWatermarkLeadsMs : -kWatermarkTrailsMs);
  uint8_t field[16];
  uint8_t* const end = WriteVarintField(EventBatch::kWatermarkMsFieldNumber, watermark_ms, field);
  buffer_.append(&field[0], end);
  const size_t body = buffer_.size() - kHeaderRoom;
  uint8_t first[16];
  const auto first_bytes = static_cast<size_t>(
      WriteVarintField(EventBatch::kFirstSequenceFieldNumber, first_sequence, first) - first);
  uint8_t header[kHeaderRoom];
  constexpr uint32_t kBatchTag = StreamEventsRequest::kBatchFieldNumber << 3 | 2;
  uint8_t* at = CodedOutputStream::WriteTagToArray(kBatchTag, header);
  at = CodedOutputStream::WriteVarint64ToArray(first_bytes + body, at);
  std::memcpy(at, first, first_bytes);
  const auto header_bytes = static_cast<size_t>(at - header) + first_bytes;
  begin_ = kHeaderRoom - header_bytes;
  std::memcpy(buffer_.data() + begin_, header, header_bytes);
}

void WriteDigits(int value, int width, char* at) {
  for (int i = width - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

void WriteHex(const RandomId& id, char* at) {
  static const std::array<std::array<char, 2>, 256> kPairs = [] {
    constexpr char kDigits[] = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> pairs{};
    for (size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kDigits[i >> 4], kDigits[i & 15]};
    return pairs;
  }();
  for (const uint64_t half : id) {
    for (int shift = 56; shift >= 0; shift -= 8, at += 2) {
      std::memcpy(at, kPairs[half >> shift & 0xff].data(), 2);
    }
  }
}

}  // namespace vigie::benchmark
