// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <numeric>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace vigie::cli {
namespace {

// Letters to insert, drop or change to get from one word to the other.
size_t EditDistance(absl::string_view from, absl::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= from.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t change = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row.back();
}

std::string NoSuchVerb(const std::string& name) {
  const Verb* nearest = &Verbs().front();
  for (const Verb& verb : Verbs()) {
    if (EditDistance(name, verb.name) < EditDistance(name, nearest->name)) nearest = &verb;
  }
  return absl::StrCat("no verb \"", name, "\"; nearest: \"", nearest->name,
                      "\"; `vigie --help` lists all");
}

const Verb* FindVerb(absl::string_view name) {
  const auto found = std::find_if(Verbs().begin(), Verbs().end(),
                                  [name](const Verb& verb) { return verb.name == name; });
  return found == Verbs().end() ? nullptr : &*found;
}

// The place of the verb: the first word that is neither an option nor the value of one.
absl::StatusOr<std::optional<size_t>> FindVerbPlace(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!absl::StartsWith(word, "-")) return i;
    const std::string name = word.substr(0, word.find('='));
    if (name == "--server" || name == "--output") {
      if (name == word) ++i;
    } else if (name != "--help" && name != "-h" && name != "--version" && name != "--progress" &&
               name != "--man") {
      return absl::InvalidArgumentError(absl::StrCat(
          "option ", name, " is not known before the verb; put the verb's own options after it"));
    }
  }
  return std::nullopt;
}

absl::StatusOr<po::variables_map> Parse(const std::vector<std::string>& words, const Verb* verb) {
  po::options_description all = GlobalOptions();
  if (verb != nullptr) verb->describe(all);
  all.add_options()("operands", po::value<std::vector<std::string>>(), "");
  po::positional_options_description operands;
  operands.add("operands", -1);
  namespace style = po::command_line_style;
  try {
    po::variables_map arguments;
    po::store(po::command_line_parser(words)
                  .options(all)
                  .positional(operands)
                  .style(style::unix_style & ~style::allow_guessing)
                  .run(),
              arguments);
    return arguments;
  } catch (const po::error& error) {
    const std::string name(verb == nullptr ? "" : verb->name);
    return absl::InvalidArgumentError(
        absl::StrCat(error.what(), "; see `vigie ", name, name.empty() ? "" : " ", "--help`"));
  }
}

}  // namespace

po::options_description GlobalOptions() {
  po::options_description options("Global options");
  options.add_options()  //
      ("server", po::value<std::string>()->value_name("HOST:PORT"),
       "the daemon (default 127.0.0.1:7443)")  //
      ("output", po::value<std::string>()->value_name("table|json"),
       "for people or for programs")                                               //
      ("progress", "draw a progress bar even when standard error is no terminal")  //
      ("help,h", "help on vigie, or on the verb")                                  //
      ("man", "the manual page, as source for man(1)")                             //
      ("version", "version and commit");
  return options;
}

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  const absl::StatusOr<std::optional<size_t>> place = FindVerbPlace(arguments);
  if (!place.ok()) return place.status();
  CommandLine line;
  std::vector<std::string> words = arguments;
  if (place->has_value()) {
    const std::string name = words[**place];
    line.verb = FindVerb(name);
    if (line.verb == nullptr) return absl::InvalidArgumentError(NoSuchVerb(name));
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(**place));
  }
  absl::StatusOr<po::variables_map> parsed = Parse(words, line.verb);
  if (!parsed.ok()) return parsed.status();
  line.arguments = *std::move(parsed);
  line.server = TextOf(line.arguments, "server");
  if (line.server.empty()) line.server = "127.0.0.1:7443";
  const std::string output = TextOf(line.arguments, "output");
  if (!output.empty() && output != "table" && output != "json") {
    return absl::InvalidArgumentError(
        absl::StrCat("--output: got \"", output, "\", want table or json"));
  }
  if (output == "json") line.output = OutputFormat::kJson;
  return line;
}

}  // namespace vigie::cli
