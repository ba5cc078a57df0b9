// SPDX-License-Identifier: Apache-2.0
#include "manual.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "command_line.h"
#include "vigie/version.h"

namespace vigie::cli {
namespace {

constexpr std::array<std::pair<int, absl::string_view>, 8> kExitCodes{{
    {0, "done"},
    {1, "a call failed, or something at run time"},
    {2, "the command line is wrong"},
    {3, "no server answers"},
    {4, "some events were refused, or a file has invalid records"},
    {5, "fsck: the data directory is damaged"},
    {6, "fsck: the data directory could not be looked at"},
    {7, "import: the data directory to make is not empty"},
}};

std::string Usage(const Verb& verb) {
  return absl::StrCat(verb.name, verb.arguments.empty() ? "" : " ", verb.arguments);
}

std::string OptionsText(const po::options_description& options) {
  std::ostringstream text;
  text << options;
  return text.str();
}

po::options_description OwnOptions(const Verb& verb) {
  po::options_description options("Options");
  verb.describe(options);
  return options;
}

// A hyphen that can be copied, and no line that starts a macro by accident.
std::string Roff(absl::string_view text) {
  std::string escaped = absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}});
  return absl::StrReplaceAll(escaped, {{"\n.", "\n\\&."}, {"\n'", "\n\\&'"}});
}

void AppendOptions(const po::options_description& options, std::string& page) {
  for (const auto& option : options.options()) {
    const auto semantic = option->semantic();
    const bool takes_value = semantic != nullptr && semantic->max_tokens() > 0;
    absl::StrAppend(&page, ".TP\n.BI ", Roff(absl::StrCat("--", option->long_name())));
    if (takes_value) absl::StrAppend(&page, " \" ", Roff(semantic->name()), "\"");
    absl::StrAppend(&page, "\n");
    absl::StrAppend(&page, Roff(option->description()), "\n");
  }
}

}  // namespace

std::string HelpText() {
  std::string text =
      "usage: vigie [--server HOST:PORT] [--output table|json] VERB ...\n\n"
      "Asks vigied whether people really decide when an AI suggests, and feeds it.\n\nVerbs:\n";
  size_t width = 0;
  for (const Verb& verb : Verbs()) width = std::max(width, verb.name.size());
  for (const Verb& verb : Verbs()) {
    absl::StrAppendFormat(&text, "  %-*s  %s\n", static_cast<int>(width), verb.name, verb.summary);
  }
  absl::StrAppend(&text, "\n`vigie VERB --help` says more on one.\n\n",
                  OptionsText(GlobalOptions()), "\nExit codes:\n");
  for (const auto& [code, meaning] : kExitCodes) {
    absl::StrAppend(&text, "  ", code, "  ", meaning, "\n");
  }
  return text;
}

std::string HelpText(const Verb& verb) {
  std::string text =
      absl::StrCat("usage: vigie ", Usage(verb), " [options]\n\n", verb.manual, "\n");
  const po::options_description options = OwnOptions(verb);
  if (!options.options().empty()) absl::StrAppend(&text, "\n", OptionsText(options));
  return absl::StrCat(text, "\n", OptionsText(GlobalOptions()));
}

std::string ManualPage() {
  std::string page =
      absl::StrCat(".TH VIGIE 1 \"\" \"vigie ", kVersion, "\" \"User Commands\"\n.SH NAME\n",
                   "vigie \\- ask vigied whether people really decide when an AI suggests\n",
                   ".SH SYNOPSIS\n.B vigie\n[options] VERB ...\n.SH OPTIONS\n");
  AppendOptions(GlobalOptions(), page);
  absl::StrAppend(&page, ".SH VERBS\n");
  for (const Verb& verb : Verbs()) {
    absl::StrAppend(&page, ".SS ", Roff(Usage(verb)), "\n");
    for (const absl::string_view paragraph : absl::StrSplit(verb.manual, "\n\n")) {
      absl::StrAppend(&page, ".PP\n", Roff(paragraph), "\n");
    }
    AppendOptions(OwnOptions(verb), page);
  }
  absl::StrAppend(&page, ".SH EXIT STATUS\n");
  for (const auto& [code, meaning] : kExitCodes) {
    absl::StrAppend(&page, ".TP\n.B ", code, "\n", Roff(meaning), "\n");
  }
  return absl::StrCat(page, ".SH SEE ALSO\n.BR vigied (8)\n");
}

}  // namespace vigie::cli
