// SPDX-License-Identifier: Apache-2.0
// Events of the load as the bytes of a protobuf batch, at a cost that leaves the machine to the
// daemon: a template for each kind of event, serialised once, in which the values that vary are
// overwritten. They all have a fixed width.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "load_feed.h"

namespace vigie::benchmark {

// Appends events as elements of the field `events`, which EventBatch and RecordEventsRequest number
// alike. Thread-compatible.
class EventEncoder {
 public:
  EventEncoder();

  void Append(const LoadEvent& event, std::string* bytes) const;

 private:
  struct Template {
    std::string bytes;
    size_t event_id = 0;
    size_t decision_id = 0;
    size_t unit = 0;
    size_t actor = 0;
    size_t system = 0;
    size_t occurred_at_ms = 0;
    size_t sent_at_ms = 0;
    size_t segment_start_ms = 0;  // 0 = none.
  };

  [[nodiscard]] static Template Make(Step step, bool right);

  std::array<std::array<Template, 2>, kStepCount> templates_;  // By step, and whether right.
};

// A StreamEventsRequest with a batch, built in one buffer that is used again and again.
class BatchBuffer {
 public:
  // Takes the next `event_count` events of the feed; the watermark trails the feed, or, for the
  // `last` batch, runs ahead so that every decision that was decided closes.
  void Fill(const EventEncoder& encoder, int64_t first_sequence, int event_count, bool last,
            Feed* feed);
  // Valid until the next Fill.
  [[nodiscard]] std::string_view bytes() const { return std::string_view(buffer_).substr(begin_); }

 private:
  std::string buffer_;
  size_t begin_ = 0;
};

// `width` decimal digits of `value`, at `at`.
void WriteDigits(int value, int width, char* at);

// 32 hexadecimal digits, at `at`.
void WriteHex(const RandomId& id, char* at);

}  // namespace vigie::benchmark
