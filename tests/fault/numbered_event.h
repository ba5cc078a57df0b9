// SPDX-License-Identifier: Apache-2.0
// Events that are a function of their source and sequence alone, so that a feed can go on after
// either side died, and whoever reads the log knows each event by its name.
#pragma once

#include <cstdint>
#include <string>

#include "vigie/v1/event.pb.h"

namespace vigie::testing {

// How many events each decision has. Sequences 1 to 6 are the first decision of a source.
inline constexpr int64_t kNumberedDecisionEvents = 6;
// Between the beginnings of two decisions of a source, milliseconds.
inline constexpr int64_t kNumberedDecisionMs = 1'000;

// The event of `source_id` with `sequence`, from 1: event_id is `<source_id>.<sequence>`. The
// source's first decision begins at `start_ms`, milliseconds since 1970-01-01.
[[nodiscard]] v1::Event NumberedEvent(const std::string& source_id, int64_t sequence,
                                      int64_t start_ms);

// When the decision of that event begins: no event from `sequence` on occurs before it.
[[nodiscard]] int64_t NumberedBeginMs(int64_t sequence, int64_t start_ms);

}  // namespace vigie::testing
