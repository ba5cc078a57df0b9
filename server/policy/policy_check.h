// SPDX-License-Identifier: Apache-2.0
// What a policy must be, beyond its schema: complete, in range, meaningful.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "policy/yaml_message.h"
#include "vigie/config/v1/policy.pb.h"

namespace vigie::policy {

// Refuses the first field of `schema` that is not optional and was not written. Pure.
[[nodiscard]] absl::Status CheckComplete(const google::protobuf::Descriptor& schema,
                                         const FieldMarks& marks);

// Checks every range of policy.proto. With `marks` the message of the INVALID_ARGUMENT begins with
// `file:line:column: `. Pure.
[[nodiscard]] absl::Status ValidatePolicy(const vigie::config::v1::Policy& policy,
                                          const FieldMarks* marks = nullptr);

// The text is 1 to `max_chars` characters of `[A-Za-z0-9._:/-]`. Pure.
[[nodiscard]] bool IsIdentifier(std::string_view text, size_t max_chars);

// A day of the calendar written `2027-06-30`; nothing for any other text. Pure.
[[nodiscard]] std::optional<absl::CivilDay> ParseDay(std::string_view text);

}  // namespace vigie::policy
