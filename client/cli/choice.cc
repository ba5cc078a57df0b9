// SPDX-License-Identifier: Apache-2.0
#include "choice.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace vigie::cli {

ExitCode RunChoice(absl::string_view verb, const std::vector<Choice>& choices,
                   const Session& session, const po::variables_map& arguments) {
  std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.empty()) operands = {std::string(choices.front().name)};
  for (const Choice& choice : choices) {
    if (choice.name != operands[0]) continue;
    operands.erase(operands.begin());
    if (std::ssize(operands) == choice.operand_count) {
      return choice.run(session, operands, arguments);
    }
    return FailUsage(absl::StrCat(verb, " ", choice.name, ": got ", operands.size(),
                                  " operands, want ", choice.operand_count));
  }
  const std::string names = absl::StrJoin(
      choices, ", ",
      [](std::string* out, const Choice& choice) { absl::StrAppend(out, choice.name); });
  return FailUsage(absl::StrCat(verb, ": got \"", operands[0], "\", want one of ", names));
}

void DescribeSpan(po::options_description& options) {
  options.add_options()  //
      ("from", po::value<std::string>()->value_name("TIME"),
       "from this time on: 2026-11-22, 2026-11-22T14:03:07Z, or ms since 1970")  //
      ("to", po::value<std::string>()->value_name("TIME"), "before this time, alike");
}

absl::StatusOr<int64_t> ReadTime(const po::variables_map& arguments, const char* option) {
  const std::string text = TextOf(arguments, option);
  if (text.empty()) return 0;
  int64_t ms = 0;
  if (absl::SimpleAtoi(text, &ms) && ms >= 0) return ms;
  absl::Time time;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d", text, &time, &error) ||
      absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return absl::ToUnixMillis(time);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--", option, ": got \"", text,
                   "\", want 2026-11-22, 2026-11-22T14:03:07Z or milliseconds since 1970"));
}

void DescribeLanguage(po::options_description& options) {
  options.add_options()("lang", po::value<std::string>()->value_name("LANG"),
                        "language of the explanation: en (default) or fr");
}

absl::StatusOr<v1::Language> ReadLanguage(const po::variables_map& arguments) {
  const std::string text = TextOf(arguments, "lang");
  if (text.empty() || text == "en") return v1::LANGUAGE_ENGLISH;
  if (text == "fr") return v1::LANGUAGE_FRENCH;
  return absl::InvalidArgumentError(absl::StrCat("--lang: got \"", text, "\", want en or fr"));
}

absl::StatusOr<std::vector<std::vector<std::string>>> ReadCsv(const std::string& path,
                                                              absl::string_view heading) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  const size_t columns = static_cast<size_t>(std::count(heading.begin(), heading.end(), ',')) + 1;
  std::vector<std::vector<std::string>> rows;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (number == 1) {
      if (text == heading) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":1: got another heading, want \"", heading, "\""));
    }
    if (text.empty()) continue;
    std::vector<std::string> fields = absl::StrSplit(text, ',');
    if (fields.size() != columns) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", number, ": got ", fields.size(), " fields, want ", columns));
    }
    rows.push_back(std::move(fields));
  }
  return rows;
}

}  // namespace vigie::cli
