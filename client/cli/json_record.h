// SPDX-License-Identifier: Apache-2.0
// Typed reading of one JSON object, with errors that name the field, what it holds and what is
// wanted. An absent field and a null are the same.
#pragma once

#include <google/protobuf/struct.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace vigie::cli {

// One object of JSON lines. Reading never fails at once: the first field that is not as wanted is
// kept in status(), so that a caller reads everything and asks once. One thread.
class JsonRecord {
 public:
  // INVALID_ARGUMENT when `line` is not a JSON object.
  [[nodiscard]] static absl::StatusOr<JsonRecord> Parse(absl::string_view line);

  // A string or a whole number, as text; empty when absent.
  [[nodiscard]] std::string Text(const std::string& field);
  // As Text; absent is an error.
  [[nodiscard]] std::string RequiredText(const std::string& field);
  [[nodiscard]] std::optional<double> Number(const std::string& field);
  // A number, rounded.
  [[nodiscard]] std::optional<int64_t> Milliseconds(const std::string& field);
  // One answer or a list of them, each text, a number or a boolean; none when absent.
  [[nodiscard]] std::vector<std::string> Codes(const std::string& field);
  // `fallback` when absent.
  [[nodiscard]] bool Flag(const std::string& field, bool fallback);

  // The first field that was not as wanted.
  [[nodiscard]] const absl::Status& status() const { return status_; }
  // Notes that `field` is not as wanted.
  void Refuse(const std::string& field, absl::string_view want);

 private:
  [[nodiscard]] const google::protobuf::Value* Find(const std::string& field) const;

  google::protobuf::Struct object_;
  absl::Status status_;
};

}  // namespace vigie::cli
