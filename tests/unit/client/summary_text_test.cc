// SPDX-License-Identifier: Apache-2.0
#include "summary_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigie::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

v1::Summary Automated() {
  v1::Summary summary;
  summary.mutable_scope()->set_organisation_id("replay");
  summary.set_verdict(v1::VERDICT_EFFECTIVELY_AUTOMATED);
  summary.set_certainty(v1::CERTAINTY_CORROBORATED);
  v1::Driver& driver = *summary.add_drivers();
  driver.set_indicator(v1::INDICATOR_VIGILANCE);
  driver.set_origin(v1::TRUTH_ORIGIN_ASSERTED_AUDIT);
  v1::IndicatorEvidence& evidence = *summary.add_indicators();
  evidence.set_indicator(v1::INDICATOR_POSITIVE_ACT);
  evidence.set_successes(40);
  evidence.set_trials(80);
  evidence.set_threshold(0.95);
  summary.mutable_policy()->set_id("baseline");
  summary.mutable_policy()->set_sha256("0123456789abcdef");
  summary.set_as_of(77);
  return summary;
}

TEST(SummaryText, BeginsWithTheVerdictItsCertaintyAndItsDrivers) {
  EXPECT_THAT(SummaryText(Automated(), false),
              StartsWith("Effectively automated, corroborated: driven by I3 vigilance "
                         "(asserted audit)\n"));
}

TEST(SummaryText, NamesPolicyAndPosition) {
  const std::string text = SummaryText(Automated(), false);
  EXPECT_THAT(text, HasSubstr("baseline, sha256 0123456789ab,"));
  EXPECT_THAT(text, HasSubstr("as of log position 77"));
}

TEST(SummaryText, TellsNotReachableFromConcluded) {
  v1::Summary summary = Automated();
  EXPECT_THAT(SummaryText(summary, false), HasSubstr("not reachable at this rate"));
  summary.mutable_indicators(0)->set_further_trials(0);
  summary.mutable_indicators(0)->set_further_direction(v1::DIRECTION_BELOW);
  EXPECT_THAT(SummaryText(summary, false), HasSubstr("concluded below"));
}

TEST(SummaryText, SaysThatUndeterminedIsNoFindingOfCompliance) {
  v1::Summary summary = Automated();
  EXPECT_THAT(SummaryText(summary, false), Not(HasSubstr("not a finding")));
  summary.set_verdict(v1::VERDICT_UNDETERMINED);
  EXPECT_THAT(SummaryText(summary, false),
              HasSubstr("Undetermined is not a finding of compliance.\n"));
}

TEST(SummaryText, GivesNoVerdictOnAPerson) {
  v1::Summary summary = Automated();
  summary.clear_verdict();
  const std::string text = SummaryText(summary, true);
  EXPECT_THAT(text, StartsWith("Figures of one person; no verdict is given on a person.\n"));
  EXPECT_THAT(text, Not(HasSubstr("utomated")));
}

TEST(SummaryText, SaysThatFiguresAreWithheld) {
  v1::Summary summary = Automated();
  summary.set_suppression(v1::SUPPRESSION_SMALL_CELL);
  EXPECT_THAT(SummaryText(summary, false), HasSubstr("Figures are withheld"));
}

}  // namespace
}  // namespace vigie::cli
