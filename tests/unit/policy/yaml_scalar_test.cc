// SPDX-License-Identifier: Apache-2.0
#include "policy/yaml_scalar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "vigie/config/v1/daemon.pb.h"
#include "vigie/config/v1/policy.pb.h"

namespace vigie::policy {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using vigie::config::v1::Closing;
using vigie::config::v1::Daemon;
using vigie::config::v1::Evidence;
using vigie::config::v1::Limits;

template <typename M>
std::string Set(const std::string& field, const YamlScalar& scalar, M* message) {
  return std::string(
      SetScalar(scalar, *M::descriptor()->FindFieldByName(field), message).message());
}

YamlScalar Plain(std::string text) { return {.text = std::move(text)}; }
YamlScalar Quoted(std::string text) { return {.text = std::move(text), .is_plain = false}; }

TEST(YamlScalar, AnIntegerOf64BitsKeepsEveryDigit) {
  Closing closing;
  EXPECT_EQ(Set("expiry_ms", Plain("-9223372036854775808"), &closing), "");
  EXPECT_EQ(closing.expiry_ms(), std::numeric_limits<int64_t>::min());
}

TEST(YamlScalar, AnIntegerOver64BitsIsRefused) {
  Closing closing;
  EXPECT_THAT(Set("expiry_ms", Plain("9223372036854775808"), &closing),
              EndsWith("from -9223372036854775808 to 9223372036854775807"));
}

TEST(YamlScalar, AnIntegerOver32BitsIsRefusedForA32BitField) {
  Limits limits;
  EXPECT_EQ(Set("max_scopes", Plain("2147483648"), &limits),
            "got `2147483648`, want an integer from -2147483648 to 2147483647");
}

TEST(YamlScalar, NoOtherSpellingOfAnIntegerIsAccepted) {
  Limits limits;
  for (const char* text : {"010", "0x10", "1_000", "1,000", "1.0", "1e3", "+5", "- 5", "5 ", "",
                           "-", "five", "true", "1:30", "\xd9\xa5"}) {
    EXPECT_THAT(Set("max_scopes", Plain(text), &limits), HasSubstr("want an integer")) << text;
  }
}

TEST(YamlScalar, AQuotedNumberIsAString) {
  Limits limits;
  EXPECT_EQ(Set("max_scopes", Quoted("5"), &limits),
            "got \"5\", want an integer; leave the quotes out");
  Evidence evidence;
  EXPECT_EQ(Set("alpha_below", Quoted(".5"), &evidence),
            "got \".5\", want a number; leave the quotes out");
}

TEST(YamlScalar, ADurationWithAUnitIsRefusedAndSaysMilliseconds) {
  Closing closing;
  EXPECT_EQ(Set("expiry_ms", Plain("72h"), &closing),
            "got `72h`, want an integer number of milliseconds");
}

TEST(YamlScalar, ADoubleIsTheNearestOneToItsDigits) {
  Evidence evidence;
  for (const char* text : {"0.95", ".95", "+0.95", "95e-2", "0.950"}) {
    EXPECT_EQ(Set("alpha_below", Plain(text), &evidence), "") << text;
    EXPECT_EQ(evidence.alpha_below(), 0.95) << text;
  }
}

TEST(YamlScalar, AnIntegerIsADoubleToo) {
  Evidence evidence;
  EXPECT_EQ(Set("alpha_below", Plain("1"), &evidence), "");
  EXPECT_EQ(evidence.alpha_below(), 1.0);
}

TEST(YamlScalar, ANegativeZeroBecomesZeroBecauseItWouldHashDifferently) {
  Evidence evidence;
  EXPECT_EQ(Set("alpha_below", Plain("-0.0"), &evidence), "");
  EXPECT_FALSE(std::signbit(evidence.alpha_below()));
}

TEST(YamlScalar, NoInfinityNorNotANumberNorOverflowIsAccepted) {
  Evidence evidence;
  for (const char* text : {".inf", "-.inf", ".nan", "nan", "inf", "1e999", ".", "e5", "1e", "1e+",
                           "0x1p3", "1.2.3", "95%", ""}) {
    EXPECT_THAT(Set("alpha_below", Plain(text), &evidence), HasSubstr("want a number")) << text;
  }
}

TEST(YamlScalar, OnlyTrueAndFalseAreBools) {
  Daemon daemon;
  EXPECT_EQ(Set("reflection", Plain("true"), &daemon), "");
  EXPECT_TRUE(daemon.reflection());
  EXPECT_EQ(Set("reflection", Plain("false"), &daemon), "");
  EXPECT_FALSE(daemon.reflection());
  for (const char* text : {"yes", "no", "on", "True", "FALSE", "1", "0", "", "y"}) {
    EXPECT_THAT(Set("reflection", Plain(text), &daemon), HasSubstr("want true or false")) << text;
  }
  EXPECT_EQ(Set("reflection", Quoted("true"), &daemon), "got \"true\", want true or false");
}

TEST(YamlScalar, PlainTextThatReadersTakeForSomethingElseIsNoString) {
  Daemon daemon;
  for (const char* text : {"no", "Yes", "off", "true", "12", "1.0", "0x1F", ".inf", "1e3", "-5"}) {
    EXPECT_THAT(Set("organisation_id", Plain(text), &daemon), EndsWith("; write it in quotes"))
        << text;
  }
}

TEST(YamlScalar, QuotedTextIsAStringWhateverItLooksLike) {
  Daemon daemon;
  EXPECT_EQ(Set("organisation_id", Quoted("no"), &daemon), "");
  EXPECT_EQ(daemon.organisation_id(), "no");
}

TEST(YamlScalar, AddressesAndDaysAreStringsWithoutQuotes) {
  Daemon daemon;
  for (const char* text : {"127.0.0.1:7443", "2027-06-30", "[::1]:7443", "1.2.3", "Europe/Paris"}) {
    EXPECT_EQ(Set("grpc_listen", Plain(text), &daemon), "");
    EXPECT_EQ(daemon.grpc_listen(), text);
  }
}

TEST(YamlScalar, NothingIsNoValue) {
  Daemon daemon;
  EXPECT_EQ(Set("time_zone", {.text = "", .is_null = true}, &daemon),
            "got nothing, want a string; give a value or leave the field out");
}

TEST(YamlScalar, LongOrStrangeValuesAreCutAndEscapedInErrors) {
  EXPECT_EQ(Shown("a\n\"b\""), "\"a\\n\\\"b\\\"\"");
  EXPECT_EQ(Shown(std::string(200, 'x')), "\"" + std::string(60, 'x') + "...\"");
}

}  // namespace
}  // namespace vigie::policy
