// SPDX-License-Identifier: Apache-2.0
#include "policy/yaml_writer.h"

#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/cat.h"

namespace vigie::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Always in double quotes, so that no reader takes it for something else.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\x%02X", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

// The shortest digits that read back to the same double.
std::string Decimal(double number) {
  std::array<char, 32> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return std::string(digits.data(), result.ptr);
}

// `index` is -1 for a singular field.
std::string Scalar(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool single = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return Quoted(single ? reflection.GetString(message, &field)
                           : reflection.GetRepeatedString(message, &field, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (single ? reflection.GetBool(message, &field)
                     : reflection.GetRepeatedBool(message, &field, index))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return base::Cat(single ? reflection.GetInt32(message, &field)
                              : reflection.GetRepeatedInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return base::Cat(single ? reflection.GetInt64(message, &field)
                              : reflection.GetRepeatedInt64(message, &field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Decimal(single ? reflection.GetDouble(message, &field)
                            : reflection.GetRepeatedDouble(message, &field, index));
    default:
      return "null";
  }
}

std::string List(const Message& message, const FieldDescriptor& field) {
  std::vector<std::string> items;
  const int count = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < count; ++i) items.push_back(Scalar(message, field, i));
  return base::Cat("[", absl::StrJoin(items, ", "), "]");
}

void Write(const Message& message, std::string_view indent, std::string* out) {
  const Reflection& reflection = *message.GetReflection();
  const google::protobuf::Descriptor& schema = *message.GetDescriptor();
  for (int i = 0; i < schema.field_count(); ++i) {
    const FieldDescriptor& field = *schema.field(i);
    if (field.is_repeated()) {
      *out += base::Cat(indent, field.name(), ": ", List(message, field), "\n");
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      *out += base::Cat(indent, field.name(), ":\n");
      Write(reflection.GetMessage(message, &field), base::Cat(indent, "  "), out);
    } else if (field.has_optional_keyword() && !reflection.HasField(message, &field)) {
      *out += base::Cat(indent, "# ", field.name(), " is absent\n");
    } else {
      *out += base::Cat(indent, field.name(), ": ", Scalar(message, field, -1), "\n");
    }
  }
}

}  // namespace

std::string WriteYaml(const Message& message) {
  std::string out;
  Write(message, "", &out);
  return out;
}

}  // namespace vigie::policy
