// SPDX-License-Identifier: Apache-2.0
// Rows of comma-separated values (RFC 4180), safe to open in a spreadsheet.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace vigie::cli {

// One row with its CRLF. A field with a comma, a quote or a line break is quoted. A field that a
// spreadsheet would take for a formula, because it begins with = + - @ or a control character, gets
// an apostrophe before it: identifiers may begin with a hyphen, and come from outside.
[[nodiscard]] std::string CsvRow(const std::vector<std::string>& fields);

// `REASON_NEVER_OPENED` in words, `never opened`, as one stable word: `never-opened`.
[[nodiscard]] std::string CsvWord(absl::string_view words);

}  // namespace vigie::cli
