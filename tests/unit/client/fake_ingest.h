// SPDX-License-Identifier: Apache-2.0
// A server in the test's own process that keeps the streaming contract, and breaks it on request.
#pragma once

#include <grpcpp/server.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "vigie/v1/ingest_service.grpc.pb.h"
#include "vigie/v1/registry_service.grpc.pb.h"

namespace vigie {

// Streams are served in their order of arrival, on threads of gRPC. Any thread may call.
class FakeIngest final : public v1::IngestService::Service {
 public:
  FakeIngest();
  ~FakeIngest() override;

  // HOST:PORT; the port stays the same over Stop and Start.
  [[nodiscard]] std::string address() const;
  // Ends all streams and stops listening, as a killed daemon does; what is durable stays.
  void Stop();
  void Start();

  // The next stream fails so, instead of being answered.
  void FailNextStart(grpc::StatusCode code, const v1::ErrorDetail& detail);
  // The next stream ends after this many batches, the last one durable yet not acknowledged.
  void DieAfterBatches(int batch_count);
  // Batches are read and not answered until released.
  void HoldAnswers(bool hold);
  // Forgets everything, as after the loss of a disk.
  void LoseStore();
  // Decides what becomes of an event; without it all are recorded.
  void Judge(std::function<v1::EventResult(const v1::Event&)> judge);
  void LimitBatches(int max_events);

  // Event identifiers in the order in which they became durable, over all incarnations.
  [[nodiscard]] std::vector<std::string> recorded() const;
  [[nodiscard]] std::vector<int> batch_sizes() const;
  [[nodiscard]] std::vector<int64_t> watermarks() const;
  // When each stream was opened, and by which incarnation.
  [[nodiscard]] std::vector<absl::Time> start_times() const;
  [[nodiscard]] std::vector<std::string> incarnations() const;
  [[nodiscard]] std::vector<v1::Source> declared_sources() const;
  void AwaitRecorded(int64_t count) const;
  void AwaitStarts(int64_t count) const;

 private:
  // Notes declarations.
  class Registry final : public v1::RegistryService::Service {
   public:
    explicit Registry(FakeIngest& owner) : owner_(owner) {}

   private:
    grpc::Status DeclareSource(grpc::ServerContext* context,
                               const v1::DeclareSourceRequest* request,
                               v1::DeclareSourceResponse* response) override;
    grpc::Status DeclareSystem(grpc::ServerContext* context,
                               const v1::DeclareSystemRequest* request,
                               v1::DeclareSystemResponse* response) override;
    FakeIngest& owner_;
  };
  using Stream = grpc::ServerReaderWriter<v1::StreamEventsResponse, v1::StreamEventsRequest>;
  grpc::Status StreamEvents(grpc::ServerContext* context, Stream* stream) override;
  grpc::Status Serve(grpc::ServerContext* context, Stream* stream, const std::string& incarnation);
  // Empty when the batch leaves a gap.
  std::optional<v1::StreamEventsResponse> Take(const v1::EventBatch& batch,
                                               const std::string& incarnation);

  mutable absl::Mutex mutex_;
  std::map<std::string, int64_t> durable_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> recorded_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> batch_sizes_ ABSL_GUARDED_BY(mutex_);
  std::vector<int64_t> watermarks_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Time> start_times_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> incarnations_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Source> declared_sources_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<grpc::StatusCode, v1::ErrorDetail>> failures_ ABSL_GUARDED_BY(mutex_);
  std::function<v1::EventResult(const v1::Event&)> judge_ ABSL_GUARDED_BY(mutex_);
  int die_after_ ABSL_GUARDED_BY(mutex_) = -1;
  int max_events_ ABSL_GUARDED_BY(mutex_) = 4096;
  bool hold_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Registry registry_{*this};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace vigie
