// SPDX-License-Identifier: Apache-2.0
// How one line of a file of recorded decisions becomes events. `replay` sends them, `check` grades
// them; the table is in `vigie replay --help`.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "vigie/v1/event.pb.h"

namespace vigie::cli {

// The organisation that all events of replayed files belong to.
inline constexpr char kReplayOrganisation[] = "replay";

// The events of one record, in the order in which they are to be sent. `line` is one JSON object;
// `index` is the number of the record in its file, from 0: a record without any time is placed at
// `index` seconds after 1970-01-01. INVALID_ARGUMENT names the field, what it holds and what is
// wanted. Pure; any thread.
//
// Figures are taken as they are: what a record says and the contract forbids (a negative time, an
// identifier of 80 characters) is for the server to refuse.
[[nodiscard]] absl::StatusOr<std::vector<v1::Event>> MapRecord(absl::string_view line,
                                                               int64_t index);

// The kind of the payload that an event carries; unspecified when it carries none.
[[nodiscard]] v1::PayloadKind PayloadKindOf(const v1::Event& event);

}  // namespace vigie::cli
