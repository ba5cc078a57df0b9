// SPDX-License-Identifier: Apache-2.0
// `vigie export`: the log, or a period of it, for recomputation elsewhere.
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "choice.h"
#include "print.h"
#include "verb.h"
#include "vigie/v1/admin_service.grpc.pb.h"

namespace vigie::cli {
namespace {

void Describe(po::options_description& options) {
  options.add_options()("from-position",
                        po::value<int64_t>()->default_value(0)->value_name("POSITION"),
                        "from this log position on; such a file cannot be imported");
  DescribeSpan(options);
}

// Writes each line when the next one is known, so that the very last can say that it is.
class Lines {
 public:
  void Add(std::string line) {
    if (waiting_.has_value()) Write(absl::StrCat(*waiting_, "\n"));
    waiting_ = std::move(line);
  }
  void End() {
    if (!waiting_.has_value()) return;
    waiting_->pop_back();
    Write(absl::StrCat(*waiting_, ",\"last\":true}\n"));
  }

 private:
  std::optional<std::string> waiting_;
};

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  if (!OperandsOf(arguments).empty()) return FailUsage("export takes no operand");
  const absl::StatusOr<int64_t> from = ReadTime(arguments, "from");
  if (!from.ok()) return FailUsage(std::string(from.status().message()));
  const absl::StatusOr<int64_t> to = ReadTime(arguments, "to");
  if (!to.ok()) return FailUsage(std::string(to.status().message()));
  v1::ExportLogRequest request;
  request.set_from_position(arguments["from-position"].as<int64_t>());
  request.set_from_ms(*from);
  request.set_to_ms(*to);
  Lines lines;
  do {
    v1::ExportLogResponse response;
    const absl::Status status =
        session.Call<v1::AdminService>(&v1::AdminService::Stub::ExportLog, request, &response);
    if (!status.ok()) return session.Fail(status);
    for (std::string& line : *response.mutable_lines()) lines.Add(std::move(line));
    request.set_from_position(response.next_position());
  } while (request.from_position() != 0);
  lines.End();
  return ExitCode::kDone;
}

}  // namespace

Verb ExportVerb() {
  return {
      .name = "export",
      .arguments = "",
      .summary = "the log as JSON Lines",
      .manual =
          "Writes every record of the log as one line of JSON: its position, recorded time and\n"
          "block, the record and its event; the last line of a block also says how far its "
          "streams\n"
          "got, and the digests of the block. --from and --to take what was recorded in a period,\n"
          "with the settings, policies, declarations, plans and draws from before. `vigie import`\n"
          "reads the file back.\n"
          "\n"
          "Holds pseudonyms and the sealed manifests of plans: keep it as safe as the data\n"
          "directory.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
