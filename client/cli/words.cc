// SPDX-License-Identifier: Apache-2.0
#include "words.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace vigie::cli {
namespace {

using google::protobuf::EnumDescriptor;

// DecisionOutcome: `DECISION_OUTCOME_`, with which each of its values begins.
std::string PrefixOf(const EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return prefix + '_';
}

}  // namespace

std::string InWords(const EnumDescriptor& type, int value) {
  const auto* const found = type.FindValueByNumber(value);
  if (found == nullptr) return absl::StrCat("unknown value ", value);
  const std::string name = found->name().substr(PrefixOf(type).size());
  return absl::AsciiStrToLower(absl::StrReplaceAll(name, {{"_", " "}}));
}

std::optional<int> FromWords(const EnumDescriptor& type, absl::string_view words) {
  const std::string name =
      absl::AsciiStrToUpper(absl::StrReplaceAll(words, {{" ", "_"}, {"-", "_"}}));
  const auto* found = type.FindValueByName(absl::StrCat(PrefixOf(type), name));
  if (found == nullptr) found = type.FindValueByName(name);
  if (found == nullptr || found->number() == 0) return std::nullopt;
  return found->number();
}

std::string AllWords(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    words.push_back(absl::StrReplaceAll(InWords(type, type.value(i)->number()), {{" ", "-"}}));
  }
  return absl::StrJoin(words, ", ");
}

}  // namespace vigie::cli
