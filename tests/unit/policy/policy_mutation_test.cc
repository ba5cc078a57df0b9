// SPDX-License-Identifier: Apache-2.0
// The baseline, spoilt in one place at a time: each time refused, with the place.
#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/cat.h"
#include "policy/policy.h"
#include "policy/policy_check.h"
#include "policy/yaml_message.h"
#include "policy_fixture.h"

namespace vigie::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using vigie::config::v1::Policy;

struct Field {
  std::string path;
  const FieldDescriptor* field;
};

// Fields of the baseline that hold values; it leaves the optional ones out.
void AddLeaves(const Descriptor& schema, const std::string& prefix, std::vector<Field>* leaves) {
  for (int i = 0; i < schema.field_count(); ++i) {
    const FieldDescriptor* const field = schema.field(i);
    const std::string path = base::Cat(prefix, prefix.empty() ? "" : ".", field->name());
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AddLeaves(*field->message_type(), path, leaves);
    } else if (!field->has_optional_keyword()) {
      leaves->push_back({path, field});
    }
  }
}

std::vector<Field> Leaves() {
  std::vector<Field> leaves;
  AddLeaves(*Policy::descriptor(), "", &leaves);
  return leaves;
}

std::vector<std::string> WrongValues(const FieldDescriptor& field) {
  if (field.is_repeated()) return {"", "word", "5", "true", "{a: 1}", "[5]", "[[a]]", "[~]"};
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return {"", "~", "5", "0.5", "true", "no", "[a]", "{a: 1}"};
    case FieldDescriptor::CPPTYPE_BOOL:
      return {"", "~", "5", "0", "yes", "\"true\"", "word", "[true]", "{a: 1}"};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {"", "~", "true", "word", "\"0.5\"", ".nan", ".inf", "1e999", "[0.5]", "{a: 1}"};
    default:
      return {"",    "~",     "1.5",  "true", "word",   "\"5\"",
              "5ms", "1_000", "0x10", "[5]",  "{a: 1}", "99999999999999999999"};
  }
}

bool IsNumber(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE;
}

TEST(PolicyMutation, AWrongTypeOfAnyFieldIsRefusedWithItsPathAndLine) {
  const std::string baseline = BaselineText();
  for (const Field& leaf : Leaves()) {
    const int line = FindKey(baseline, leaf.field->name()).number;
    for (const std::string& value : WrongValues(*leaf.field)) {
      const std::string error = LoadError(WithValue(baseline, leaf.field->name(), value));
      EXPECT_THAT(error, StartsWith(base::Cat("policy.yaml:", line, ":")))
          << leaf.path << " = " << value;
      EXPECT_THAT(error, HasSubstr(leaf.path)) << value;
      EXPECT_THAT(error, HasSubstr("want ")) << value;
    }
  }
}

TEST(PolicyMutation, AnyFieldLeftOutIsRefusedByName) {
  const std::string baseline = BaselineText();
  for (const Field& leaf : Leaves()) {
    // A section whose only field is gone has no value.
    const std::string section = leaf.path.substr(0, leaf.path.find('.'));
    EXPECT_THAT(LoadError(WithoutKey(baseline, leaf.field->name())),
                AnyOf(HasSubstr(base::Cat(": ", leaf.path, ": missing, want ")),
                      HasSubstr(base::Cat(": ", section, ": got nothing, want "))));
  }
}

TEST(PolicyMutation, AnySectionLeftOutIsRefusedByName) {
  const std::string baseline = BaselineText();
  for (const char* section : {"closing", "examination", "evidence", "truth", "disclosure"}) {
    Policy policy = LoadPolicy(baseline, "policy.yaml").value().policy;
    policy.GetReflection()->ClearField(&policy, Policy::descriptor()->FindFieldByName(section));
    EXPECT_THAT(std::string(ValidatePolicy(policy).message()),
                StartsWith(base::Cat(section, ": missing")));
  }
}

TEST(PolicyMutation, AnyFieldGivenTwiceIsRefused) {
  const std::string baseline = BaselineText();
  for (const Field& leaf : Leaves()) {
    const KeyLine line = FindKey(baseline, leaf.field->name());
    const std::string doubled =
        base::Cat(baseline.substr(0, line.end), baseline.substr(line.begin));
    EXPECT_THAT(LoadError(doubled),
                HasSubstr(base::Cat("field \"", leaf.field->name(), "\" is given twice")));
  }
}

TEST(PolicyMutation, AnyFieldMisspeltIsRefusedAndItsNameOffered) {
  const std::string baseline = BaselineText();
  for (const Field& leaf : Leaves()) {
    if (leaf.field->name() == "id") continue;
    std::string spoilt = baseline;
    const KeyLine line = FindKey(baseline, leaf.field->name());
    spoilt.insert(spoilt.find(':', line.begin), "s");
    const std::string error = LoadError(spoilt);
    EXPECT_THAT(error, StartsWith(base::Cat("policy.yaml:", line.number, ":")));
    EXPECT_THAT(error, HasSubstr(base::Cat("did you mean \"", leaf.field->name(), "\"?")));
  }
}

TEST(PolicyMutation, ANumberOutOfRangeIsRefusedForEveryNumber) {
  const std::string baseline = BaselineText();
  int number_count = 0;
  for (const Field& leaf : Leaves()) {
    if (!IsNumber(*leaf.field)) continue;
    ++number_count;
    const int line = FindKey(baseline, leaf.field->name()).number;
    const bool is_int32 = leaf.field->cpp_type() == FieldDescriptor::CPPTYPE_INT32;
    for (const char* value : {"-1", is_int32 ? "2147483647" : "9223372036854775807"}) {
      const std::string error = LoadError(WithValue(baseline, leaf.field->name(), value));
      EXPECT_THAT(error, StartsWith(base::Cat("policy.yaml:", line, ":")));
      EXPECT_THAT(error, HasSubstr(base::Cat(leaf.path, ": got "))) << value;
    }
  }
  EXPECT_EQ(number_count, 22);
}

struct Bounds {
  const char* key;
  std::vector<const char*> accepted;
  std::vector<const char*> refused;
};

TEST(PolicyMutation, EveryRangeIsThatOfTheSchema) {
  const std::vector<Bounds> all = {
      {"settle_delay_ms", {"0", "86400000"}, {"-1", "86400001"}},
      {"expiry_ms", {"60000", "31536000000"}, {"59999", "31536000001"}},
      {"pending_ttl_ms", {"3600000", "63072000000"}, {"3599999", "63072000001"}},
      {"clock_tolerance_ms", {"0", "3600000"}, {"-1", "3600001"}},
      {"period_grace_ms", {"0", "7776000000"}, {"-1", "7776000001"}},
      {"idle_cap_ms", {"1000", "86400000"}, {"999", "86400001"}},
      {"substantial_edit_permille", {"1", "1000"}, {"0", "1001"}},
      {"unaided_permille", {"0", "1000"}, {"-1", "1001"}},
      {"one_click_permille", {"0", "1000"}, {"-1", "1001"}},
      {"positive_act_threshold", {"0.0001", "0.9999"}, {"0", "1", "-0.1", "1.1"}},
      {"concrete_examination_threshold", {"0.0001", "0.9999"}, {"0", "1"}},
      {"vigilance_threshold", {"0.0001", "0.9999"}, {"0", "1"}},
      {"coverage_for_green_ratio", {"0", "1", "-0.0"}, {"-0.0001", "1.0001"}},
      {"coverage_for_red_ratio", {"0", "1"}, {"-0.0001", "1.0001"}},
      {"alpha_below", {"1e-9", "0.2"}, {"0", "0.2001", "-0.1"}},
      {"alpha_above", {"1e-9", "0.2"}, {"0", "0.2001"}},
      {"alpha_interval", {"1e-9", "0.2"}, {"0", "0.2001"}},
      {"minimum_cell_count", {"1", "1000"}, {"0", "1001"}},
  };
  const std::string baseline = BaselineText();
  for (const Bounds& bounds : all) {
    for (const char* value : bounds.accepted) {
      EXPECT_EQ(LoadError(WithValue(baseline, bounds.key, value)), "") << bounds.key << value;
    }
    for (const char* value : bounds.refused) {
      EXPECT_THAT(LoadError(WithValue(baseline, bounds.key, value)), HasSubstr(", want "))
          << bounds.key << " = " << value;
    }
  }
}

// Any bytes at all give a policy or a message with a place, never anything else.
TEST(PolicyMutation, RandomDamageIsAcceptedWholeOrRefusedWithAPlace) {
  const std::string baseline = BaselineText();
  constexpr std::string_view kAlphabet = "aZ09 \n\t:-[]{}&*!|>'\"#%@`,?.~<\xc3\xa9\xff\x01";
  std::mt19937 random(20270630);
  std::uniform_int_distribution<size_t> any_place(0, baseline.size() - 1);
  std::uniform_int_distribution<size_t> any_letter(0, kAlphabet.size() - 1);
  for (int round = 0; round < 2000; ++round) {
    std::string text = baseline;
    for (int edit = 0; edit <= round % 4; ++edit) {
      const size_t place = any_place(random) % text.size();
      if (round % 3 == 0) text.erase(place, 1 + any_letter(random));
      if (round % 3 == 1) text.insert(place, 1, kAlphabet[any_letter(random)]);
      if (round % 3 == 2) text[place] = kAlphabet[any_letter(random)];
    }
    const auto loaded = LoadPolicy(text, "policy.yaml");
    if (loaded.ok()) {
      EXPECT_TRUE(ValidatePolicy(loaded->policy).ok()) << round;
    } else {
      EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument) << round;
      EXPECT_THAT(std::string(loaded.status().message()),
                  ::testing::MatchesRegex("policy.yaml:[0-9]+:[0-9]+: .*"))
          << round;
    }
  }
}

}  // namespace
}  // namespace vigie::policy
