// SPDX-License-Identifier: Apache-2.0
// How answers are written: protobuf JSON for programs, aligned columns for people.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace vigie::cli {

// JSON with lowerCamelCase names. Plain fields are always there, zero or not; fields that can be
// absent (messages, proto3 `optional`) are left out when they are; 64-bit integers are strings.
// Ends with a newline.
[[nodiscard]] std::string ToJson(const google::protobuf::Message& message);
// The same on one line, for streams of answers.
[[nodiscard]] std::string ToJsonLine(const google::protobuf::Message& message);

// Columns under a heading, as wide as needed. A heading that starts with '>' aligns to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> headings);
  void Add(std::vector<std::string> row);
  [[nodiscard]] std::string Text() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

// To standard output.
void Write(absl::string_view text);

// Milliseconds since 1970-01-01 as `2026-11-22 14:03:07Z`; `-` for 0.
[[nodiscard]] std::string TimeText(int64_t ms);
// `3.28 s`, `12 min`: short, for people.
[[nodiscard]] std::string SpanText(double ms);

}  // namespace vigie::cli
