// SPDX-License-Identifier: Apache-2.0
#include "csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "decisions_csv.h"

namespace vigie::cli {
namespace {

TEST(Csv, QuotesAsRfc4180Says) {
  EXPECT_EQ(CsvRow({"a", "b"}), "a,b\r\n");
  EXPECT_EQ(CsvRow({"", ""}), ",\r\n");
  EXPECT_EQ(CsvRow({"a,b", "say \"a\"", "two\nlines"}),
            "\"a,b\",\"say \"\"a\"\"\",\"two\nlines\"\r\n");
  EXPECT_EQ(CsvRow({"é"}), "é\r\n");
}

TEST(Csv, LetsNoSpreadsheetTakeATextForAFormula) {
  for (const std::string start : {"=", "+", "-", "@", "\t"}) {
    EXPECT_EQ(CsvRow({start + "1+1"}), "'" + start + "1+1\r\n");
  }
  EXPECT_EQ(CsvRow({"\r1"}), "\"'\r1\"\r\n");
  EXPECT_EQ(CsvRow({"=1,2"}), "\"'=1,2\"\r\n");
  EXPECT_EQ(CsvRow({"a-1"}), "a-1\r\n");
}

TEST(Csv, EveryDecisionHasAsManyFieldsAsThereAreColumns) {
  v1::Decision decision;
  const std::string empty = DecisionCsvRow(decision);
  EXPECT_EQ(std::count(empty.begin(), empty.end(), ','), 21);
  decision.set_decision_id("-7");
  decision.set_state(v1::DECISION_STATE_CLOSED);
  decision.set_degree(v1::DEGREE_TOKEN);
  decision.add_reasons()->set_reason(v1::REASON_NEVER_OPENED);
  decision.add_reasons()->set_reason(v1::REASON_ONE_CLICK);
  decision.set_decisive_act_at_ms(1'772'442'000'123);
  decision.set_ai_wrong(true);
  decision.set_caught(false);
  EXPECT_EQ(
      DecisionCsvRow(decision),
      "'-7,,,,,,,closed,token,never-opened;one-click,,,2026-03-02T09:00:00.123Z,,,,true,false,"
      "0,0,,0\r\n");
}

}  // namespace
}  // namespace vigie::cli
