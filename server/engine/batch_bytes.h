// SPDX-License-Identifier: Apache-2.0
// A batch of events, each left as the bytes that came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace vigie::engine {

// An EventBatch. The events are views of what was read.
struct BatchBytes {
  int64_t first_sequence = 0;
  std::vector<std::string_view> events;
  std::optional<int64_t> watermark_ms;
  size_t size_bytes = 0;
};

// Reads a StreamEventsRequest that holds a batch and whose fields come in order, as every protobuf
// library writes them. Nothing for any other bytes; those may be a request all the same. The events
// are not looked at. Any thread.
[[nodiscard]] std::optional<BatchBytes> ReadBatch(std::string_view request);

}  // namespace vigie::engine
