// SPDX-License-Identifier: Apache-2.0
#include "engine/batch_bytes.h"

#include <climits>

#include "store/wire_reading.h"
#include "vigie/v1/ingest_service.pb.h"

namespace vigie::engine {
namespace {

namespace wire = store::wire;
using vigie::v1::EventBatch;
using vigie::v1::StreamEventsRequest;

bool ReadBatchField(uint32_t tag, wire::Input& in, BatchBytes& batch) {
  switch (tag) {
    case wire::VarintTag(EventBatch::kFirstSequenceFieldNumber):
      return wire::ReadVarint(in, batch.first_sequence);
    case wire::BytesTag(EventBatch::kEventsFieldNumber):
      return in.ReadBytes(batch.events.emplace_back());
    case wire::VarintTag(EventBatch::kWatermarkMsFieldNumber):
      return wire::ReadVarint(in, batch.watermark_ms.emplace());
    default:
      return false;
  }
}

}  // namespace

std::optional<BatchBytes> ReadBatch(std::string_view request) {
  wire::Input in(request);
  std::string_view bytes;
  if (in.ReadTag() != wire::BytesTag(StreamEventsRequest::kBatchFieldNumber) ||
      !in.ReadBytes(bytes) || !in.at_end()) {
    return std::nullopt;
  }
  BatchBytes batch;
  batch.size_bytes = bytes.size();
  const size_t end = wire::ReadFields(
      bytes, INT_MAX, EventBatch::kEventsFieldNumber,
      [&batch](uint32_t tag, wire::Input& field) { return ReadBatchField(tag, field, batch); });
  if (end != bytes.size()) return std::nullopt;
  return batch;
}

}  // namespace vigie::engine
