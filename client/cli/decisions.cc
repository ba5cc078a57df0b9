// SPDX-License-Identifier: Apache-2.0
// `vigie decision` and `vigie decisions`: how single decisions were judged.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "choice.h"
#include "decisions_csv.h"
#include "print.h"
#include "replay_mapping.h"
#include "scope_options.h"
#include "verb.h"
#include "vigie/v1/oversight_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

constexpr int kDefaultLimit = 50;
constexpr int kPageSize = 1000;

std::string DegreeText(const v1::Decision& decision) {
  if (decision.state() != v1::DECISION_STATE_CLOSED) return InWords(decision.state());
  if (decision.degree() == v1::DEGREE_UNSPECIFIED) return "no degree";
  return InWords(decision.degree());
}

std::string ReasonsText(const v1::Decision& decision) {
  std::vector<std::string> reasons;
  for (const v1::ReasonFound& reason : decision.reasons()) {
    reasons.push_back(absl::StrCat(InWords(reason.reason()), " (", reason.rule(), ")"));
  }
  return absl::StrJoin(reasons, ", ");
}

std::string TruthText(const v1::Decision& decision) {
  if (!decision.has_ai_wrong()) return "-";
  if (!decision.ai_wrong()) return "AI right";
  if (!decision.has_caught()) return "AI wrong";
  return decision.caught() ? "AI wrong, caught" : "AI wrong, taken over";
}

std::string DecisionText(const v1::GetDecisionResponse& response) {
  const v1::Decision& decision = response.decision();
  std::string text =
      absl::StrCat("Decision   ", decision.decision_id(), ", ", InWords(decision.state()),
                   "\nDegree     ", DegreeText(decision), "\n");
  const auto add = [&text](absl::string_view label, const std::string& value) {
    if (!value.empty()) {
      absl::StrAppend(&text, label, std::string(11 - label.size(), ' '), value, "\n");
    }
  };
  add("Reasons", ReasonsText(decision));
  add("Missing", absl::StrJoin(decision.missing(), "; "));
  add("Rules", absl::StrJoin(decision.rules(), ", "));
  add("Scope", ScopeText(decision.scope()));
  add("Kind", decision.decision_kind());
  add("Grade", InWords(decision.grade()));
  add("Active",
      decision.has_active_ms() ? SpanText(static_cast<double>(decision.active_ms())) : "missing");
  if (decision.has_minimum_ms()) {
    add("Minimum", SpanText(static_cast<double>(decision.minimum_ms())));
  }
  if (decision.has_ai_wrong()) {
    add("Truth", absl::StrCat(TruthText(decision), " (", InWords(decision.truth_origin()), ")"));
  }
  add("Policy", absl::StrCat(response.policy().id(), " ", response.policy().version(), ", sha256 ",
                             response.policy().sha256().substr(0, 12), "; as of log position ",
                             response.as_of()));
  Table events({"OCCURRED", "EVENT", "SOURCE", ">POSITION", "NOTE"});
  for (const v1::RecordedEvent& event : response.events()) {
    events.Add({TimeText(event.event().occurred_at_ms()), InWords(PayloadKindOf(event.event())),
                event.source_id(), absl::StrCat(event.position()),
                absl::StrCat(event.late() ? "late " : "", event.voided() ? "voided" : "")});
  }
  std::string explanation;
  for (const std::string& sentence : decision.explanation()) {
    absl::StrAppend(&explanation, sentence, "\n");
  }
  return absl::StrCat(text, "\n", events.Text(), "\n", explanation);
}

ExitCode RunDecision(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.size() != 1) return FailUsage("decision: want exactly one ID");
  const absl::StatusOr<v1::Language> language = ReadLanguage(arguments);
  if (!language.ok()) return FailUsage(std::string(language.status().message()));
  v1::GetDecisionRequest request;
  request.set_language(*language);
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_decision_id(operands[0]);
  v1::GetDecisionResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::GetDecision, request, &response);
  if (!status.ok()) return session.Fail(status);
  Write(session.json() ? ToJson(response) : DecisionText(response));
  return ExitCode::kDone;
}

void DescribeDecision(po::options_description& options) {
  options.add_options()("organisation", po::value<std::string>()->value_name("ID"),
                        "may be left out where the store knows only one");
  DescribeLanguage(options);
}

void DescribeDecisions(po::options_description& options) {
  DescribeScope(options);
  options.add_options()  //
      ("degree", po::value<std::vector<std::string>>()->value_name("DEGREE"),
       "such as token; may be given several times")  //
      ("reason", po::value<std::vector<std::string>>()->value_name("REASON"),
       "such as never-opened; may be given several times")                          //
      ("limit", po::value<int>()->value_name("N"), "at most so many (default 50)")  //
      ("format", po::value<std::string>()->value_name("csv"),
       "comma-separated values, all decisions unless --limit says otherwise");
}

// Adds the values of an option that names members of an enum.
template <typename Add>
absl::Status ReadEnums(const po::variables_map& arguments, const char* option,
                       const google::protobuf::EnumDescriptor& type, Add add) {
  if (arguments.count(option) == 0) return absl::OkStatus();
  for (const std::string& words : arguments[option].as<std::vector<std::string>>()) {
    const std::optional<int> value = FromWords(type, words);
    if (!value.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", option, ": got \"", words, "\", want one of ", AllWords(type)));
    }
    add(*value);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ListDecisionsRequest> ListRequest(const po::variables_map& arguments) {
  v1::ListDecisionsRequest request;
  *request.mutable_scope() = ScopeFrom(arguments);
  absl::Status status = ReadEnums(arguments, "degree", *v1::Degree_descriptor(), [&](int value) {
    request.add_degrees(static_cast<v1::Degree>(value));
  });
  if (!status.ok()) return status;
  status = ReadEnums(arguments, "reason", *v1::Reason_descriptor(),
                     [&](int value) { request.add_reasons(static_cast<v1::Reason>(value)); });
  if (!status.ok()) return status;
  return request;
}

ExitCode RunDecisions(const Session& session, const po::variables_map& arguments) {
  if (!OperandsOf(arguments).empty()) return FailUsage("decisions takes no operand");
  absl::StatusOr<v1::ListDecisionsRequest> request = ListRequest(arguments);
  if (!request.ok()) return FailUsage(std::string(request.status().message()));
  std::optional<int> asked;
  if (arguments.count("limit") > 0) asked = arguments["limit"].as<int>();
  const int limit = asked.value_or(kDefaultLimit);
  if (limit < 1) return FailUsage(absl::StrCat("--limit: got ", limit, ", want 1 or more"));
  if (const std::string format = TextOf(arguments, "format"); !format.empty()) {
    if (format != "csv" || session.json()) {
      return FailUsage(
          absl::StrCat("--format: got \"", format, "\", want csv, and then no --output json"));
    }
    return WriteDecisionsCsv(session, *std::move(request), asked);
  }
  v1::ListDecisionsResponse all;
  do {
    request->set_page_size(std::min(kPageSize, limit - all.decisions_size()));
    v1::ListDecisionsResponse page;
    const absl::Status status = session.Call<v1::OversightService>(
        &v1::OversightService::Stub::ListDecisions, *request, &page);
    if (!status.ok()) return session.Fail(status);
    all.clear_next_page_token();
    all.MergeFrom(page);
    request->set_page_token(page.next_page_token());
  } while (!request->page_token().empty() && all.decisions_size() < limit);
  if (session.json()) {
    Write(ToJson(all));
    return ExitCode::kDone;
  }
  Table table({"DECISION", "DEGREE", "SYSTEM", "UNIT", "TRUTH", "REASONS"});
  for (const v1::Decision& decision : all.decisions()) {
    table.Add({decision.decision_id(), DegreeText(decision), decision.scope().system_id(),
               decision.scope().unit_id(), TruthText(decision), ReasonsText(decision)});
  }
  Write(table.Text());
  if (!all.next_page_token().empty()) Write("There are more; --limit shows more.\n");
  return ExitCode::kDone;
}

}  // namespace

Verb DecisionVerb() {
  return {
      .name = "decision",
      .arguments = "ID",
      .summary = "one decision: its events, degree, reasons and rules",
      .manual =
          "Prints how one decision was judged: its degree, all reasons that hold with their "
          "rules,\n"
          "what would be missing for the next degree, and its events without anybody's identity.",
      .describe = DescribeDecision,
      .run = RunDecision,
  };
}

Verb DecisionsVerb() {
  return {
      .name = "decisions",
      .arguments = "",
      .summary = "decisions by scope, degree and reason",
      .manual =
          "Lists decisions, ordered by identifier, without their events.\n"
          "\n"
          "--format csv writes RFC 4180 with a row of column names, UTF-8, all pages up to "
          "1,000,000\n"
          "decisions (exit code 1 when there are more). Lists in a field are separated by\n"
          "semicolons; what is absent is empty. A field that a spreadsheet would take for a "
          "formula\n"
          "has an apostrophe before it, so an identifier that begins with a hyphen does.",
      .describe = DescribeDecisions,
      .run = RunDecisions,
  };
}

}  // namespace vigie::cli
