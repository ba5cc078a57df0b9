// SPDX-License-Identifier: Apache-2.0
// Batches of events as a busy hospital would send them, made before the clock starts.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "vigie/v1/ingest_service.pb.h"

namespace vigie::benchmark {

// The shape of the load.
struct LoadShape {
  int64_t event_count = 1'000'000;
  int batch_events = 512;
  int unit_count = 200;
  int actor_count = 2'000;
  int64_t start_ms = 0;  // When the first decision occurs, milliseconds since 1970-01-01.
};

// The batches of stream `stream`: random 128-bit event ids, five or six events a decision, a
// watermark in every batch. The same seed gives the same bytes.
[[nodiscard]] std::vector<vigie::v1::StreamEventsRequest> MakeBatches(const LoadShape& shape,
                                                                      int stream);

}  // namespace vigie::benchmark
