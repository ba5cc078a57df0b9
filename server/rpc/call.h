// SPDX-License-Identifier: Apache-2.0
// What every RPC shares: the rooms behind it, its metrics, its answer.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "engine/backup.h"
#include "engine/engine.h"
#include "engine/intake.h"
#include "metrics/families.h"
#include "oversight/egress.h"
#include "oversight/measures.h"
#include "oversight/oversight.h"
#include "rpc/grpc_status.h"
#include "rpc/live_sources.h"
#include "rpc/worker_pool.h"

namespace vigie::rpc {

// Everything the services use. The pointers outlive the server.
struct Backend {
  engine::Engine* engine = nullptr;
  const engine::Intake* intake = nullptr;
  oversight::Oversight* oversight = nullptr;
  oversight::Measures* measures = nullptr;
  oversight::Egress* egress = nullptr;
  metrics::Families* families = nullptr;
  WorkerPool* workers = nullptr;
  engine::Backups* backups = nullptr;
  LiveSources* live_sources = nullptr;
  int max_queued_events = 0;
};

// One unary call from its start to its end. Copied into whatever finishes it.
class UnaryCall {
 public:
  // `method` as in MethodRoles.
  UnaryCall(const Backend* backend, grpc::CallbackServerContext* context, std::string_view method)
      : backend_(backend),
        context_(context),
        reactor_(context->DefaultReactor()),
        method_(method),
        started_seconds_(base::MonotonicSeconds()) {}

  [[nodiscard]] grpc::ServerUnaryReactor* reactor() const { return reactor_; }
  // Ends the call. Once.
  void Finish(const absl::Status& status, vigie::v1::ErrorDetail detail = {}) const;

  // Runs `answer` on a worker and ends the call with its result. Whoever asks finds what was
  // acknowledged before.
  template <typename Response>
  grpc::ServerUnaryReactor* FinishOnWorker(Response* response,
                                           std::function<absl::StatusOr<Response>()> answer) const {
    const absl::Status submitted =
        backend_->workers->Submit([call = *this, response, answer = std::move(answer)] {
          call.backend_->engine->published().AwaitAcknowledged();
          absl::StatusOr<Response> answered = answer();
          if (answered.ok()) *response = std::move(*answered);
          call.Finish(answered.status());
        });
    if (!submitted.ok()) Finish(submitted);
    return reactor_;
  }

 private:
  const Backend* backend_;
  grpc::CallbackServerContext* context_;
  grpc::ServerUnaryReactor* reactor_;
  std::string_view method_;
  double started_seconds_;
};

}  // namespace vigie::rpc
