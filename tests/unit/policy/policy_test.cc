// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <tuple>

#include "base/cat.h"
#include "policy/policy_check.h"
#include "policy_fixture.h"

namespace vigie::policy {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using vigie::config::v1::Policy;

Policy Baseline() { return LoadPolicy(BaselineText(), "baseline.yaml").value().policy; }

int64_t AtUtc(int year, int month, int day, int hour = 0, int minute = 0) {
  return absl::ToUnixMillis(
      absl::FromCivil(absl::CivilMinute(year, month, day, hour, minute), absl::UTCTimeZone()));
}

TEST(PolicyLoader, ReadsTheBaselineWithTheValuesOfTheMeasurement) {
  const Policy policy = Baseline();
  EXPECT_EQ(policy.closing().settle_delay_ms(), 2 * 60 * 1000);
  EXPECT_EQ(policy.closing().expiry_ms(), int64_t{72} * 3600 * 1000);
  EXPECT_EQ(policy.closing().pending_ttl_ms(), int64_t{400} * 24 * 3600 * 1000);
  EXPECT_EQ(policy.closing().clock_tolerance_ms(), 5000);
  EXPECT_EQ(policy.closing().period_grace_ms(), int64_t{7} * 24 * 3600 * 1000);
  EXPECT_EQ(policy.examination().idle_cap_ms(), 120 * 1000);
  EXPECT_FALSE(policy.examination().elapsed_counts_as_active());
  EXPECT_FALSE(policy.examination().shown_counts_as_opened());
  EXPECT_TRUE(policy.examination().accept_own_judgement_first());
  EXPECT_EQ(policy.examination().substantial_edit_permille(), 200);
  EXPECT_FALSE(policy.examination().has_floor_ms());
  EXPECT_FALSE(policy.examination().has_per_item_ms());
  EXPECT_EQ(policy.examination().unaided_permille(), 250);
  EXPECT_EQ(policy.examination().one_click_permille(), 500);
  EXPECT_EQ(policy.examination().required_evidence_size(), 0);
  EXPECT_FALSE(policy.examination().independent_evidence_required());
  EXPECT_EQ(policy.examination().roles_without_authority_size(), 0);
  EXPECT_EQ(policy.evidence().positive_act_threshold(), .95);
  EXPECT_EQ(policy.evidence().concrete_examination_threshold(), .80);
  EXPECT_EQ(policy.evidence().vigilance_threshold(), .50);
  EXPECT_EQ(policy.evidence().coverage_for_green_ratio(), .95);
  EXPECT_EQ(policy.evidence().coverage_for_red_ratio(), .80);
  EXPECT_EQ(policy.evidence().alpha_below(), .01);
  EXPECT_EQ(policy.evidence().alpha_above(), .05);
  EXPECT_EQ(policy.evidence().alpha_interval(), .05);
  EXPECT_TRUE(policy.truth().accept_asserted_audit());
  EXPECT_EQ(policy.disclosure().minimum_cell_count(), 11);
}

TEST(PolicyLoader, ReadsTheShippedFile) {
  const auto loaded = LoadPolicyFile(VIGIE_CONFIG_DIR "/policies/baseline.yaml");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->policy.id(), "baseline");
}

TEST(PolicyLoader, NamesTheFileThatDoesNotExist) {
  EXPECT_EQ(LoadPolicyFile("/no/policy.yaml").status().message(), "/no/policy.yaml: no such file");
}

TEST(PolicyLoader, RefusesAnUnknownFieldAndNamesTheNearestOne) {
  const std::string text = BaselineText() + "truths:\n  accept: true\n";
  EXPECT_THAT(LoadError(text), HasSubstr("unknown field \"truths\", did you mean \"truth\"?"));
}

TEST(PolicyLoader, RefusesAFieldInTheWrongSection) {
  const std::string text = base::Cat(BaselineText(), "  idle_cap_ms: 5\n");
  EXPECT_THAT(LoadError(text), HasSubstr("disclosure: unknown field \"idle_cap_ms\""));
}

TEST(PolicyLoader, TakesTheOptionalPartsOfTheMinimum) {
  const std::string text =
      WithValue(BaselineText(), "idle_cap_ms", "120000\n  floor_ms: 1500\n  per_item_ms: 400");
  const LoadedPolicy loaded = LoadPolicy(text, "policy.yaml").value();
  EXPECT_EQ(loaded.policy.examination().floor_ms(), 1500);
  EXPECT_EQ(loaded.policy.examination().per_item_ms(), 400);
}

TEST(PolicyLoader, RefusesAZeroMinimumBecauseAbsentIsSaidByLeavingItOut) {
  const std::string text = WithValue(BaselineText(), "idle_cap_ms", "120000\n  floor_ms: 0");
  EXPECT_THAT(LoadError(text), HasSubstr("examination.floor_ms: got 0, want 1 to 86400000"));
}

TEST(PolicyLoader, TakesEvidenceKindsByTheirNames) {
  const std::string text =
      WithValue(BaselineText(), "required_evidence", "[RECORD, IMAGE, EXPLANATION]");
  EXPECT_EQ(LoadError(text), "");
}

TEST(PolicyLoader, RefusesAnUnknownEvidenceKindAndNamesTheNearestOne) {
  const std::string text = WithValue(BaselineText(), "required_evidence", "[IMAGE, RECORDS]");
  const int line = FindKey(text, "required_evidence").number;
  EXPECT_EQ(LoadError(text),
            base::Cat("policy.yaml:", line,
                      ":30: examination.required_evidence[1]: got \"RECORDS\", want an evidence "
                      "kind, did you mean \"RECORD\"?"));
}

TEST(PolicyLoader, RefusesOtherSpellingsOfEvidenceKinds) {
  for (const char* kind : {"record", "EVIDENCE_KIND_RECORD", "UNSPECIFIED", "\"\""}) {
    const std::string text =
        WithValue(BaselineText(), "required_evidence", base::Cat("[", kind, "]"));
    EXPECT_THAT(LoadError(text), HasSubstr("want an evidence kind")) << kind;
  }
}

TEST(PolicyLoader, RefusesAnEvidenceKindOrARoleGivenTwice) {
  EXPECT_THAT(LoadError(WithValue(BaselineText(), "required_evidence", "[IMAGE, IMAGE]")),
              HasSubstr("examination.required_evidence[1]: \"IMAGE\" is given twice"));
  EXPECT_THAT(LoadError(WithValue(BaselineText(), "roles_without_authority", "[clerk, clerk]")),
              HasSubstr("examination.roles_without_authority[1]: \"clerk\" is given twice"));
}

TEST(PolicyLoader, RefusesARoleThatIsNoIdentifier) {
  EXPECT_THAT(LoadError(WithValue(BaselineText(), "roles_without_authority", "[\"a b\"]")),
              HasSubstr("roles_without_authority[0]: got \"a b\", want 1 to 64 characters"));
}

TEST(PolicyLoader, RefusesAReviewDayThatIsNotInTheCalendar) {
  for (const char* day : {"2027-02-30", "2027-13-01", "2027-00-10", "2027-01-00", "2027-2-3",
                          "20270630", "2027/06/30", "30-06-2027", "0000-01-01", "next year",
                          "2027-06-30T00:00:00Z", "2023-02-29"}) {
    const std::string text = WithValue(BaselineText(), "review_by", base::Cat("\"", day, "\""));
    EXPECT_THAT(LoadError(text), HasSubstr("review_by: got ")) << day;
    EXPECT_THAT(LoadError(text), HasSubstr("want a day of the calendar")) << day;
  }
}

TEST(PolicyLoader, TakesALeapDay) {
  EXPECT_EQ(LoadError(WithValue(BaselineText(), "review_by", "2028-02-29")), "");
}

TEST(PolicyLoader, RefusesAnApproverThatIsEmptyLongOrNotPrintable) {
  for (const std::string& approver :
       {std::string(), std::string("   "), std::string(129, 'x'), std::string("a\\nb")}) {
    const std::string text = WithValue(BaselineText(), "approver", base::Cat("\"", approver, "\""));
    EXPECT_THAT(LoadError(text), HasSubstr("approver: got ")) << approver;
  }
}

TEST(PolicyLoader, CountsCharactersOfTheApproverNotBytes) {
  std::string approver;
  for (int i = 0; i < 128; ++i) approver += "\xc3\xa9";
  EXPECT_EQ(LoadError(WithValue(BaselineText(), "approver", approver)), "");
  EXPECT_THAT(LoadError(WithValue(BaselineText(), "approver", approver + "e")),
              HasSubstr("1 to 128 printable characters"));
}

TEST(PolicyLoader, RefusesAnIdOrAVersionThatIsNoIdentifier) {
  for (const std::string& id :
       {std::string(), std::string(65, 'x'), std::string("a b"), std::string("h\xc3\xb4pital")}) {
    const std::string quoted = base::Cat("\"", id, "\"");
    EXPECT_THAT(LoadError(WithValue(BaselineText(), "id", quoted)), HasSubstr("id: got ")) << id;
    EXPECT_THAT(LoadError(WithValue(BaselineText(), "version", quoted)), HasSubstr("version: got "))
        << id;
  }
  EXPECT_EQ(LoadError(WithValue(BaselineText(), "id", base::Cat(std::string(60, 'x'), ":/.-"))),
            "");
}

TEST(PolicyCheck, RefusesNotANumberWhichNoFileCanHold) {
  Policy policy = Baseline();
  policy.mutable_evidence()->set_alpha_below(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(ValidatePolicy(policy).message(), "evidence.alpha_below: got nan, want over 0 to 0.2");
}

TEST(PolicyCheck, RefusesAPolicyWithoutASection) {
  Policy policy = Baseline();
  policy.clear_truth();
  EXPECT_EQ(ValidatePolicy(policy).message(), "truth: missing, want a mapping of fields");
}

TEST(PolicyHash, IsOfTheDeterministicSerialisation) {
  const LoadedPolicy loaded = LoadPolicy(BaselineText(), "baseline.yaml").value();
  EXPECT_EQ(loaded.sha256.size(), 32u);
  EXPECT_EQ(loaded.sha256, Sha256OfPolicy(loaded.policy));
  Policy again;
  ASSERT_TRUE(again.ParseFromString(CanonicalBytes(loaded.policy)));
  EXPECT_EQ(Sha256OfPolicy(again), loaded.sha256);
}

// Every build must give a recorded policy the same name. A change of the baseline's values changes
// this figure, and then its version must change too.
TEST(PolicyHash, OfTheBaselineIsTheSameInEveryBuild) {
  EXPECT_EQ(HexSha256(LoadPolicy(BaselineText(), "baseline.yaml").value().sha256),
            "6a18ce288dbcc2f5f97647b83b39a7374e2938352bc33338aec1152579bee1fb");
}

TEST(PolicyHash, IsLowerCaseHexForPeople) {
  EXPECT_EQ(HexSha256(std::string_view("\x00\xab\xff", 3)), "00abff");
}

TEST(PolicyHash, DoesNotChangeWithCommentsNorSpelling) {
  std::string text = "# another comment\n" + BaselineText();
  text = WithValue(text, "vigilance_threshold", "5e-1   # half");
  text = WithValue(text, "id", "'baseline'");
  text = base::Cat(text.substr(0, FindKey(text, "disclosure").begin),
                   "disclosure: {minimum_cell_count: 11}");
  EXPECT_EQ(HexSha256(LoadPolicy(text, "policy.yaml").value().sha256),
            HexSha256(LoadPolicy(BaselineText(), "baseline.yaml").value().sha256));
}

TEST(PolicyHash, DoesNotChangeWithTheOrderOfKeys) {
  const std::string first = WithoutKey(BaselineText(), "version") + "version: \"1\"\n";
  const std::string second =
      WithValue(WithoutKey(first, "alpha_below"), "alpha_interval", "0.05\n  alpha_below: 0.01");
  EXPECT_EQ(LoadPolicy(second, "policy.yaml").value().sha256,
            LoadPolicy(BaselineText(), "baseline.yaml").value().sha256);
}

TEST(PolicyHash, TellsAnAbsentMinimumFromAWrittenOne) {
  Policy policy = Baseline();
  const std::string before = Sha256OfPolicy(policy);
  policy.mutable_examination()->set_floor_ms(0);
  EXPECT_NE(Sha256OfPolicy(policy), before);
}

TEST(PolicyReview, IsDueUntilTheEndOfItsDayInUtc) {
  Policy policy;
  policy.set_review_by("2027-06-30");
  EXPECT_FALSE(IsExpired(policy, AtUtc(2027, 6, 29)));
  EXPECT_FALSE(IsExpired(policy, AtUtc(2027, 6, 30)));
  EXPECT_FALSE(IsExpired(policy, AtUtc(2027, 6, 30, 23, 59)));
  EXPECT_FALSE(IsExpired(policy, AtUtc(2027, 7, 1) - 1));
  EXPECT_TRUE(IsExpired(policy, AtUtc(2027, 7, 1)));
  EXPECT_TRUE(IsExpired(policy, AtUtc(2030, 1, 1)));
}

TEST(PolicyReview, CountsAnUnreadableDayAsOver) { EXPECT_TRUE(IsExpired(Policy(), 0)); }

}  // namespace
}  // namespace vigie::policy
