// SPDX-License-Identifier: Apache-2.0
// Reads one event back from the log.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "store/store.h"
#include "vigie/v1/oversight_service.pb.h"

namespace vigie::oversight {

// The event at a log position with the time of its block, without the pseudonyms of people.
// NOT_FOUND when it was purged, DATA_LOSS when the position holds no event or the block is damaged.
// Worker threads only.
[[nodiscard]] absl::StatusOr<vigie::v1::RecordedEvent> ReadRecordedEvent(
    const store::Store::Reader& reader, int64_t position);

}  // namespace vigie::oversight
