// SPDX-License-Identifier: Apache-2.0
// `vigie export`: the log, for recomputation elsewhere.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "print.h"
#include "verb.h"
#include "vigie/v1/admin_service.grpc.pb.h"

namespace vigie::cli {
namespace {

void Describe(po::options_description& options) {
  options.add_options()("from-position",
                        po::value<int64_t>()->default_value(0)->value_name("POSITION"),
                        "from this log position on");
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  if (!OperandsOf(arguments).empty()) return FailUsage("export takes no operand");
  v1::ExportLogRequest request;
  request.set_from_position(arguments["from-position"].as<int64_t>());
  do {
    v1::ExportLogResponse response;
    const absl::Status status =
        session.Call<v1::AdminService>(&v1::AdminService::Stub::ExportLog, request, &response);
    if (!status.ok()) return session.Fail(status);
    for (const std::string& line : response.lines()) Write(absl::StrCat(line, "\n"));
    request.set_from_position(response.next_position());
  } while (request.from_position() != 0);
  return ExitCode::kDone;
}

}  // namespace

Verb ExportVerb() {
  return {
      .name = "export",
      .arguments = "",
      .summary = "the log as JSON Lines",
      .manual =
          "Writes every record of the log as one line of JSON: position, recorded time, the "
          "record\n"
          "and its event. Holds pseudonyms and the sealed manifests of plans: keep it as safe as\n"
          "the data directory.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
