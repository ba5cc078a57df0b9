// SPDX-License-Identifier: Apache-2.0
#include "scope_options.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "words.h"

namespace vigie::cli {
namespace {

// Digits only, and no more than `digits` of them.
std::optional<int> Number(absl::string_view text, size_t digits) {
  int value = 0;
  if (text.size() != digits || !absl::SimpleAtoi(text, &value) || value < 0) return std::nullopt;
  return value;
}

// Nothing when the calendar has no such day.
std::optional<absl::CivilDay> Day(std::optional<int> year, std::optional<int> month,
                                  std::optional<int> day) {
  if (!year || !month || !day) return std::nullopt;
  const absl::CivilDay civil(*year, *month, *day);
  if (civil.month() != *month || civil.day() != *day) return std::nullopt;
  return civil;
}

std::optional<absl::CivilDay> MondayOf(std::optional<int> year, std::optional<int> week) {
  if (!year || !week || *week < 1) return std::nullopt;
  // ISO 8601: the first week of a year is the one with 4 January; weeks start on Monday.
  const auto first_monday = [](int iso_year) {
    return absl::PrevWeekday(absl::CivilDay(iso_year, 1, 5), absl::Weekday::monday);
  };
  const absl::CivilDay monday = first_monday(*year) + 7 * (*week - 1);
  if (monday >= first_monday(*year + 1)) return std::nullopt;
  return monday;
}

std::optional<absl::CivilDay> FirstDay(absl::string_view kind, absl::string_view value) {
  const std::vector<absl::string_view> parts = absl::StrSplit(value, '-');
  if (kind == "day" && parts.size() == 3) {
    return Day(Number(parts[0], 4), Number(parts[1], 2), Number(parts[2], 2));
  }
  if (kind == "month" && parts.size() == 2) {
    return Day(Number(parts[0], 4), Number(parts[1], 2), 1);
  }
  if (kind == "quarter" && parts.size() == 2 && absl::StartsWith(parts[1], "Q")) {
    const std::optional<int> quarter = Number(parts[1].substr(1), 1);
    if (!quarter || *quarter < 1 || *quarter > 4) return std::nullopt;
    return Day(Number(parts[0], 4), 3 * *quarter - 2, 1);
  }
  if (kind == "week" && parts.size() == 2 && absl::StartsWith(parts[1], "W")) {
    return MondayOf(Number(parts[0], 4), Number(parts[1].substr(1), 2));
  }
  return std::nullopt;
}

}  // namespace

void DescribeScope(po::options_description& options) {
  options.add_options()  //
      ("organisation", po::value<std::string>()->value_name("ID"),
       "may be left out where the store knows only one")                                      //
      ("system", po::value<std::string>()->value_name("ID"), "one AI system; all otherwise")  //
      ("system-version", po::value<std::string>()->value_name("VERSION"),
       "one version, together with --system")                                          //
      ("unit", po::value<std::string>()->value_name("ID"), "one unit; all otherwise")  //
      ("test", "decisions of test sources instead of production");
}

v1::Scope ScopeFrom(const po::variables_map& arguments) {
  v1::Scope scope;
  scope.set_organisation_id(TextOf(arguments, "organisation"));
  scope.set_system_id(TextOf(arguments, "system"));
  scope.set_system_version(TextOf(arguments, "system-version"));
  scope.set_unit_id(TextOf(arguments, "unit"));
  const bool test = arguments.count("test") > 0;
  scope.set_environment(test ? v1::ENVIRONMENT_TEST : v1::ENVIRONMENT_PRODUCTION);
  return scope;
}

absl::StatusOr<v1::Period> ParsePeriod(absl::string_view text) {
  v1::Period period;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  period.set_kind(v1::PERIOD_KIND_CUMULATIVE);
  if (text.empty() || text == "cumulative") return period;
  const std::optional<absl::CivilDay> day = FirstDay(parts.first, parts.second);
  if (!day.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--period: got \"", text,
                     "\", want cumulative, day:2026-11-22, week:2026-W47, month:2026-11 or "
                     "quarter:2026-Q4"));
  }
  period.set_kind(
      static_cast<v1::PeriodKind>(*FromWords(*v1::PeriodKind_descriptor(), parts.first)));
  period.set_first_day(absl::FormatCivilTime(*day));
  return period;
}

std::string ScopeText(const v1::Scope& scope) {
  std::string text = scope.organisation_id().empty() ? "the organisation" : scope.organisation_id();
  if (scope.system_id().empty()) {
    absl::StrAppend(&text, ", all systems");
  } else {
    absl::StrAppend(&text, ", system ", scope.system_id());
  }
  if (!scope.system_version().empty()) {
    absl::StrAppend(&text, " version ", scope.system_version());
  }
  if (scope.unit_id().empty()) {
    absl::StrAppend(&text, ", all units");
  } else {
    absl::StrAppend(&text, ", unit ", scope.unit_id());
  }
  return scope.environment() == v1::ENVIRONMENT_TEST ? absl::StrCat(text, " (test)") : text;
}

std::string PeriodText(const v1::Period& period) {
  switch (period.kind()) {
    case v1::PERIOD_KIND_DAY:
      return absl::StrCat("day ", period.first_day());
    case v1::PERIOD_KIND_WEEK:
      return absl::StrCat("week of ", period.first_day());
    case v1::PERIOD_KIND_QUARTER:
      return absl::StrCat("quarter from ", period.first_day());
    case v1::PERIOD_KIND_MONTH:
      return absl::StrCat("month ", period.first_day().substr(0, 7));
    default:
      return "cumulative";
  }
}

}  // namespace vigie::cli
