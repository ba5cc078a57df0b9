// SPDX-License-Identifier: Apache-2.0
// Strict YAML into a protobuf message: what the schema does not know is refused, with its place.
#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "policy/yaml_writer.h"

namespace vigie::policy {

// Largest text that is read.
inline constexpr size_t kMaxYamlBytes = size_t{256} << 10;
// Most items in one list.
inline constexpr int kMaxYamlListItems = 1000;

// A place in a file, both from 1; columns count bytes.
struct Mark {
  int line = 1;
  int column = 1;
};

// Where each field of a message was written. Paths are `closing.settle_delay_ms` and
// `examination.required_evidence[0]`; the empty path is the file itself. A scalar or a list is
// marked at its value, a nested message at its name.
class FieldMarks {
 public:
  FieldMarks() = default;
  explicit FieldMarks(std::string_view file_name) : file_name_(file_name) {}

  void Add(std::string_view path, Mark mark) { marks_.insert_or_assign(std::string(path), mark); }
  // The field was written, whatever its value.
  [[nodiscard]] bool Given(std::string_view path) const { return marks_.contains(path); }
  // `file:line:column: ` of the field, or of the nearest message around it that was written.
  [[nodiscard]] std::string Where(std::string_view path) const;

 private:
  std::string file_name_;
  std::map<std::string, Mark, std::less<>> marks_;
};

// INVALID_ARGUMENT `file:line:column: path: problem`; without the place where `marks` is null.
[[nodiscard]] absl::Status FieldError(const FieldMarks* marks, std::string_view path,
                                      std::string_view problem);

// Reads the one YAML mapping of `text` into `out`. Fields that are not written keep the value they
// had, lists that are written replace theirs; after an error `out` is of no use. Refused, as
// INVALID_ARGUMENT `file:line:column: ...`: unknown fields (names the nearest known one), wrong
// types, numbers out of range of their type, keys given twice, anchors, aliases, tags, merge keys,
// several documents, an empty file, bytes that are not UTF-8, text over kMaxYamlBytes. `marks` may
// be null. Any thread.
[[nodiscard]] absl::Status ReadYaml(std::string_view text, std::string_view file_name,
                                    google::protobuf::Message* out, FieldMarks* marks = nullptr);

}  // namespace vigie::policy
