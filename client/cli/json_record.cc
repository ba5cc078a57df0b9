// SPDX-License-Identifier: Apache-2.0
#include "json_record.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace vigie::cli {
namespace {

using google::protobuf::Value;

// Whole numbers up to this one are exact in a double.
constexpr double kMostExact = 9007199254740992.0;

// A scalar as it would be written; nothing for null, lists and objects.
std::optional<std::string> AsText(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kNumberValue: {
      const double number = value.number_value();
      const bool whole = std::abs(number) <= kMostExact && std::trunc(number) == number;
      return whole ? absl::StrCat(static_cast<int64_t>(number)) : absl::StrCat(number);
    }
    default:
      return std::nullopt;
  }
}

std::string Describe(const Value* value) {
  if (value == nullptr) return "nothing";
  if (value->has_list_value()) return absl::StrCat("a list of ", value->list_value().values_size());
  if (value->has_struct_value()) return "an object";
  if (value->has_string_value()) return absl::StrCat("\"", value->string_value(), "\"");
  return AsText(*value).value_or("null");
}

}  // namespace

absl::StatusOr<JsonRecord> JsonRecord::Parse(absl::string_view line) {
  JsonRecord record;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(line.data(), line.size()), &record.object_);
  if (parsed.ok()) return record;
  // The parser's message goes on with a piece of the line.
  const std::string message(parsed.message().data(), parsed.message().size());
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(message, absl::MaxSplits('\n', 1));
  return absl::InvalidArgumentError(
      absl::StrCat("not a JSON object: ", parts.first, "; want one object a line"));
}

const Value* JsonRecord::Find(const std::string& field) const {
  const auto found = object_.fields().find(field);
  if (found == object_.fields().end() || found->second.has_null_value()) return nullptr;
  return &found->second;
}

void JsonRecord::Refuse(const std::string& field, absl::string_view want) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(
      absl::StrCat(field, ": got ", Describe(Find(field)), ", want ", want));
}

std::string JsonRecord::Text(const std::string& field) {
  const Value* value = Find(field);
  if (value == nullptr) return "";
  if (value->has_string_value()) return value->string_value();
  if (value->has_number_value()) return AsText(*value).value_or("");
  Refuse(field, "text");
  return "";
}

std::string JsonRecord::RequiredText(const std::string& field) {
  std::string text = Text(field);
  if (text.empty()) Refuse(field, "text that is not empty");
  return text;
}

std::optional<double> JsonRecord::Number(const std::string& field) {
  const Value* value = Find(field);
  if (value == nullptr) return std::nullopt;
  if (value->has_number_value() && std::isfinite(value->number_value())) {
    return value->number_value();
  }
  Refuse(field, "a number or null");
  return std::nullopt;
}

std::optional<int64_t> JsonRecord::Milliseconds(const std::string& field) {
  const std::optional<double> number = Number(field);
  if (!number.has_value()) return std::nullopt;
  if (std::abs(*number) <= kMostExact) return std::llround(*number);
  Refuse(field, "milliseconds below 2^53");
  return std::nullopt;
}

std::vector<std::string> JsonRecord::Codes(const std::string& field) {
  const Value* value = Find(field);
  if (value == nullptr) return {};
  std::vector<std::string> codes;
  const auto add = [&](const Value& code) {
    std::optional<std::string> text = AsText(code);
    if (text.has_value() && !text->empty()) {
      codes.push_back(*std::move(text));
    } else {
      Refuse(field, "a code or a list of codes");
    }
  };
  if (value->has_list_value()) {
    for (const Value& code : value->list_value().values()) add(code);
  } else {
    add(*value);
  }
  return codes;
}

bool JsonRecord::Flag(const std::string& field, bool fallback) {
  const Value* value = Find(field);
  if (value == nullptr) return fallback;
  if (value->has_bool_value()) return value->bool_value();
  Refuse(field, "true, false or null");
  return fallback;
}

}  // namespace vigie::cli
