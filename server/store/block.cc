// SPDX-License-Identifier: Apache-2.0
#include "store/block.h"

#include <utility>

#include "base/cat.h"
#include "store/digest.h"
#include "store/wire.h"

namespace vigie::store {
namespace {

namespace sv = vigie::store::v1;
using wire::BytesFieldSize;
using wire::PresentVarintFieldSize;
using wire::PutLength;
using wire::PutPresentVarintField;

constexpr size_t kHeaderBytes = 5;
constexpr size_t kReservedBytes = size_t{4} << 10;  // For what is not an event.

void PutHeader(std::string& bytes) {
  const uint32_t crc = Crc32c(std::string_view(bytes).substr(kHeaderBytes));
  bytes[0] = kBlockFormat;
  for (int i = 0; i < 4; ++i) bytes[1 + i] = static_cast<char>((crc >> (24 - 8 * i)) & 0xff);
}

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(
      base::Cat("log block: ", what, "; keep a copy of the data directory and restore a backup"));
}

}  // namespace

EventRecord::EventRecord(size_t event_bytes, std::string_view source_id, int64_t occurred_at_ms,
                         int64_t sent_at_ms)
    : event_bytes_(event_bytes), source_id_(source_id) {
  using google::protobuf::internal::WireFormatLite;
  if (sent_at_ms != 0) sent_after_ = WireFormatLite::ZigZagEncode64(sent_at_ms - occurred_at_ms);
  recorded_size_ = (event_bytes == 0 ? 0 : BytesFieldSize(event_bytes)) +
                   (source_id.empty() ? 0 : BytesFieldSize(source_id.size())) +
                   (sent_after_.has_value() ? PresentVarintFieldSize(*sent_after_) : 0);
  record_size_ = BytesFieldSize(recorded_size_);
  size_ = BytesFieldSize(record_size_);
}

uint8_t* EventRecord::Begin(uint8_t* out) const {
  out = PutLength(sv::Block::kRecordsFieldNumber, record_size_, out);
  out = PutLength(sv::Record::kEventFieldNumber, recorded_size_, out);
  if (event_bytes_ == 0) return out;
  return PutLength(sv::RecordedEvent::kEventFieldNumber, event_bytes_, out);
}

uint8_t* EventRecord::End(uint8_t* out) const {
  if (!source_id_.empty()) {
    out = PutLength(sv::RecordedEvent::kSourceIdFieldNumber, source_id_.size(), out);
    out = wire::PutBytes(source_id_, out);
  }
  if (!sent_after_.has_value()) return out;
  return PutPresentVarintField(sv::RecordedEvent::kSentAfterMsFieldNumber, *sent_after_, out);
}

BlockWriter::BlockWriter(int64_t first_position, int64_t recorded_at_ms,
                         std::string_view previous_sha256, int64_t expected_bytes)
    : first_position_(first_position) {
  bytes_.reserve(kReservedBytes + static_cast<size_t>(expected_bytes));
  bytes_.resize(kHeaderBytes);
  sv::Block start;
  start.set_first_position(first_position);
  start.set_recorded_at_ms(recorded_at_ms);
  start.set_previous_sha256(previous_sha256.data(), previous_sha256.size());
  start.AppendToString(&bytes_);
}

void BlockWriter::Add(const sv::Record& record) {
  ++record_count_;
  CopyEvents();
  wire::Fields(&bytes_).Message(sv::Block::kRecordsFieldNumber, record);
}

void BlockWriter::AddEvent(std::string_view record) {
  ++record_count_;
  if (!events_.empty() && events_.data() + events_.size() == record.data()) {
    events_ = std::string_view(events_.data(), events_.size() + record.size());
    return;
  }
  CopyEvents();
  events_ = record;
}

void BlockWriter::CopyEvents() { bytes_ += std::exchange(events_, {}); }

void BlockWriter::AddProgress(const sv::SourceProgress& progress) {
  wire::Fields(&progress_).Message(sv::Block::kProgressFieldNumber, progress);
}

std::string BlockWriter::Finish() {
  CopyEvents();
  bytes_ += progress_;
  PutHeader(bytes_);
  return std::move(bytes_);
}

int64_t SentAtMs(const sv::RecordedEvent& recorded, int64_t occurred_at_ms) {
  return recorded.has_sent_after_ms() ? occurred_at_ms + recorded.sent_after_ms()
                                      : recorded.sent_at_ms();
}

std::string EncodeBlock(const sv::Block& block) {
  std::string bytes(kHeaderBytes, '\0');
  block.AppendToString(&bytes);
  PutHeader(bytes);
  return bytes;
}

absl::StatusOr<vigie::store::v1::Block> DecodeBlock(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return Damaged("shorter than its header");
  if (bytes[0] != kBlockFormat) {
    return absl::FailedPreconditionError(
        base::Cat("log block: got format ", static_cast<int>(bytes[0]), ", want ",
                  static_cast<int>(kBlockFormat), "; a newer vigied wrote it"));
  }
  uint32_t crc = 0;
  for (int i = 0; i < 4; ++i) crc = crc << 8 | static_cast<unsigned char>(bytes[1 + i]);
  const std::string_view payload = bytes.substr(kHeaderBytes);
  if (Crc32c(payload) != crc) return Damaged("checksum does not match");
  vigie::store::v1::Block block;
  if (!block.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Damaged("not a block");
  }
  return block;
}

}  // namespace vigie::store
