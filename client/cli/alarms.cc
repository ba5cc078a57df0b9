// SPDX-License-Identifier: Apache-2.0
// `vigie alarms`: what fell below its threshold, and what took effect that never should.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "choice.h"
#include "print.h"
#include "scope_options.h"
#include "vigie/v1/oversight_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

ExitCode List(const Session& session, const std::vector<std::string>& /*operands*/,
              const po::variables_map& /*arguments*/) {
  v1::ListAlarmsResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::ListAlarms, v1::ListAlarmsRequest(), &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  Table table({"ALARM", "KIND", "SCOPE", "INDICATOR", ">STATISTIC", ">TRIALS", "RAISED AT"});
  for (const v1::Alarm& alarm : response.alarms()) {
    const bool change = alarm.kind() == v1::ALARM_KIND_CHANGE;
    std::string what = change ? InWords(alarm.indicator()) : absl::StrCat("plan ", alarm.plan_id());
    if (alarm.origin() != v1::TRUTH_ORIGIN_UNSPECIFIED) {
      absl::StrAppend(&what, " (", InWords(alarm.origin()), ")");
    }
    table.Add({alarm.alarm_id(), change ? "change" : "CRITICAL: seeded item applied",
               ScopeText(alarm.scope()), what,
               change ? absl::StrFormat("%.0f", alarm.statistic()) : "-",
               absl::StrCat(alarm.trials()), TimeText(alarm.raised_at_ms())});
  }
  Write(absl::StrCat(table.Text(), response.detector_count(), " detectors watch; while every ",
                     "threshold is met, at least ",
                     absl::StrFormat("%.0f", response.mean_trials_to_false_alarm()),
                     " trials pass on average before one false alarm over all of them.\n"));
  return ExitCode::kDone;
}

ExitCode Acknowledge(const Session& session, const std::vector<std::string>& operands,
                     const po::variables_map& arguments) {
  v1::AcknowledgeAlarmRequest request;
  request.set_alarm_id(operands[0]);
  request.set_reason(TextOf(arguments, "reason"));
  v1::AcknowledgeAlarmResponse response;
  const absl::Status status = session.Call<v1::OversightService>(
      &v1::OversightService::Stub::AcknowledgeAlarm, request, &response);
  if (!status.ok()) return session.Fail(status);
  Write(session.json()
            ? ToJson(response)
            : absl::StrCat("Acknowledged at log position ", response.log_position(), ".\n"));
  return ExitCode::kDone;
}

void Describe(po::options_description& options) {
  options.add_options()("reason", po::value<std::string>()->value_name("TEXT"),
                        "acknowledge: what was found and done, 3 to 200 characters");
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  return RunChoice("alarms", {{"list", 0, List}, {"acknowledge", 1, Acknowledge}}, session,
                   arguments);
}

}  // namespace

Verb AlarmsVerb() {
  return {
      .name = "alarms",
      .arguments = "[list|acknowledge ALARM --reason TEXT]",
      .summary = "open alarms; acknowledge one",
      .manual =
          "Lists what fell below its threshold after having been above it, and seeded suggestions\n"
          "that took effect. An alarm stays open until it is acknowledged with a reason. A change\n"
          "alarm withholds a good verdict meanwhile; then its statistic starts again.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
