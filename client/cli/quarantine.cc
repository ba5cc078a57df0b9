// SPDX-License-Identifier: Apache-2.0
// `vigie quarantine`: what the daemon refused.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "print.h"
#include "replay_mapping.h"
#include "verb.h"
#include "vigie/v1/admin_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

ExitCode ListQuarantine(const Session& session) {
  v1::ListQuarantineRequest request;
  v1::ListQuarantineResponse all;
  if (absl::Status status = session.CallAllPages<v1::AdminService>(
          &v1::AdminService::Stub::ListQuarantine, request, &all);
      !status.ok()) {
    return session.Fail(status);
  }
  if (session.json()) {
    Write(ToJson(all));
    return ExitCode::kDone;
  }
  Table table({">POSITION", "REFUSED AT", "SOURCE", "EVENT", "FIELD", "REASON", "GOT", "WANT"});
  for (const v1::QuarantinedEvent& event : all.events()) {
    table.Add({absl::StrCat(event.position()), TimeText(event.recorded_at_ms()), event.source_id(),
               InWords(PayloadKindOf(event.event())), event.violation().field(),
               InWords(event.violation().reason()), event.violation().got(),
               event.violation().want()});
  }
  Write(absl::StrCat(table.Text(), all.kept_count(), " kept, ", all.dropped_count(),
                     " dropped because quarantine was full.\n"));
  return ExitCode::kDone;
}

ExitCode ReplayQuarantine(const Session& session, const std::vector<std::string>& operands) {
  v1::ReplayQuarantineRequest request;
  for (size_t i = 1; i < operands.size(); ++i) {
    int64_t position = 0;
    if (!absl::SimpleAtoi(operands[i], &position) || position < 1) {
      return FailUsage(
          absl::StrCat("quarantine replay: got \"", operands[i], "\", want a log position"));
    }
    request.add_positions(position);
  }
  v1::ReplayQuarantineResponse response;
  const absl::Status status =
      session.Call<v1::AdminService>(&v1::AdminService::Stub::ReplayQuarantine, request, &response);
  if (!status.ok()) return session.Fail(status);
  int64_t refused_count = 0;
  Table table({">POSITION", "FATE", "FIELD", "GOT", "WANT"});
  for (const v1::EventResult& result : response.results()) {
    if (result.fate() == v1::EVENT_FATE_REFUSED) ++refused_count;
    table.Add({absl::StrCat(result.sequence()), InWords(result.fate()), result.violation().field(),
               result.violation().got(), result.violation().want()});
  }
  Write(session.json() ? ToJson(response) : table.Text());
  return refused_count > 0 ? ExitCode::kRefused : ExitCode::kDone;
}

ExitCode RunQuarantine(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.empty()) return ListQuarantine(session);
  if (operands[0] == "replay") return ReplayQuarantine(session, operands);
  return FailUsage(absl::StrCat("quarantine: got \"", operands[0], "\", want nothing or `replay`"));
}

}  // namespace

Verb QuarantineVerb() {
  return {
      .name = "quarantine",
      .arguments = "[replay [POSITION...]]",
      .summary = "refused events; offer them again after a fix",
      .manual =
          "Lists the events that were refused, with the field, what it held and what is wanted.\n"
          "`quarantine replay` offers them again, all or those at the given log positions; what "
          "was\n"
          "recorded meanwhile comes back as duplicate. Exit code 4 when some are refused again.",
      .describe = DescribeNothing,
      .run = RunQuarantine,
  };
}

}  // namespace vigie::cli
