// SPDX-License-Identifier: Apache-2.0
// Sets of codes in one canonical form, so that equality of answers is equality of strings.
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/repeated_ptr_field.h"
#include "vigie/v1/event.pb.h"

namespace vigie::decision {

// The set of (system, code), sorted, without repetition, as one string; empty for no code. Two
// answers are the same exactly when these are equal (rule N1).
[[nodiscard]] std::string CanonicalCodes(
    const google::protobuf::RepeatedPtrField<vigie::v1::Code>& codes);

// Alike of the set of one; an empty system is none.
[[nodiscard]] std::string CanonicalCode(std::string_view system, std::string_view code);

}  // namespace vigie::decision
