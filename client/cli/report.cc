// SPDX-License-Identifier: Apache-2.0
// `vigie report`, `vigie changes` and `vigie shift`: scopes, spans and hours side by side.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "choice.h"
#include "print.h"
#include "scope_options.h"
#include "summary_text.h"
#include "vigie/v1/oversight_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

void DescribeReport(po::options_description& options) {
  options.add_options()  //
      ("by", po::value<std::string>()->default_value("unit")->value_name("KIND"),
       "unit, system, system-version or system-unit")  //
      ("organisation", po::value<std::string>()->value_name("ID"),
       "may be left out where the store knows only one")  //
      ("period", po::value<std::string>()->value_name("PERIOD"),
       "cumulative (default), day:2026-11-22, week:2026-W47, month:2026-11 or quarter:2026-Q4");
}

ExitCode RunReport(const Session& session, const po::variables_map& arguments) {
  if (!OperandsOf(arguments).empty()) return FailUsage("report takes no operand");
  const absl::StatusOr<v1::Period> period = ParsePeriod(TextOf(arguments, "period"));
  if (!period.ok()) return FailUsage(std::string(period.status().message()));
  const std::string by = TextOf(arguments, "by");
  const std::optional<int> kind = FromWords(*v1::ScopeKind_descriptor(), by);
  if (!kind.has_value()) {
    return FailUsage(absl::StrCat("--by: got \"", by, "\", want one of ",
                                  AllWords(*v1::ScopeKind_descriptor())));
  }
  v1::GetReportRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_kind(static_cast<v1::ScopeKind>(*kind));
  *request.mutable_period() = *period;
  v1::GetReportResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::GetReport, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  Table table({"FLAGGED", "SCOPE", ">DECISIONS", ">LN E", "VERDICT BY ITSELF"});
  for (const v1::ReportRow& row : response.rows()) {
    table.Add({row.flagged() ? "YES" : "no", ScopeText(row.scope()),
               absl::StrCat(row.closed_count()), absl::StrFormat("%.2f", row.log_e()),
               VerdictText(row.verdict(), row.certainty())});
  }
  std::string text = absl::StrCat(
      response.flagged_count(), " of ", response.compared_count(), " flagged (e-BH at ",
      response.false_discovery_ratio(), "); ", response.naive_count(),
      " without regard to how many were looked at\n\n", table.Text(), "\n");
  for (const std::string& caveat : response.caveats())
    absl::StrAppend(&text, "Note: ", caveat, "\n");
  Write(text);
  return ExitCode::kDone;
}

// The share of one indicator of a span.
std::string ShareText(const v1::SpanVerdict& span, v1::Indicator wanted) {
  for (const v1::IndicatorEvidence& indicator : span.indicators()) {
    if (indicator.indicator() != wanted || indicator.trials() == 0) continue;
    return absl::StrFormat(
        "%.3f (%d)",
        static_cast<double>(indicator.successes()) / static_cast<double>(indicator.trials()),
        indicator.trials());
  }
  return "-";
}

std::string SpanVerdictText(const v1::SpanVerdict& span) {
  return span.suppression() == v1::SUPPRESSION_NONE ? VerdictText(span.verdict(), span.certainty())
                                                    : "withheld";
}

void DescribeChanges(po::options_description& options) {
  options.add_options()("organisation", po::value<std::string>()->value_name("ID"),
                        "may be left out where the store knows only one");
}

ExitCode RunChanges(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.size() != 1) return FailUsage("changes: want exactly one SYSTEM");
  v1::ListChangePointsRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_system_id(operands[0]);
  v1::ListChangePointsResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::ListChangePoints, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  Table table({"WHEN", "CHANGE", "SIDE", ">DECISIONS", "VERDICT", ">I1", ">I2", ">I3"});
  for (const v1::ChangePoint& point : response.change_points()) {
    const auto add = [&](const std::string& when, const std::string& what, const char* side,
                         const v1::SpanVerdict& span) {
      table.Add({when, what, side, absl::StrCat(span.closed_count()), SpanVerdictText(span),
                 ShareText(span, v1::INDICATOR_POSITIVE_ACT),
                 ShareText(span, v1::INDICATOR_CONCRETE_EXAMINATION),
                 ShareText(span, v1::INDICATOR_VIGILANCE)});
    };
    add(TimeText(point.occurred_at_ms()), absl::StrCat(InWords(point.kind()), " ", point.value()),
        "before", point.before());
    add("", "", "after", point.after());
  }
  Write(absl::StrCat(table.Text(), "Descriptive: these spans were chosen afterwards (V5).\n"));
  return ExitCode::kDone;
}

ExitCode RunShift(const Session& session, const po::variables_map& arguments) {
  if (!OperandsOf(arguments).empty()) return FailUsage("shift takes no operand");
  v1::GetShiftCurveRequest request;
  *request.mutable_scope() = ScopeFrom(arguments);
  v1::GetShiftCurveResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::GetShiftCurve, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  Table table({">HOUR", ">DECISIONS", "EXAMINED", ">MEDIAN ACTIVE", ">SHORT OF TIME"});
  for (const v1::ShiftHour& hour : response.hours()) {
    table.Add({absl::StrCat(hour.hour()), absl::StrCat(hour.decision_count()),
               ProportionText(hour.has_concrete_examination(), hour.concrete_examination()),
               hour.has_median_active_ms() ? SpanText(hour.median_active_ms()) : "-",
               absl::StrCat(hour.limited_time_count())});
  }
  Write(absl::StrCat(table.Text(), response.withheld_count(),
                     " hours withheld; descriptive, about the unit and never about one person.\n"));
  return ExitCode::kDone;
}

}  // namespace

Verb ReportVerb() {
  return {
      .name = "report",
      .arguments = "",
      .summary = "many scopes at once, with a bounded share of false findings",
      .manual =
          "Compares all scopes of one kind by their present evidence (e-BH, rule V7): of those\n"
          "flagged, on average at most the policy's share is flagged wrongly. Says how many were\n"
          "compared and left out, and how many would be flagged one by one.",
      .describe = DescribeReport,
      .run = RunReport,
  };
}

Verb ChangesVerb() {
  return {
      .name = "changes",
      .arguments = "SYSTEM",
      .summary = "a system's changes of version, screen and configuration, before and after",
      .manual =
          "Prints each change of a system with the verdict on the decisions before and after.",
      .describe = DescribeChanges,
      .run = RunChanges,
  };
}

Verb ShiftVerb() {
  return {
      .name = "shift",
      .arguments = "--unit UNIT",
      .summary = "a unit's decisions by hour of shift",
      .manual =
          "Prints examination, active time and shortness of time by the hour since a person's\n"
          "shift began (its first decision after six hours without one), summed over the unit.",
      .describe = DescribeScope,
      .run = RunShift,
  };
}

}  // namespace vigie::cli
