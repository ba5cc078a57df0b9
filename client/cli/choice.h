// SPDX-License-Identifier: Apache-2.0
// What verbs with subcommands and times share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "verb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::cli {

// One thing that a verb can do, named by its first operand.
struct Choice {
  absl::string_view name;
  int operand_count = 0;  // After the name.
  ExitCode (*run)(const Session& session, const std::vector<std::string>& operands,
                  const po::variables_map& arguments);
};
// Runs the choice that the first operand names, with the operands after it; without an operand the
// first choice. Says what there is when none fits.
[[nodiscard]] ExitCode RunChoice(absl::string_view verb, const std::vector<Choice>& choices,
                                 const Session& session, const po::variables_map& arguments);

// Adds --from and --to.
void DescribeSpan(po::options_description& options);
// Reads `2026-11-22` (midnight UTC), `2026-11-22T14:03:07Z` or milliseconds since 1970; 0 for
// nothing. `option` names it in errors.
[[nodiscard]] absl::StatusOr<int64_t> ReadTime(const po::variables_map& arguments,
                                               const char* option);

// Adds --lang.
void DescribeLanguage(po::options_description& options);
[[nodiscard]] absl::StatusOr<v1::Language> ReadLanguage(const po::variables_map& arguments);

// The lines of a small CSV file as fields, without its heading, which must be `heading`. No
// quotes: identifiers and codes hold no comma. INVALID_ARGUMENT names file and line.
[[nodiscard]] absl::StatusOr<std::vector<std::vector<std::string>>> ReadCsv(
    const std::string& path, absl::string_view heading);

}  // namespace vigie::cli
