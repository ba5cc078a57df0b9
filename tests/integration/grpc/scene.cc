// SPDX-License-Identifier: Apache-2.0
#include "grpc/scene.h"

#include <chrono>

namespace vigie::testing {
namespace {

constexpr int64_t kNoonMs = 1'700'000'000'000;

v1::Event OfDecision(int number, const std::string& name, int64_t occurred_at_ms) {
  v1::Event event;
  event.set_decision_id("decision-" + std::to_string(number));
  event.set_event_id(event.decision_id() + "/" + name);
  event.set_organisation_id("hospital");
  event.set_system_id("sepsis-3");
  event.set_unit_id("icu-2");
  event.set_decision_kind("diagnosis");
  event.set_occurred_at_ms(occurred_at_ms);
  event.mutable_actor()->set_id("clinician-1");
  return event;
}

template <typename Stub, typename Method, typename Request, typename Response>
void Call(Stub& stub, Method method, const Request& request, Response* response) {
  grpc::ClientContext context;
  SetDeadline(context);
  const grpc::Status status = (stub.*method)(&context, request, response);
  EXPECT_TRUE(status.ok()) << status.error_code() << ": " << status.error_message();
}

}  // namespace

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
  context.set_wait_for_ready(true);
}

v1::Event Issued(int number) {
  v1::Event event = OfDecision(number, "issued", kNoonMs + number);
  event.mutable_issued()->add_suggestions()->set_code("sepsis");
  return event;
}

v1::Event Decided(int number) {
  v1::Event event = OfDecision(number, "decided", kNoonMs + number + 20'000);
  event.mutable_decided()->set_outcome(v1::DECISION_OUTCOME_ACCEPTED);
  event.mutable_decided()->add_final_codes()->set_code("sepsis");
  return event;
}

std::vector<v1::Event> DecidedEvents(int first, int count) {
  std::vector<v1::Event> events;
  for (int i = 0; i < count; ++i) events.push_back(Decided(first + i));
  return events;
}

v1::ErrorDetail DetailOf(const grpc::ClientContext& context) {
  v1::ErrorDetail detail;
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("vigie-error-bin");
  if (found != trailers.end()) {
    EXPECT_TRUE(detail.ParseFromString(std::string(found->second.data(), found->second.size())));
  }
  return detail;
}

Stream::Stream(v1::IngestService::Stub& stub, const std::string& source_id,
               const std::string& incarnation, bool validate_only) {
  SetDeadline(context_);
  call_ = stub.StreamEvents(&context_);
  v1::StreamEventsRequest request;
  request.mutable_start()->set_source_id(source_id);
  request.mutable_start()->set_source_incarnation(incarnation);
  request.mutable_start()->set_validate_only(validate_only);
  call_->Write(request);
}

Stream::~Stream() {
  if (finished_) return;
  context_.TryCancel();
  Finish();
}

std::optional<v1::StreamStarted> Stream::Started() {
  v1::StreamEventsResponse response;
  if (!call_->Read(&response) || !response.has_started()) return std::nullopt;
  return response.started();
}

bool Stream::Send(int64_t first_sequence, const std::vector<v1::Event>& events) {
  v1::StreamEventsRequest request;
  request.mutable_batch()->set_first_sequence(first_sequence);
  for (const v1::Event& event : events) *request.mutable_batch()->add_events() = event;
  return call_->Write(request);
}

bool Stream::SendWatermark(int64_t first_sequence, int64_t watermark_ms) {
  v1::StreamEventsRequest request;
  request.mutable_batch()->set_first_sequence(first_sequence);
  request.mutable_batch()->set_watermark_ms(watermark_ms);
  return call_->Write(request);
}

bool Stream::DeclareGap(int64_t first_sequence, int64_t last_sequence) {
  v1::StreamEventsRequest request;
  request.mutable_declare_gap()->set_first_sequence(first_sequence);
  request.mutable_declare_gap()->set_last_sequence(last_sequence);
  return call_->Write(request);
}

std::optional<v1::Acknowledgement> Stream::Acknowledged() {
  v1::StreamEventsResponse response;
  if (!call_->Read(&response) || !response.has_acknowledgement()) return std::nullopt;
  return response.acknowledgement();
}

Ending Stream::Finish() {
  call_->WritesDone();
  v1::StreamEventsResponse response;
  while (call_->Read(&response)) {
  }
  finished_ = true;
  Ending ending;
  ending.status = call_->Finish();
  ending.detail = DetailOf(context_);
  return ending;
}

std::unique_ptr<Stream> OpenWhenFree(v1::IngestService::Stub& stub, const std::string& source_id,
                                     const std::string& incarnation, v1::StreamStarted* started) {
  std::unique_ptr<Stream> stream;
  const bool open = WaitUntil([&] {
    stream = std::make_unique<Stream>(stub, source_id, incarnation);
    const auto answer = stream->Started();
    if (answer.has_value()) *started = *answer;
    return answer.has_value();
  });
  EXPECT_TRUE(open) << "the source stays busy";
  return open ? std::move(stream) : nullptr;
}

void DaemonTest::SetUp() {
  daemon_ = std::make_unique<VigiedProcess>(directory_.path(), yaml_);
  ASSERT_TRUE(daemon_->running());
  Connect();
}

void DaemonTest::Restart(const std::string& yaml) {
  if (daemon_->running()) {
    ASSERT_EQ(daemon_->Stop(), 0);
  }
  daemon_ = std::make_unique<VigiedProcess>(directory_.path(), yaml);
  ASSERT_TRUE(daemon_->running());
  Connect();
}

void DaemonTest::Connect() {
  channel_ = daemon_->Connect();
  ingest_ = v1::IngestService::NewStub(channel_);
  oversight_ = v1::OversightService::NewStub(channel_);
  registry_ = v1::RegistryService::NewStub(channel_);
  admin_ = v1::AdminService::NewStub(channel_);
}

v1::RecordEventsResponse DaemonTest::Record(const std::vector<v1::Event>& events,
                                            bool validate_only) {
  v1::RecordEventsRequest request;
  request.set_source_id("unary-source");
  request.set_validate_only(validate_only);
  for (const v1::Event& event : events) *request.add_events() = event;
  v1::RecordEventsResponse response;
  Call(*ingest_, &v1::IngestService::Stub::RecordEvents, request, &response);
  return response;
}

v1::ListQuarantineResponse DaemonTest::Quarantine() {
  v1::ListQuarantineRequest request;
  request.set_page_size(1000);
  v1::ListQuarantineResponse response;
  Call(*admin_, &v1::AdminService::Stub::ListQuarantine, request, &response);
  return response;
}

v1::ReplayQuarantineResponse DaemonTest::Replay(const std::vector<int64_t>& positions) {
  v1::ReplayQuarantineRequest request;
  for (const int64_t position : positions) request.add_positions(position);
  v1::ReplayQuarantineResponse response;
  Call(*admin_, &v1::AdminService::Stub::ReplayQuarantine, request, &response);
  return response;
}

int64_t DaemonTest::LogPosition() {
  v1::GetServerInfoResponse response;
  Call(*admin_, &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest(), &response);
  return response.log_position();
}

v1::SourceState DaemonTest::Source(const std::string& source_id) {
  v1::ListSourcesResponse response;
  Call(*registry_, &v1::RegistryService::Stub::ListSources, v1::ListSourcesRequest(), &response);
  for (const v1::SourceState& state : response.sources()) {
    if (state.source().source_id() == source_id) return state;
  }
  ADD_FAILURE() << "no source " << source_id;
  return {};
}

std::optional<v1::GetDecisionResponse> DaemonTest::Find(const std::string& decision_id) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetDecisionRequest request;
  request.set_organisation_id("hospital");
  request.set_decision_id(decision_id);
  v1::GetDecisionResponse response;
  if (!oversight_->GetDecision(&context, request, &response).ok()) return std::nullopt;
  return response;
}

}  // namespace vigie::testing
