// SPDX-License-Identifier: Apache-2.0
// `vigie baseline`: the same task without AI.
#include "absl/strings/str_cat.h"
#include "choice.h"
#include "print.h"
#include "summary_text.h"
#include "vigie/v1/calibration_service.grpc.pb.h"

namespace vigie::cli {
namespace {

ExitCode Close(const Session& session, const std::vector<std::string>& /*operands*/,
               const po::variables_map& arguments) {
  const absl::StatusOr<int64_t> from = ReadTime(arguments, "from");
  if (!from.ok()) return FailUsage(std::string(from.status().message()));
  const absl::StatusOr<int64_t> to = ReadTime(arguments, "to");
  if (!to.ok()) return FailUsage(std::string(to.status().message()));
  if (TextOf(arguments, "kind").empty()) {
    return FailUsage("baseline close: --kind is missing; name the task, such as triage");
  }
  v1::CloseBaselineRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_decision_kind(TextOf(arguments, "kind"));
  request.set_calibration_id(TextOf(arguments, "id"));
  request.set_from_ms(*from);
  request.set_to_ms(*to);
  v1::CloseBaselineResponse response;
  const absl::Status status = session.Call<v1::CalibrationService>(
      &v1::CalibrationService::Stub::CloseBaseline, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  const v1::Baseline& baseline = response.baseline();
  Write(absl::StrCat("Baseline ", baseline.calibration_id(), " of ", baseline.decision_kind(), ": ",
                     baseline.decision_count(), " decisions without AI, median ",
                     SpanText(static_cast<double>(baseline.median_ms())), " (",
                     baseline.median_ms(), " ms), right ",
                     ProportionText(baseline.has_right(), baseline.right()),
                     "; recorded at log position ", response.log_position(),
                     ".\nNothing changes by itself: name it in a new version of the policy,\n"
                     "examination.calibrations: [\"",
                     baseline.calibration_id(), "\"].\n"));
  return ExitCode::kDone;
}

ExitCode List(const Session& session, const std::vector<std::string>& /*operands*/,
              const po::variables_map& /*arguments*/) {
  v1::ListBaselinesResponse response;
  const absl::Status status = session.Call<v1::CalibrationService>(
      &v1::CalibrationService::Stub::ListBaselines, v1::ListBaselinesRequest(), &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  Table table({"BASELINE", "KIND", ">DECISIONS", ">MEDIAN", "RIGHT", "IN FORCE", ">POSITION"});
  for (const v1::BaselineState& state : response.baselines()) {
    const v1::Baseline& baseline = state.baseline();
    table.Add({baseline.calibration_id(), baseline.decision_kind(),
               absl::StrCat(baseline.decision_count()),
               SpanText(static_cast<double>(baseline.median_ms())),
               ProportionText(baseline.has_right(), baseline.right()),
               state.in_force() ? "yes" : "no", absl::StrCat(state.log_position())});
  }
  Write(table.Text());
  return ExitCode::kDone;
}

void Describe(po::options_description& options) {
  options.add_options()                                                                      //
      ("kind", po::value<std::string>()->value_name("KIND"), "the task, such as triage")     //
      ("id", po::value<std::string>()->value_name("ID"), "its name; made up when left out")  //
      ("organisation", po::value<std::string>()->value_name("ID"),
       "may be left out where the store knows only one");
  DescribeSpan(options);
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  return RunChoice("baseline", {{"list", 0, List}, {"close", 0, Close}}, session, arguments);
}

}  // namespace

Verb BaselineVerb() {
  return {
      .name = "baseline",
      .arguments = "[list|close --kind KIND]",
      .summary = "the same task without AI: close a reference period",
      .manual =
          "`baseline close` writes the number, the exact median and the quantiles of the unaided\n"
          "decisions of one kind into the log, at least 30 of them. No threshold moves by itself:\n"
          "a policy that names the baseline uses it from its own epoch on.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
