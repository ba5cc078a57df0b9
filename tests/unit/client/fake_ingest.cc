// SPDX-License-Identifier: Apache-2.0
#include "fake_ingest.h"

#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace vigie {
namespace {

// Long enough for any machine; no test waits for it to pass.
constexpr absl::Duration kPatience = absl::Seconds(60);

grpc::Status Fail(grpc::ServerContext* context, grpc::StatusCode code,
                  const v1::ErrorDetail& detail) {
  context->AddTrailingMetadata("vigie-error-bin", detail.SerializeAsString());
  return grpc::Status(code, "asked for by the test");
}

}  // namespace

FakeIngest::FakeIngest() { Start(); }

FakeIngest::~FakeIngest() { Stop(); }

std::string FakeIngest::address() const { return absl::StrCat("127.0.0.1:", port_); }

void FakeIngest::Start() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = false;
  }
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address(), grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  builder.RegisterService(&registry_);
  server_ = builder.BuildAndStart();
}

void FakeIngest::Stop() {
  if (server_ == nullptr) return;
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

void FakeIngest::FailNextStart(grpc::StatusCode code, const v1::ErrorDetail& detail) {
  const absl::MutexLock lock(&mutex_);
  failures_.emplace_back(code, detail);
}

void FakeIngest::DieAfterBatches(int batch_count) {
  const absl::MutexLock lock(&mutex_);
  die_after_ = batch_count;
}

void FakeIngest::HoldAnswers(bool hold) {
  const absl::MutexLock lock(&mutex_);
  hold_ = hold;
}

void FakeIngest::LoseStore() {
  const absl::MutexLock lock(&mutex_);
  durable_.clear();
  recorded_.clear();
}

void FakeIngest::Judge(std::function<v1::EventResult(const v1::Event&)> judge) {
  const absl::MutexLock lock(&mutex_);
  judge_ = std::move(judge);
}

void FakeIngest::LimitBatches(int max_events) {
  const absl::MutexLock lock(&mutex_);
  max_events_ = max_events;
}

std::vector<std::string> FakeIngest::recorded() const {
  const absl::MutexLock lock(&mutex_);
  return recorded_;
}

std::vector<int> FakeIngest::batch_sizes() const {
  const absl::MutexLock lock(&mutex_);
  return batch_sizes_;
}

std::vector<int64_t> FakeIngest::watermarks() const {
  const absl::MutexLock lock(&mutex_);
  return watermarks_;
}

std::vector<absl::Time> FakeIngest::start_times() const {
  const absl::MutexLock lock(&mutex_);
  return start_times_;
}

std::vector<std::string> FakeIngest::incarnations() const {
  const absl::MutexLock lock(&mutex_);
  return incarnations_;
}

std::vector<v1::Source> FakeIngest::declared_sources() const {
  const absl::MutexLock lock(&mutex_);
  return declared_sources_;
}

grpc::Status FakeIngest::Registry::DeclareSource(grpc::ServerContext* /*context*/,
                                                 const v1::DeclareSourceRequest* request,
                                                 v1::DeclareSourceResponse* /*response*/) {
  const absl::MutexLock lock(&owner_.mutex_);
  owner_.declared_sources_.push_back(request->source());
  return grpc::Status::OK;
}

grpc::Status FakeIngest::Registry::DeclareSystem(grpc::ServerContext* /*context*/,
                                                 const v1::DeclareSystemRequest* /*request*/,
                                                 v1::DeclareSystemResponse* /*response*/) {
  return grpc::Status::OK;
}

void FakeIngest::AwaitRecorded(int64_t count) const {
  const absl::MutexLock lock(&mutex_);
  const auto reached = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return std::ssize(recorded_) >= count;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&reached), kPatience);
}

void FakeIngest::AwaitStarts(int64_t count) const {
  const absl::MutexLock lock(&mutex_);
  const auto reached = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return std::ssize(start_times_) >= count;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&reached), kPatience);
}

grpc::Status FakeIngest::StreamEvents(grpc::ServerContext* context, Stream* stream) {
  v1::StreamEventsRequest request;
  if (!stream->Read(&request) || !request.has_start()) {
    return Fail(context, grpc::INVALID_ARGUMENT, {});
  }
  v1::StreamEventsResponse response;
  {
    const absl::MutexLock lock(&mutex_);
    start_times_.push_back(absl::Now());
    incarnations_.push_back(request.start().source_incarnation());
    if (!failures_.empty()) {
      const auto [code, detail] = failures_.front();
      failures_.erase(failures_.begin());
      return Fail(context, code, detail);
    }
    response.mutable_started()->set_durable_sequence(
        durable_[request.start().source_incarnation()]);
    response.mutable_started()->set_max_batch_events(max_events_);
  }
  stream->Write(response);
  return Serve(context, stream, request.start().source_incarnation());
}

grpc::Status FakeIngest::Serve(grpc::ServerContext* context, Stream* stream,
                               const std::string& incarnation) {
  v1::StreamEventsRequest request;
  while (stream->Read(&request)) {
    const std::optional<v1::StreamEventsResponse> response = Take(request.batch(), incarnation);
    if (!response.has_value()) return Fail(context, grpc::OUT_OF_RANGE, {});
    const absl::MutexLock lock(&mutex_);
    if (die_after_ > 0 && --die_after_ == 0) return Fail(context, grpc::UNAVAILABLE, {});
    const auto released = [this]()
                              ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !hold_ || stopping_; };
    mutex_.AwaitWithTimeout(absl::Condition(&released), kPatience);
    if (stopping_) return Fail(context, grpc::UNAVAILABLE, {});
    stream->Write(*response);
  }
  return grpc::Status::OK;
}

std::optional<v1::StreamEventsResponse> FakeIngest::Take(const v1::EventBatch& batch,
                                                         const std::string& incarnation) {
  const absl::MutexLock lock(&mutex_);
  int64_t& durable = durable_[incarnation];
  if (batch.first_sequence() > durable + 1) return std::nullopt;
  v1::StreamEventsResponse response;
  v1::Acknowledgement& acknowledgement = *response.mutable_acknowledgement();
  int64_t sequence = batch.first_sequence();
  for (const v1::Event& event : batch.events()) {
    v1::EventResult result;
    if (judge_) result = judge_(event);
    if (result.fate() == v1::EVENT_FATE_UNSPECIFIED) {
      recorded_.push_back(event.event_id());
    } else {
      result.set_sequence(sequence);
      *acknowledgement.add_results() = result;
    }
    durable = std::max(durable, sequence++);
  }
  batch_sizes_.push_back(batch.events_size());
  if (batch.has_watermark_ms()) watermarks_.push_back(batch.watermark_ms());
  acknowledgement.set_durable_sequence(durable);
  acknowledgement.set_log_position(std::ssize(recorded_));
  return response;
}

}  // namespace vigie
