// SPDX-License-Identifier: Apache-2.0
#include "policy/yaml_scalar.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "base/cat.h"
#include "policy/utf8.h"

namespace vigie::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxShownChars = 60;

size_t CountDigits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(text[count])) ++count;
  return count;
}

std::string_view WithoutSign(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text;
}

// Digits with an optional minus. No leading zero (octal to some readers), no separators.
bool IsInteger(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (text.empty() || CountDigits(text) != text.size()) return false;
  return text.size() == 1 || text[0] != '0';
}

// A decimal number of the YAML core schema: 5, .95, -0.5, 1e-3.
bool IsDecimal(std::string_view text) {
  text = WithoutSign(text);
  const size_t whole = CountDigits(text);
  text.remove_prefix(whole);
  size_t fraction = 0;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    fraction = CountDigits(text);
    text.remove_prefix(fraction);
  }
  if (whole + fraction == 0) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text = WithoutSign(text.substr(1));
  return !text.empty() && CountDigits(text) == text.size();
}

// Plain text that some YAML reader takes for a number.
bool LooksLikeNumber(std::string_view text) {
  const std::string unsigned_text = absl::AsciiStrToLower(base::ToAbsl(WithoutSign(text)));
  return IsDecimal(text) || unsigned_text == ".inf" || unsigned_text == ".nan" ||
         unsigned_text.starts_with("0x") || unsigned_text.starts_with("0o");
}

// Plain text that some YAML reader takes for true or false.
bool LooksLikeBool(std::string_view text) {
  for (const char* const word : {"true", "false", "yes", "no", "on", "off", "y", "n"}) {
    if (absl::EqualsIgnoreCase(base::ToAbsl(text), word)) return true;
  }
  return false;
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

absl::Status Refuse(const YamlScalar& scalar, const FieldDescriptor& field, std::string_view hint) {
  std::string got = "nothing";
  if (!scalar.is_null) {
    got = scalar.is_plain
              ? base::Cat("`", absl::CEscape(scalar.text.substr(0, kMaxShownChars)), "`")
              : Shown(scalar.text);
  }
  return absl::InvalidArgumentError(base::Cat("got ", got, ", want ", Wanted(field), hint));
}

absl::Status SetString(const YamlScalar& scalar, const FieldDescriptor& field, Message* message) {
  if (scalar.is_plain && (LooksLikeNumber(scalar.text) || LooksLikeBool(scalar.text))) {
    return Refuse(scalar, field, "; write it in quotes");
  }
  // The parser makes one byte of each.
  if (!IsUtf8(scalar.text)) {
    return Refuse(scalar, field, R"( in UTF-8; write \u00A0 for \_ and \u0085 for \N)");
  }
  const Reflection& reflection = *message->GetReflection();
  if (field.is_repeated()) {
    reflection.AddString(message, &field, scalar.text);
  } else {
    reflection.SetString(message, &field, scalar.text);
  }
  return absl::OkStatus();
}

absl::Status SetBool(const YamlScalar& scalar, const FieldDescriptor& field, Message* message) {
  const bool value = scalar.text == "true";
  if (!scalar.is_plain || (!value && scalar.text != "false")) return Refuse(scalar, field, "");
  const Reflection& reflection = *message->GetReflection();
  if (field.is_repeated()) {
    reflection.AddBool(message, &field, value);
  } else {
    reflection.SetBool(message, &field, value);
  }
  return absl::OkStatus();
}

template <typename Integer>
absl::Status SetInteger(const YamlScalar& scalar, const FieldDescriptor& field, Message* message) {
  if (!IsInteger(scalar.text)) return Refuse(scalar, field, "");
  if (!scalar.is_plain) return Refuse(scalar, field, "; leave the quotes out");
  const std::optional<Integer> value = ParseNumber<Integer>(scalar.text);
  if (!value.has_value()) {
    return Refuse(scalar, field,
                  base::Cat(" from ", std::numeric_limits<Integer>::min(), " to ",
                            std::numeric_limits<Integer>::max()));
  }
  const Reflection& reflection = *message->GetReflection();
  if constexpr (sizeof(Integer) == sizeof(int32_t)) {
    field.is_repeated() ? reflection.AddInt32(message, &field, *value)
                        : reflection.SetInt32(message, &field, *value);
  } else {
    field.is_repeated() ? reflection.AddInt64(message, &field, *value)
                        : reflection.SetInt64(message, &field, *value);
  }
  return absl::OkStatus();
}

absl::Status SetDouble(const YamlScalar& scalar, const FieldDescriptor& field, Message* message) {
  if (!IsDecimal(scalar.text)) return Refuse(scalar, field, "");
  if (!scalar.is_plain) return Refuse(scalar, field, "; leave the quotes out");
  const std::optional<double> value = ParseNumber<double>(scalar.text);
  if (!value.has_value()) return Refuse(scalar, field, " that a 64-bit double can hold");
  // Adding zero turns -0 into 0, which has other bytes and would have another hash.
  const double number = *value + 0.0;
  const Reflection& reflection = *message->GetReflection();
  if (field.is_repeated()) {
    reflection.AddDouble(message, &field, number);
  } else {
    reflection.SetDouble(message, &field, number);
  }
  return absl::OkStatus();
}

std::string WantedOne(const FieldDescriptor& field, bool many) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? "strings" : "a string";
    case FieldDescriptor::CPPTYPE_BOOL:
      return many ? "true or false values" : "true or false";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      if (field.name().ends_with("_ms")) return "an integer number of milliseconds";
      return many ? "integers" : "an integer";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return many ? "numbers" : "a number";
    default:
      return many ? "mappings" : "a mapping of fields";
  }
}

}  // namespace

absl::Status SetScalar(const YamlScalar& scalar, const FieldDescriptor& field, Message* message) {
  if (scalar.is_null) return Refuse(scalar, field, "; give a value or leave the field out");
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return SetString(scalar, field, message);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(scalar, field, message);
    case FieldDescriptor::CPPTYPE_INT32:
      return SetInteger<int32_t>(scalar, field, message);
    case FieldDescriptor::CPPTYPE_INT64:
      return SetInteger<int64_t>(scalar, field, message);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetDouble(scalar, field, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Refuse(scalar, field, "");
    default:
      return absl::InternalError(
          base::Cat("fields of type ", field.type_name(), " cannot be read from YAML"));
  }
}

std::string Wanted(const FieldDescriptor& field) {
  if (!field.is_repeated()) return WantedOne(field, false);
  return base::Cat("a list of ", WantedOne(field, true));
}

std::string Shown(std::string_view value) {
  const bool is_long = value.size() > kMaxShownChars;
  return base::Cat("\"", absl::CEscape(base::ToAbsl(value.substr(0, kMaxShownChars))),
                   is_long ? "..." : "", "\"");
}

}  // namespace vigie::policy
