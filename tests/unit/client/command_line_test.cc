// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "manual.h"

namespace vigie::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string ErrorOf(const std::vector<std::string>& arguments) {
  return std::string(ParseCommandLine(arguments).status().message());
}

TEST(CommandLine, TakesGlobalOptionsBeforeAndAfterTheVerb) {
  const auto before = ParseCommandLine({"--server", "h:1", "--output=json", "summary"});
  const auto after = ParseCommandLine({"summary", "--output", "json", "--server=h:1"});
  for (const auto* line : {&before, &after}) {
    ASSERT_TRUE(line->ok()) << line->status();
    EXPECT_EQ((*line)->verb->name, "summary");
    EXPECT_EQ((*line)->server, "h:1");
    EXPECT_EQ((*line)->output, OutputFormat::kJson);
  }
}

TEST(CommandLine, KeepsOperandsInOrder) {
  const auto line = ParseCommandLine({"quarantine", "replay", "3", "4"});
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(OperandsOf(line->arguments), ElementsAre("replay", "3", "4"));
}

TEST(CommandLine, TalksToTheLocalDaemonUnlessTold) {
  EXPECT_EQ(ParseCommandLine({"scopes"})->server, "127.0.0.1:7443");
  EXPECT_EQ(ParseCommandLine({"scopes"})->output, OutputFormat::kTable);
}

TEST(CommandLine, SaysWhatIsWrongAndWhatToDo) {
  EXPECT_THAT(ErrorOf({"sumary"}), HasSubstr("nearest: \"summary\""));
  EXPECT_THAT(ErrorOf({"--seed", "3", "simulate"}), HasSubstr("after it"));
  EXPECT_THAT(ErrorOf({"simulate", "--seeds", "3"}), HasSubstr("vigie simulate --help"));
  EXPECT_THAT(ErrorOf({"simulate", "--seed", "many"}), HasSubstr("--seed"));
  EXPECT_THAT(ErrorOf({"summary", "--output", "xml"}), HasSubstr("want table or json"));
  EXPECT_THAT(ErrorOf({"summary", "--out", "json"}), HasSubstr("--out"));
}

TEST(Manual, HelpFitsAScreenAndNamesEveryVerb) {
  const std::string help = HelpText();
  EXPECT_LE(std::count(help.begin(), help.end(), '\n'), 50);
  for (const Verb& verb : Verbs()) {
    EXPECT_THAT(help, HasSubstr("  " + std::string(verb.name)));
    EXPECT_THAT(HelpText(verb), HasSubstr("usage: vigie " + std::string(verb.name)));
  }
  EXPECT_THAT(help, HasSubstr("Exit codes:"));
}

TEST(Manual, PageHasASectionForEveryVerbAndOption) {
  const std::string page = ManualPage();
  for (const Verb& verb : Verbs()) EXPECT_THAT(page, HasSubstr("\n.SS " + std::string(verb.name)));
  EXPECT_THAT(page, HasSubstr(".BI \\-\\-shuffle\\-seed"));
  EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS"));
}

}  // namespace
}  // namespace vigie::cli
