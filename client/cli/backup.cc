// SPDX-License-Identifier: Apache-2.0
// `vigie backup`: a copy of the data directory while the daemon runs.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "print.h"
#include "verb.h"
#include "vigie/v1/admin_service.grpc.pb.h"

namespace vigie::cli {
namespace {

// Everything is read again before the answer comes.
constexpr absl::Duration kLimit = absl::Hours(24);

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.size() != 1) return FailUsage("backup: want exactly one NAME");
  v1::BackUpRequest request;
  request.set_name(operands[0]);
  v1::BackUpResponse response;
  const absl::Status status =
      session.Call<v1::AdminService>(&v1::AdminService::Stub::BackUp, request, &response, kLimit);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  Write(absl::StrCat("made ", response.directory(), "\nlog position ", response.log_position(),
                     ", SHA-256 ", absl::BytesToHexString(response.block_sha256()), "\n",
                     response.bytes(), " bytes, read again and whole\n"));
  return ExitCode::kDone;
}

}  // namespace

Verb BackupVerb() {
  return {
      .name = "backup",
      .arguments = "NAME",
      .summary = "a backup of the data directory, while vigied runs",
      .manual =
          "Makes the directory NAME below `backup_dir` of vigied's configuration: store, anchor "
          "and,\n"
          "where it lies in the data directory, the pseudonym key. It holds everything that was\n"
          "acknowledged before. The log in it is read again from end to end; only then does the\n"
          "directory appear under its name. Prints its last log position, the SHA-256 of the block "
          "that\n"
          "holds it, and its size. NAME has 1 to 64 characters of [A-Za-z0-9._-].\n"
          "\n"
          "On the file system of the data directory a backup shares its tables with the store "
          "(hard\n"
          "links): it guards against mistakes, not against the disk. To restore, stop vigied, copy "
          "the\n"
          "directory to where data_dir points, check it with `vigie fsck`, start vigied. Keep it "
          "as safe\n"
          "as the data directory: it holds pseudonyms, and perhaps their key.",
      .describe = DescribeNothing,
      .run = Run,
  };
}

}  // namespace vigie::cli
