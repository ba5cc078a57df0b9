// SPDX-License-Identifier: Apache-2.0
// The gRPC listener.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "rpc/call.h"

namespace vigie::rpc {

// Serves every service, health and reflection. Start and Stop belong to one thread.
class GrpcServer {
 public:
  struct Options {
    std::string listen;           // `127.0.0.1:0`
    std::string organisation_id;  // The configured only one, or empty.
    bool reflection = true;
  };
  // Refuses when an RPC declares no role. `backend` and `clock` must outlive it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const Backend* backend,
                                                                         const base::Clock* clock,
                                                                         const Options& options);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // Health answers SERVING from now on.
  void SetServing();
  // Health answers NOT_SERVING, watches end with UNAVAILABLE, calls and streams under way finish or
  // are cut after two seconds. Idempotent.
  void Stop();

 private:
  struct Services;
  GrpcServer();

  std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace vigie::rpc
