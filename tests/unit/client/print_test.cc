// SPDX-License-Identifier: Apache-2.0
#include "print.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vigie/v1/verdict.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ToJson, PrintsPlainFieldsEvenWhenZero) {
  v1::IndicatorEvidence evidence;
  evidence.set_indicator(v1::INDICATOR_VIGILANCE);
  const std::string json = ToJson(evidence);
  EXPECT_THAT(json, HasSubstr("\"successes\": \"0\""));
  EXPECT_THAT(json, HasSubstr("\"logEBelow\": 0"));
  EXPECT_THAT(json, HasSubstr("\"indicator\": \"INDICATOR_VIGILANCE\""));
  EXPECT_THAT(json, HasSubstr("\"origin\": \"TRUTH_ORIGIN_UNSPECIFIED\""));
}

TEST(ToJson, LeavesOutWhatIsAbsent) {
  v1::IndicatorEvidence evidence;
  EXPECT_THAT(ToJson(evidence), Not(HasSubstr("furtherTrials")));
  EXPECT_THAT(ToJson(evidence), Not(HasSubstr("interval")));
  evidence.set_further_trials(0);
  EXPECT_THAT(ToJson(evidence), HasSubstr("\"furtherTrials\": \"0\""));
  v1::Reliance reliance;
  EXPECT_THAT(ToJson(reliance), Not(HasSubstr("dPrime")));
  EXPECT_THAT(ToJson(reliance), Not(HasSubstr("rair")));
}

TEST(ToJson, PrintsEmptyListsAndDoublesExactly) {
  v1::Summary summary;
  summary.add_indicators()->set_log_e_above(16.207315433844677);
  const std::string json = ToJson(summary);
  EXPECT_THAT(json, HasSubstr("\"drivers\": []"));
  EXPECT_THAT(json, HasSubstr("16.207315433844677"));
}

TEST(ToJsonLine, IsOneLine) {
  v1::Summary summary;
  summary.mutable_coverage()->set_trials(3);
  const std::string json = ToJsonLine(summary);
  EXPECT_EQ(json.find('\n'), json.size() - 1);
}

TEST(Table, AlignsColumnsAndEndsLinesWithoutBlanks) {
  Table table({"NAME", ">COUNT", "NOTE"});
  table.Add({"a", "1", ""});
  table.Add({"longer", "12345", "x"});
  EXPECT_EQ(table.Text(),
            "NAME    COUNT  NOTE\n"
            "a           1\n"
            "longer  12345  x\n");
}

TEST(SpanText, IsShort) {
  EXPECT_EQ(SpanText(12), "12 ms");
  EXPECT_EQ(SpanText(3280), "3.28 s");
  EXPECT_EQ(SpanText(600'000), "10 min");
  EXPECT_EQ(SpanText(-5'000), "-5 s");
}

TEST(Words, GoBothWays) {
  EXPECT_EQ(InWords(v1::VERDICT_CONCRETE_AND_SIGNIFICANT), "concrete and significant");
  EXPECT_EQ(InWords(static_cast<v1::Verdict>(99)), "unknown value 99");
  const auto& reasons = *v1::Reason_descriptor();
  for (const char* words :
       {"never-opened", "never opened", "NEVER_OPENED", "REASON_NEVER_OPENED"}) {
    EXPECT_EQ(FromWords(reasons, words), v1::REASON_NEVER_OPENED) << words;
  }
  EXPECT_EQ(FromWords(reasons, "unspecified"), std::nullopt);
  EXPECT_EQ(FromWords(reasons, "lazy"), std::nullopt);
  EXPECT_THAT(AllWords(*v1::Degree_descriptor()),
              "automated, token, concrete, significant, undetermined");
}

}  // namespace
}  // namespace vigie::cli
