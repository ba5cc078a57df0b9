// SPDX-License-Identifier: Apache-2.0
// One YAML scalar into one protobuf field, without guessing.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace vigie::policy {

// A scalar as written.
struct YamlScalar {
  std::string text;
  // Written without quotes; only then is it a number or true/false.
  bool is_plain = true;
  // Nothing, `~` or `null`.
  bool is_null = false;
};

// Sets `field` of `message`, or adds to it when it is repeated. INVALID_ARGUMENT says got and want,
// without the field's name: the caller knows its path and position. Strings, bools, 32- and 64-bit
// signed integers and doubles only. Pure but for `message`.
[[nodiscard]] absl::Status SetScalar(const YamlScalar& scalar,
                                     const google::protobuf::FieldDescriptor& field,
                                     google::protobuf::Message* message);

// What a value of `field` looks like, for messages: "an integer", "a list of strings".
[[nodiscard]] std::string Wanted(const google::protobuf::FieldDescriptor& field);

// A value as shown in an error: escaped, quoted, at most 60 characters of it.
[[nodiscard]] std::string Shown(std::string_view value);

}  // namespace vigie::policy
