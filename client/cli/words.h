// SPDX-License-Identifier: Apache-2.0
// Enum values of the contract as words, and back.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace vigie::cli {

// `VERDICT_CONCRETE_AND_SIGNIFICANT` of enum Verdict as `concrete and significant`; `unknown value
// 9` for a value this build does not know.
[[nodiscard]] std::string InWords(const google::protobuf::EnumDescriptor& type, int value);

// The value meant by `never-opened`, `never opened`, `NEVER_OPENED` or `REASON_NEVER_OPENED`.
[[nodiscard]] std::optional<int> FromWords(const google::protobuf::EnumDescriptor& type,
                                           absl::string_view words);

// All words but the unspecified one, separated by commas.
[[nodiscard]] std::string AllWords(const google::protobuf::EnumDescriptor& type);

template <typename Enum>
[[nodiscard]] std::string InWords(Enum value) {
  return InWords(*google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

}  // namespace vigie::cli
