// SPDX-License-Identifier: Apache-2.0
// The numeric vectors of ../shared, for tests that hold the product against them.
#pragma once

#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace vigie::support {

using google::protobuf::Struct;
using google::protobuf::Value;

// Nothing when the file is not there or is no JSON object.
[[nodiscard]] inline std::optional<Struct> ReadJson(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  Struct read;
  if (!google::protobuf::util::JsonStringToMessage(text.str(), &read).ok()) return std::nullopt;
  return read;
}

[[nodiscard]] inline const Value& At(const Struct& object, const std::string& key) {
  return object.fields().at(key);
}
[[nodiscard]] inline double Number(const Value& row, const std::string& key) {
  return At(row.struct_value(), key).number_value();
}
[[nodiscard]] inline int64_t Integer(const Value& row, const std::string& key) {
  return static_cast<int64_t>(Number(row, key));
}
[[nodiscard]] inline const std::string& Text(const Value& row, const std::string& key) {
  return At(row.struct_value(), key).string_value();
}

}  // namespace vigie::support
