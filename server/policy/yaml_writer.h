// SPDX-License-Identifier: Apache-2.0
// A protobuf message as canonical YAML.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace vigie::policy {

// Every field in the order of the schema, defaults included; ReadYaml reads it back to the same
// message. Optional fields that are absent are named in a comment. Pure.
[[nodiscard]] std::string WriteYaml(const google::protobuf::Message& message);

}  // namespace vigie::policy
