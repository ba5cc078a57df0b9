// SPDX-License-Identifier: Apache-2.0
// `vigie summary` and `vigie actor`: the figures of a scope, and of a person.
#include "absl/strings/str_cat.h"
#include "choice.h"
#include "print.h"
#include "scope_options.h"
#include "summary_text.h"
#include "verb.h"
#include "vigie/v1/oversight_service.grpc.pb.h"

namespace vigie::cli {
namespace {

void DescribeSummary(po::options_description& options) {
  DescribeScope(options);
  options.add_options()("period", po::value<std::string>()->value_name("PERIOD"),
                        "cumulative (default), day:2026-11-22, week:2026-W47, month:2026-11 or "
                        "quarter:2026-Q4");
  DescribeLanguage(options);
}

ExitCode RunSummary(const Session& session, const po::variables_map& arguments) {
  if (!OperandsOf(arguments).empty()) return FailUsage("summary takes no operand");
  const absl::StatusOr<v1::Period> period = ParsePeriod(TextOf(arguments, "period"));
  if (!period.ok()) return FailUsage(std::string(period.status().message()));
  const absl::StatusOr<v1::Language> language = ReadLanguage(arguments);
  if (!language.ok()) return FailUsage(std::string(language.status().message()));
  v1::GetSummaryRequest request;
  request.set_language(*language);
  *request.mutable_scope() = ScopeFrom(arguments);
  *request.mutable_period() = *period;
  v1::GetSummaryResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::GetSummary, request, &response);
  if (!status.ok()) return session.Fail(status);
  Write(session.json() ? ToJson(response.summary()) : SummaryText(response.summary(), false));
  return ExitCode::kDone;
}

void DescribeActor(po::options_description& options) {
  options.add_options()  //
      ("reason", po::value<std::string>()->value_name("TEXT"),
       "required: why this is asked, 3 to 200 characters; name no patient")  //
      ("organisation", po::value<std::string>()->value_name("ID"),
       "may be left out where the store knows only one")  //
      ("system", po::value<std::string>()->value_name("ID"), "one AI system; all otherwise");
}

ExitCode RunActor(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.size() != 1) return FailUsage("actor: want exactly one ID");
  if (TextOf(arguments, "reason").empty()) {
    return FailUsage("actor: --reason is missing; say why one person's figures are asked for");
  }
  v1::GetActorSummaryRequest request;
  request.set_actor_id(operands[0]);
  request.set_reason(TextOf(arguments, "reason"));
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_system_id(TextOf(arguments, "system"));
  v1::GetActorSummaryResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::GetActorSummary, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response.summary()));
  } else {
    Write(absl::StrCat(SummaryText(response.summary(), true),
                       "This access is recorded at log position ", response.access_position(),
                       ".\n"));
  }
  return ExitCode::kDone;
}

}  // namespace

Verb SummaryVerb() {
  return {
      .name = "summary",
      .arguments = "",
      .summary = "the verdict of a scope and all it rests on",
      .manual =
          "Prints the verdict of one scope and period: in words, what drives it, the indicators\n"
          "with their evidence, degrees with the rules that gave them, coverage, reliance, the\n"
          "policy and the log position that the answer includes. Without options the scope is the\n"
          "whole organisation since the policy began.\n"
          "\n"
          "Undetermined is not a finding of compliance: the records do not suffice.",
      .describe = DescribeSummary,
      .run = RunSummary,
  };
}

Verb ActorVerb() {
  return {
      .name = "actor",
      .arguments = "ID --reason TEXT",
      .summary = "one person's figures; the access is recorded",
      .manual =
          "Prints the figures of the person whom sources call ID, found by reading decisions: no\n"
          "tally of a person is kept, and no verdict is given on one. The call and its reason are\n"
          "recorded in the log before the answer.",
      .describe = DescribeActor,
      .run = RunActor,
  };
}

}  // namespace vigie::cli
