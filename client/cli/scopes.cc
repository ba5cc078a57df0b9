// SPDX-License-Identifier: Apache-2.0
// `vigie scopes` and `vigie watch`: the verdicts of all scopes, once and as they change.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "print.h"
#include "scope_options.h"
#include "summary_text.h"
#include "verb.h"
#include "vigie/v1/oversight_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

std::string ClosedText(const v1::ScopeVerdict& scope) {
  const bool shown = scope.suppression() == v1::SUPPRESSION_NONE ||
                     scope.suppression() == v1::SUPPRESSION_UNSPECIFIED;
  return shown ? absl::StrCat(scope.closed_count()) : "withheld";
}

void DescribeScopes(po::options_description& options) {
  options.add_options()                                                         //
      ("organisation", po::value<std::string>()->value_name("ID"), "one only")  //
      ("test", "test sources instead of production");
}

ExitCode RunScopes(const Session& session, const po::variables_map& arguments) {
  v1::ListScopesRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_environment(arguments.count("test") > 0 ? v1::ENVIRONMENT_TEST
                                                      : v1::ENVIRONMENT_PRODUCTION);
  v1::ListScopesResponse all;
  if (absl::Status status = session.CallAllPages<v1::OversightService>(
          &v1::OversightService::Stub::ListScopes, request, &all);
      !status.ok()) {
    return session.Fail(status);
  }
  if (session.json()) {
    Write(ToJson(all));
    return ExitCode::kDone;
  }
  Table table({"SCOPE", "VERDICT", ">CLOSED"});
  for (const v1::ScopeVerdict& scope : all.scopes()) {
    table.Add({ScopeText(scope.scope()), VerdictText(scope.verdict(), scope.certainty()),
               ClosedText(scope)});
  }
  Write(absl::StrCat(table.Text(), "As of log position ", all.as_of(), ".\n"));
  if (all.overflow_count() > 0) {
    Write(absl::StrCat("The limit of scopes is reached: _other was counted in ",
                       all.overflow_count(), " times.\n"));
  }
  return ExitCode::kDone;
}

void DescribeWatch(po::options_description& options) {
  options.add_options()                                                         //
      ("organisation", po::value<std::string>()->value_name("ID"), "one only")  //
      ("after", po::value<int64_t>()->value_name("POSITION"),
       "only what changed after this log position; the present state first otherwise")  //
      ("count", po::value<int64_t>()->value_name("N"), "stop after N answers");
}

void PrintChange(const v1::WatchVerdictsResponse& response) {
  for (const v1::ScopeVerdict& scope : response.verdicts()) {
    Write(absl::StrFormat("%10d  %-40s  %s (%s closed)\n", response.as_of(),
                          ScopeText(scope.scope()), VerdictText(scope.verdict(), scope.certainty()),
                          ClosedText(scope)));
  }
}

ExitCode RunWatch(const Session& session, const po::variables_map& arguments) {
  int64_t left = -1;
  if (arguments.count("count") > 0) {
    left = arguments["count"].as<int64_t>();
    if (left < 1) return FailUsage(absl::StrCat("--count: got ", left, ", want 1 or more"));
  }
  v1::WatchVerdictsRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  if (arguments.count("after") > 0) request.set_after_position(arguments["after"].as<int64_t>());
  const auto stub = v1::OversightService::NewStub(session.channel());
  grpc::ClientContext context;
  const auto reader = stub->WatchVerdicts(&context, request);
  v1::WatchVerdictsResponse response;
  int64_t position = request.after_position();
  while (reader->Read(&response)) {
    position = response.as_of();
    if (session.json()) {
      Write(ToJsonLine(response));
    } else {
      PrintChange(response);
    }
    if (--left == 0) {
      context.TryCancel();
      (void)reader->Finish();
      return ExitCode::kDone;
    }
  }
  const absl::Status status = ToStatus(reader->Finish());
  if (status.ok()) return ExitCode::kDone;
  return session.Fail(absl::Status(
      status.code(), absl::StrCat(status.message(), " (go on with --after ", position, ")")));
}

}  // namespace

Verb ScopesVerb() {
  return {
      .name = "scopes",
      .arguments = "",
      .summary = "all scopes with their verdicts",
      .manual =
          "Lists the scopes that have decisions (organisation, system, version, unit, system and\n"
          "unit) with their cumulative verdicts. Small cells are withheld.",
      .describe = DescribeScopes,
      .run = RunScopes,
  };
}

Verb WatchVerb() {
  return {
      .name = "watch",
      .arguments = "",
      .summary = "verdicts as they change",
      .manual =
          "Prints the state of every scope, and from then on what changes, until interrupted or\n"
          "--count answers have come. With --output json each answer is one line.",
      .describe = DescribeWatch,
      .run = RunWatch,
  };
}

}  // namespace vigie::cli
