// SPDX-License-Identifier: Apache-2.0
// `vigie policy`: by which policy the daemon judges, and what another one would have said.
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "choice.h"
#include "print.h"
#include "scope_options.h"
#include "summary_text.h"
#include "vigie/v1/admin_service.grpc.pb.h"
#include "vigie/v1/oversight_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

constexpr absl::Duration kTrialDeadline = absl::Minutes(30);

std::string LimitsText(const v1::GetServerInfoResponse& response) {
  Table table({"LIMIT", ">VALUE"});
  for (const v1::Limit& limit : response.limits()) {
    table.Add({limit.name(), absl::StrCat(limit.value())});
  }
  return table.Text();
}

// As comments, before the policy's YAML; empty while the log is whole.
std::string PurgedText(const v1::LogPurge& purged) {
  if (purged.before_ms() == 0) return "";
  return absl::StrCat("# purged: what was recorded before ", TimeText(purged.before_ms()), ", ",
                      purged.event_count(), " events up to log position ", purged.last_position(),
                      " and ", purged.decision_count(), " decisions; tallies are kept\n");
}

std::string PolicyText(const v1::GetServerInfoResponse& response) {
  const v1::PolicyReference& policy = response.policy();
  return absl::StrCat("# ", policy.id(), " ", policy.version(), ", approved by ", policy.approver(),
                      ", review due by ", policy.review_by(),
                      response.policy_expired() ? " (OVERDUE)" : "", "\n# sha256 ", policy.sha256(),
                      ", epoch ", policy.epoch(), "\n", PurgedText(response.purged()),
                      response.policy_yaml());
}

ExitCode Show(const Session& session, const std::vector<std::string>& /*operands*/,
              const po::variables_map& arguments) {
  v1::GetServerInfoResponse response;
  const absl::Status status = session.Call<v1::AdminService>(&v1::AdminService::Stub::GetServerInfo,
                                                             v1::GetServerInfoRequest(), &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
  } else {
    Write(PolicyText(response));
    if (arguments.count("limits") > 0) Write(absl::StrCat("\n", LimitsText(response)));
  }
  return ExitCode::kDone;
}

std::string DegreeText(v1::Degree degree) {
  return degree == v1::DEGREE_UNSPECIFIED ? "no degree" : InWords(degree);
}

std::string ReasonsText(const google::protobuf::RepeatedPtrField<v1::ReasonCount>& reasons) {
  return absl::StrJoin(reasons, ", ", [](std::string* out, const v1::ReasonCount& reason) {
    absl::StrAppend(out, InWords(reason.reason()), " (", reason.rule(), ") ", reason.count());
  });
}

std::string TrialText(const v1::TryPolicyResponse& response) {
  std::string text = absl::StrCat(response.decision_count(), " decisions judged again under ",
                                  response.tried().id(), " ", response.tried().version(),
                                  ", sha256 ", response.tried().sha256().substr(0, 12), ", in ",
                                  SpanText(static_cast<double>(response.duration_ms())), ": ",
                                  response.moved_count(), " moved to another degree.\n\n");
  Table moves({"AS JUDGED", "AS IT WOULD BE", ">DECISIONS", "REASONS GAINED", "REASONS LOST"});
  for (const v1::DegreeMove& move : response.moves()) {
    const bool same = move.from() == move.to() && move.gained().empty() && move.lost().empty();
    moves.Add({DegreeText(move.from()), same ? "the same" : DegreeText(move.to()),
               absl::StrCat(move.count()), ReasonsText(move.gained()), ReasonsText(move.lost())});
  }
  Table scopes(
      {"SCOPE", ">DECISIONS", "VERDICT AS JUDGED", "AS IT WOULD BE", ">EXAMINED BEFORE", ">AFTER"});
  for (const v1::ScopeMove& scope : response.scopes()) {
    scopes.Add({ScopeText(scope.scope()), absl::StrCat(scope.closed_count()),
                InWords(scope.before()),
                scope.before() == scope.after() ? "the same" : InWords(scope.after()),
                ProportionText(true, scope.examined_before()),
                ProportionText(true, scope.examined_after())});
  }
  absl::StrAppend(&text, moves.Text(), "\n", scopes.Text(), response.withheld_count(),
                  " scopes withheld; ", response.unmatched_count(),
                  " decisions would not be closed. As of log position ", response.as_of(),
                  ".\nDescriptive: the period was picked afterwards (V5). Nothing was changed.\n");
  for (const std::string& caveat : response.caveats()) {
    absl::StrAppend(&text, "Note: ", caveat, "\n");
  }
  return text;
}

ExitCode Try(const Session& session, const std::vector<std::string>& operands,
             const po::variables_map& arguments) {
  const absl::StatusOr<int64_t> from = ReadTime(arguments, "from");
  if (!from.ok()) return FailUsage(std::string(from.status().message()));
  const absl::StatusOr<int64_t> to = ReadTime(arguments, "to");
  if (!to.ok()) return FailUsage(std::string(to.status().message()));
  std::ifstream file(operands[0]);
  std::ostringstream yaml;
  if (!(yaml << file.rdbuf())) {
    return session.Fail(absl::NotFoundError(absl::StrCat(operands[0], ": cannot be read")));
  }
  v1::TryPolicyRequest request;
  request.set_policy_yaml(yaml.str());
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_from_ms(*from);
  request.set_to_ms(*to);
  v1::TryPolicyResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::TryPolicy, request, &response, kTrialDeadline);
  if (!status.ok()) return session.Fail(status);
  Write(session.json() ? ToJson(response) : TrialText(response));
  return ExitCode::kDone;
}

void Describe(po::options_description& options) {
  options.add_options()                            //
      ("limits", "show: the daemon's limits too")  //
      ("organisation", po::value<std::string>()->value_name("ID"),
       "try: may be left out where the store knows only one");
  DescribeSpan(options);
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  return RunChoice("policy", {{"show", 0, Show}, {"try", 1, Try}}, session, arguments);
}

}  // namespace

Verb PolicyVerb() {
  return {
      .name = "policy",
      .arguments = "[show|try FILE]",
      .summary = "the policy in force; what another one would have said",
      .manual =
          "`policy show` prints the policy in force as canonical YAML, with its SHA-256, who\n"
          "approved it and when its review is due, and what the retention ceiling has purged.\n"
          "`policy try` judges a past period again from the log under the policy in FILE, without\n"
          "touching anything, and prints which degrees and verdicts move and for which reasons.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
