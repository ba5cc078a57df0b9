// SPDX-License-Identifier: Apache-2.0
#include "csv.h"

#include "absl/strings/str_replace.h"

namespace vigie::cli {
namespace {

constexpr absl::string_view kFormulaStarts = "=+-@\t\r\n";

std::string Field(const std::string& text) {
  std::string field = text;
  if (!field.empty() && kFormulaStarts.find(field[0]) != absl::string_view::npos) {
    field.insert(0, 1, '\'');
  }
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  return "\"" + absl::StrReplaceAll(field, {{"\"", "\"\""}}) + "\"";
}

}  // namespace

std::string CsvRow(const std::vector<std::string>& fields) {
  std::string row;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) row += ',';
    row += Field(field);
  }
  return row + "\r\n";
}

std::string CsvWord(absl::string_view words) { return absl::StrReplaceAll(words, {{" ", "-"}}); }

}  // namespace vigie::cli
