// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <chrono>
#include <cstdio>

#include "vigie/channel.h"

namespace vigie::cli {
Session::Session(std::string server, OutputFormat output, bool progress)
    : server_(std::move(server)),
      output_(output),
      progress_(progress),
      channel_(ConnectInsecure(server_)) {}

void Session::SetDeadline(grpc::ClientContext& context, absl::Duration limit) {
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(limit));
}

ExitCode Session::Fail(const absl::Status& status) const {
  if (status.code() == absl::StatusCode::kUnavailable) {
    std::fprintf(stderr,
                 "vigie: no answer from %s: %s\n"
                 "Is vigied running there? --server HOST:PORT names another.\n",
                 server_.c_str(), std::string(status.message()).c_str());
    return ExitCode::kUnreachable;
  }
  std::fprintf(stderr, "vigie: %s\n", status.ToString().c_str());
  return ExitCode::kFailed;
}

ExitCode FailUsage(const std::string& message) {
  std::fprintf(stderr, "vigie: %s\n", message.c_str());
  return ExitCode::kUsage;
}

}  // namespace vigie::cli
