// SPDX-License-Identifier: Apache-2.0
#include "oversight/recorded_event.h"

#include "base/status_macros.h"
#include "store/block.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Messages only.

// An event for people who may see the decision but not who took it.
void HidePeople(Event* event) {
  event->mutable_actor()->clear_pseudonym();
  event->mutable_actor()->clear_key_epoch();
  if (event->actor().role().empty()) event->clear_actor();
  if (event->has_issued()) {
    event->mutable_issued()->clear_patient_pseudonym();
    event->mutable_issued()->clear_patient_key_epoch();
  }
}

}  // namespace

absl::StatusOr<RecordedEvent> ReadRecordedEvent(const store::Store::Reader& reader,
                                                int64_t position) {
  VIGIE_ASSIGN_OR_RETURN(const std::string bytes, reader.BlockHolding(position));
  VIGIE_ASSIGN_OR_RETURN(const auto block, store::DecodeBlock(bytes));
  const int64_t index = position - block.first_position();
  if (index < 0 || index >= block.records_size() ||
      !block.records(static_cast<int>(index)).has_event()) {
    return absl::DataLossError("log: a decision names a position that holds no event");
  }
  const auto& recorded = block.records(static_cast<int>(index)).event();
  RecordedEvent out;
  if (!out.mutable_event()->ParseFromString(recorded.event())) {
    return absl::DataLossError("log record: not an event");
  }
  out.mutable_event()->set_sent_at_ms(store::SentAtMs(recorded, out.event().occurred_at_ms()));
  HidePeople(out.mutable_event());
  out.set_position(position);
  out.set_recorded_at_ms(block.recorded_at_ms());
  out.set_source_id(recorded.source_id());
  return out;
}

}  // namespace vigie::oversight
