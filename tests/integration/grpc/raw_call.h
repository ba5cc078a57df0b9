// SPDX-License-Identifier: Apache-2.0
// Calls whose messages are bytes, for what no generated stub would send or knows.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

namespace vigie::testing {

// One call, of any kind, step by step; each step waits for its end. One thread.
class RawCall {
 public:
  // `method` as "/package.Service/Method".
  RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method);
  ~RawCall();
  RawCall(const RawCall&) = delete;
  RawCall& operator=(const RawCall&) = delete;

  bool Write(const std::string& bytes);
  bool WritesDone();
  // The next message; nothing when the call ended.
  [[nodiscard]] std::optional<std::string> Read();
  // How it ended. Once.
  grpc::Status Finish();

 private:
  bool Wait();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool finished_ = false;
};

// Sends one message to a unary method, drops the answer.
[[nodiscard]] grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel,
                                         const std::string& method, const std::string& bytes);

}  // namespace vigie::testing
