// SPDX-License-Identifier: Apache-2.0
// One run of the command: which server it talks to and how it writes.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "exit_code.h"
#include "vigie/call_error.h"

namespace vigie::cli {

enum class OutputFormat { kTable, kJson };

// Owns the connection, which is made at the first call. Any thread.
class Session {
 public:
  Session(std::string server, OutputFormat output, bool progress);

  [[nodiscard]] const std::string& server() const { return server_; }
  [[nodiscard]] bool json() const { return output_ == OutputFormat::kJson; }
  // A bar was asked for even though standard error is no terminal.
  [[nodiscard]] bool progress() const { return progress_; }
  [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Calls one unary method of `Service`, with a deadline.
  template <typename Service, typename Request, typename Response>
  [[nodiscard]] absl::Status Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                                  const Request& request, Response* response,
                                  absl::Duration limit = kCallLimit) const {
    const std::unique_ptr<typename Service::Stub> stub = Service::NewStub(channel_);
    grpc::ClientContext context;
    SetDeadline(context, limit);
    return ToStatus((stub.get()->*method)(&context, request, response));
  }

  // Calls a list method until its last page and merges the pages into `all`.
  template <typename Service, typename Request, typename Response>
  [[nodiscard]] absl::Status CallAllPages(
      grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      Request request, Response* all) const {
    request.set_page_size(kPageSize);
    do {
      Response page;
      if (absl::Status status = Call<Service>(method, request, &page); !status.ok()) return status;
      request.set_page_token(page.next_page_token());
      all->clear_next_page_token();
      all->MergeFrom(page);
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }

  // Says on standard error what went wrong; returns the exit code for it.
  [[nodiscard]] ExitCode Fail(const absl::Status& status) const;

 private:
  static constexpr int kPageSize = 1000;  // The server's most.

  static constexpr absl::Duration kCallLimit = absl::Seconds(30);

  static void SetDeadline(grpc::ClientContext& context, absl::Duration limit);

  const std::string server_;
  const OutputFormat output_;
  const bool progress_;
  const std::shared_ptr<grpc::Channel> channel_;
};

// Says on standard error what is wrong with the command line.
[[nodiscard]] ExitCode FailUsage(const std::string& message);

}  // namespace vigie::cli
