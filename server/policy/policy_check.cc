// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_check.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "policy/nearest_name.h"
#include "policy/yaml_scalar.h"
#include "vigie/v1/event.pb.h"

namespace vigie::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using vigie::config::v1::Policy;

constexpr int64_t kHourMs = int64_t{3600} * 1000;
constexpr int64_t kDayMs = 24 * kHourMs;

// Both ends belong to the range.
struct IntegerRange {
  std::string_view section;
  std::string_view field;
  int64_t least;
  int64_t most;
};

constexpr IntegerRange kIntegerRanges[] = {
    {"closing", "settle_delay_ms", 0, kDayMs},
    {"closing", "expiry_ms", 60'000, 365 * kDayMs},
    {"closing", "pending_ttl_ms", kHourMs, 730 * kDayMs},
    {"closing", "clock_tolerance_ms", 0, kHourMs},
    {"closing", "period_grace_ms", 0, 90 * kDayMs},
    {"examination", "idle_cap_ms", 1000, kDayMs},
    {"examination", "substantial_edit_permille", 1, 1000},
    // Zero would say that there is a minimum where there is none.
    {"examination", "floor_ms", 1, kDayMs},
    {"examination", "per_item_ms", 1, kDayMs},
    {"examination", "unaided_permille", 0, 1000},
    {"examination", "one_click_permille", 0, 1000},
    {"disclosure", "minimum_cell_count", 1, 1000},
};

enum class Ends { kBoth, kUpperOnly, kNone };

struct DecimalRange {
  std::string_view section;
  std::string_view field;
  double least;
  double most;
  Ends included;
};

constexpr DecimalRange kDecimalRanges[] = {
    {"evidence", "positive_act_threshold", 0, 1, Ends::kNone},
    {"evidence", "concrete_examination_threshold", 0, 1, Ends::kNone},
    {"evidence", "vigilance_threshold", 0, 1, Ends::kNone},
    {"evidence", "coverage_for_green_ratio", 0, 1, Ends::kBoth},
    {"evidence", "coverage_for_red_ratio", 0, 1, Ends::kBoth},
    {"evidence", "alpha_below", 0, 0.2, Ends::kUpperOnly},
    {"evidence", "alpha_above", 0, 0.2, Ends::kUpperOnly},
    {"evidence", "alpha_interval", 0, 0.2, Ends::kUpperOnly},
    {"evidence", "feasible_workload_threshold", 0, 1, Ends::kNone},
    {"evidence", "change_alarm_bound", 20, 1e9, Ends::kBoth},
    {"evidence", "false_discovery_ratio", 0, 0.5, Ends::kUpperOnly},
    {"truth", "minimum_response_ratio", 0.5, 1, Ends::kBoth},
};

const FieldDescriptor& FieldOf(const Message& message, std::string_view name) {
  return *message.GetDescriptor()->FindFieldByName(std::string(name));
}

const Message& SectionOf(const Policy& policy, std::string_view name) {
  return policy.GetReflection()->GetMessage(policy, &FieldOf(policy, name));
}

std::string PathOf(std::string_view section, std::string_view field) {
  return base::Cat(section, ".", field);
}

absl::Status CheckInteger(const IntegerRange& range, const Policy& policy,
                          const FieldMarks* marks) {
  const Message& section = SectionOf(policy, range.section);
  const FieldDescriptor& field = FieldOf(section, range.field);
  const google::protobuf::Reflection& reflection = *section.GetReflection();
  if (field.has_optional_keyword() && !reflection.HasField(section, &field)) {
    return absl::OkStatus();
  }
  const int64_t value = field.cpp_type() == FieldDescriptor::CPPTYPE_INT32
                            ? reflection.GetInt32(section, &field)
                            : reflection.GetInt64(section, &field);
  if (value >= range.least && value <= range.most) return absl::OkStatus();
  return FieldError(marks, PathOf(range.section, range.field),
                    base::Cat("got ", value, ", want ", range.least, " to ", range.most));
}

absl::Status CheckDecimal(const DecimalRange& range, const Policy& policy,
                          const FieldMarks* marks) {
  const Message& section = SectionOf(policy, range.section);
  const double value = section.GetReflection()->GetDouble(section, &FieldOf(section, range.field));
  const bool above = range.included == Ends::kBoth ? value >= range.least : value > range.least;
  const bool below = range.included == Ends::kNone ? value < range.most : value <= range.most;
  // Written so that not-a-number is refused.
  if (above && below) return absl::OkStatus();
  const std::string_view words = range.included == Ends::kBoth ? "" : "over ";
  const std::string_view joint = range.included == Ends::kNone ? " and under " : " to ";
  return FieldError(marks, PathOf(range.section, range.field),
                    base::Cat("got ", value, ", want ", words, range.least, joint, range.most));
}

absl::Status CheckIdentifier(std::string_view path, std::string_view value,
                             const FieldMarks* marks) {
  if (IsIdentifier(value, base::kMaxIdentifierChars)) return absl::OkStatus();
  return FieldError(marks, path,
                    base::Cat("got ", Shown(value), ", want 1 to ", base::kMaxIdentifierChars,
                              " characters of [A-Za-z0-9._:/-]"));
}

absl::Status CheckApprover(std::string_view value, const FieldMarks* marks) {
  int char_count = 0;
  bool printable = true;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    // Bytes 10xxxxxx continue a character.
    if ((byte & 0xc0) != 0x80) ++char_count;
    if (absl::ascii_iscntrl(byte)) printable = false;
  }
  const bool blank = absl::StripAsciiWhitespace(base::ToAbsl(value)).empty();
  if (printable && !blank && char_count <= base::kMaxTitleChars) return absl::OkStatus();
  return FieldError(marks, "approver",
                    base::Cat("got ", Shown(value), ", want the body that approved the policy, ",
                              "1 to ", base::kMaxTitleChars, " printable characters"));
}

// Sections are checked apart: an absent one would read as zeros and false.
absl::Status CheckSections(const Policy& policy, const FieldMarks* marks) {
  const google::protobuf::Descriptor& schema = *Policy::descriptor();
  for (int i = 0; i < schema.field_count(); ++i) {
    const FieldDescriptor& field = *schema.field(i);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!policy.GetReflection()->HasField(policy, &field)) {
      return FieldError(marks, field.name(), "missing, want a mapping of fields");
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> EvidenceNames() {
  constexpr std::string_view kPrefix = "EVIDENCE_KIND_";
  std::vector<std::string> names;
  const google::protobuf::EnumDescriptor& kinds = *vigie::v1::EvidenceKind_descriptor();
  for (int i = 0; i < kinds.value_count(); ++i) {
    if (kinds.value(i)->number() == vigie::v1::EVIDENCE_KIND_UNSPECIFIED) continue;
    names.push_back(kinds.value(i)->name().substr(kPrefix.size()));
  }
  return names;
}

absl::Status CheckRequiredEvidence(const Policy& policy, const FieldMarks* marks) {
  const std::vector<std::string> known = EvidenceNames();
  std::set<std::string> seen;
  int index = 0;
  for (const std::string& name : policy.examination().required_evidence()) {
    const std::string path = base::Cat("examination.required_evidence[", index++, "]");
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return FieldError(marks, path,
                        base::Cat("got ", Shown(name), ", want an evidence kind, did you mean \"",
                                  NearestName(name, known), "\"?"));
    }
    if (!seen.insert(name).second) {
      return FieldError(marks, path, base::Cat("\"", name, "\" is given twice; remove one"));
    }
  }
  return absl::OkStatus();
}

// A list of identifiers of section examination, each given once.
absl::Status CheckIdentifiers(std::string_view field,
                              const google::protobuf::RepeatedPtrField<std::string>& identifiers,
                              const FieldMarks* marks) {
  std::set<std::string> seen;
  int index = 0;
  for (const std::string& identifier : identifiers) {
    const std::string path = base::Cat(PathOf("examination", field), "[", index++, "]");
    VIGIE_RETURN_IF_ERROR(CheckIdentifier(path, identifier, marks));
    if (!seen.insert(identifier).second) {
      return FieldError(marks, path, base::Cat("\"", identifier, "\" is given twice; remove one"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCompleteBelow(const google::protobuf::Descriptor& schema, const std::string& path,
                                const FieldMarks& marks) {
  for (int i = 0; i < schema.field_count(); ++i) {
    const FieldDescriptor& field = *schema.field(i);
    const std::string field_path = base::Cat(path, path.empty() ? "" : ".", field.name());
    if (!marks.Given(field_path)) {
      if (field.has_optional_keyword()) continue;
      return FieldError(&marks, field_path,
                        base::Cat("missing, want ", Wanted(field),
                                  "; a policy states every value, so write it out"));
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      VIGIE_RETURN_IF_ERROR(CheckCompleteBelow(*field.message_type(), field_path, marks));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckComplete(const google::protobuf::Descriptor& schema, const FieldMarks& marks) {
  return CheckCompleteBelow(schema, "", marks);
}

absl::Status ValidatePolicy(const Policy& policy, const FieldMarks* marks) {
  VIGIE_RETURN_IF_ERROR(CheckIdentifier("id", policy.id(), marks));
  VIGIE_RETURN_IF_ERROR(CheckIdentifier("version", policy.version(), marks));
  VIGIE_RETURN_IF_ERROR(CheckApprover(policy.approver(), marks));
  if (!ParseDay(policy.review_by()).has_value()) {
    return FieldError(marks, "review_by",
                      base::Cat("got ", Shown(policy.review_by()),
                                ", want a day of the calendar, for example 2027-06-30"));
  }
  VIGIE_RETURN_IF_ERROR(CheckSections(policy, marks));
  for (const IntegerRange& range : kIntegerRanges) {
    VIGIE_RETURN_IF_ERROR(CheckInteger(range, policy, marks));
  }
  for (const DecimalRange& range : kDecimalRanges) {
    VIGIE_RETURN_IF_ERROR(CheckDecimal(range, policy, marks));
  }
  VIGIE_RETURN_IF_ERROR(CheckRequiredEvidence(policy, marks));
  const auto& examination = policy.examination();
  VIGIE_RETURN_IF_ERROR(
      CheckIdentifiers("roles_without_authority", examination.roles_without_authority(), marks));
  return CheckIdentifiers("calibrations", examination.calibrations(), marks);
}

bool IsIdentifier(std::string_view text, size_t max_chars) {
  if (text.empty() || text.size() > max_chars) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    constexpr std::string_view kPunctuation = "._:/-";
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           kPunctuation.find(c) != std::string_view::npos;
  });
}

std::optional<absl::CivilDay> ParseDay(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  if (text.size() != kForm.size()) return std::nullopt;
  for (size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = absl::ascii_isdigit(static_cast<unsigned char>(text[i]));
    if (kForm[i] == 'd' ? !is_digit : text[i] != kForm[i]) return std::nullopt;
  }
  const std::array<std::string_view, 3> parts = {text.substr(0, 4), text.substr(5, 2),
                                                 text.substr(8, 2)};
  std::array<int, 3> numbers{};
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(base::ToAbsl(parts[i]), &numbers[i])) return std::nullopt;
  }
  const absl::CivilDay day(numbers[0], numbers[1], numbers[2]);
  // CivilDay turns 30 February into 2 March.
  const bool is_real = day.year() == numbers[0] && day.month() == numbers[1] &&
                       day.day() == numbers[2] && numbers[0] > 0;
  if (!is_real) return std::nullopt;
  return day;
}

}  // namespace vigie::policy
