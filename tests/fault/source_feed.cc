// SPDX-License-Identifier: Apache-2.0
#include "fault/source_feed.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "fault/numbered_event.h"
#include "vigie/call_error.h"
#include "vigie/v1/registry_service.grpc.pb.h"

namespace vigie::testing {
namespace {

// Every run numbers the same events, so every run is the same incarnation.
constexpr char kIncarnation[] = "5f3c9a70-2b1d-4c8e-9a6f-0d1e2f3a4b5c";
constexpr int64_t kFarFutureMs = int64_t{400} * 24 * 3600 * 1000;
constexpr auto kBusyPause = std::chrono::milliseconds(20);
constexpr auto kCallDeadline = std::chrono::hours(1);

using Seconds = std::chrono::duration<double>;

}  // namespace

// Batches written and not yet acknowledged, shared by the writing and the reading thread.
class SourceFeed::Sent {
 public:
  void Add(int64_t last_sequence) {
    const std::lock_guard lock(mutex_);
    batches_.emplace_back(last_sequence, Clock::now());
  }
  // How long the batches up to `sequence` took.
  std::vector<double> TakeUpTo(int64_t sequence) {
    const std::lock_guard lock(mutex_);
    std::vector<double> waits_ms;
    while (!batches_.empty() && batches_.front().first <= sequence) {
      waits_ms.push_back(Seconds(Clock::now() - batches_.front().second).count() * 1000);
      batches_.pop_front();
    }
    return waits_ms;
  }

 private:
  std::mutex mutex_;
  std::deque<std::pair<int64_t, Clock::time_point>> batches_;
};

SourceFeed::SourceFeed(std::string source_id, const FeedPlan& plan, Journal* journal,
                       const std::shared_ptr<grpc::Channel>& channel)
    : source_id_(std::move(source_id)),
      plan_(plan),
      journal_(journal),
      channel_(channel),
      stub_(v1::IngestService::NewStub(channel)),
      acknowledged_sequence_(journal->LastOf(source_id_)) {}

void SourceFeed::Run() {
  if (!Declare(channel_)) return;
  while (RunStream()) {
  }
}

// The same payloads in every run: what a source can send decides how its decisions are graded.
bool SourceFeed::Declare(const std::shared_ptr<grpc::Channel>& channel) {
  v1::DeclareSourceRequest request;
  request.mutable_source()->set_source_id(source_id_);
  for (const v1::PayloadKind kind :
       {v1::PAYLOAD_KIND_ISSUED, v1::PAYLOAD_KIND_SHOWN, v1::PAYLOAD_KIND_OPENED,
        v1::PAYLOAD_KIND_ACTIVE_SEGMENT, v1::PAYLOAD_KIND_DECIDED, v1::PAYLOAD_KIND_APPLIED}) {
    request.mutable_source()->add_payloads(kind);
  }
  v1::DeclareSourceResponse response;
  const auto stub = v1::RegistryService::NewStub(channel);
  for (;;) {
    grpc::ClientContext context;
    const grpc::Status status = stub->DeclareSource(&context, request, &response);
    if (status.ok()) return true;
    if (!GoesOn(status, context)) return false;
  }
}

bool SourceFeed::RunStream() {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallDeadline);
  const auto call = stub_->StreamEvents(&context);
  if (Start(*call)) {
    Sent sent;
    std::thread writer([&, first = acknowledged_sequence_ + 1] {
      Write(*call, first, &sent);
      if (plan_.abandon && Ended(1)) context.TryCancel();
    });
    v1::StreamEventsResponse response;
    while (call->Read(&response)) TakeAcknowledgement(response.acknowledgement(), &sent);
    // The call is over, so a write under way fails.
    writer.join();
    figures_.offered += std::exchange(written_, 0);
  }
  if (figures_.lost > 0) {
    context.TryCancel();
    static_cast<void>(call->Finish());
    return false;
  }
  const grpc::Status status = call->Finish();
  if (plan_.abandon && Ended(1)) return false;
  return !status.ok() && GoesOn(status, context);
}

bool SourceFeed::Start(Call& call) {
  v1::StreamEventsRequest request;
  request.mutable_start()->set_source_id(source_id_);
  request.mutable_start()->set_source_incarnation(kIncarnation);
  v1::StreamEventsResponse response;
  if (!call.Write(request) || !call.Read(&response)) return false;
  figures_.lost =
      std::max<int64_t>(acknowledged_sequence_ - response.started().durable_sequence(), 0);
  return figures_.lost == 0;
}

void SourceFeed::Write(Call& call, int64_t sequence, Sent* sent) {
  const int64_t first = sequence;
  const auto began = Clock::now();
  v1::StreamEventsRequest request;
  for (; !Ended(sequence); sequence += request.batch().events_size()) {
    if (plan_.events_per_second > 0) {
      const Seconds due(static_cast<double>(sequence - first) / plan_.events_per_second);
      std::this_thread::sleep_until(began + std::chrono::duration_cast<Clock::duration>(due));
    }
    v1::EventBatch* batch = request.mutable_batch();
    batch->Clear();
    batch->set_first_sequence(sequence);
    batch->set_watermark_ms(NumberedBeginMs(sequence, plan_.start_ms));
    const int64_t end = plan_.last_sequence == 0
                            ? sequence + plan_.batch_events
                            : std::min(sequence + plan_.batch_events, plan_.last_sequence + 1);
    for (int64_t i = sequence; i < end; ++i) {
      *batch->add_events() = NumberedEvent(source_id_, i, plan_.start_ms);
    }
    sent->Add(end - 1);
    if (!call.Write(request)) return;
    written_ += end - sequence;
  }
  if (plan_.close) {
    request.mutable_batch()->Clear();
    request.mutable_batch()->set_first_sequence(sequence);
    request.mutable_batch()->set_watermark_ms(plan_.start_ms + kFarFutureMs);
    if (!call.Write(request)) return;
  }
  call.WritesDone();
}

void SourceFeed::TakeAcknowledgement(const v1::Acknowledgement& acknowledgement, Sent* sent) {
  const int64_t durable = acknowledgement.durable_sequence();
  // Written down first: from here on nobody may lose it.
  const int64_t fresh = std::max<int64_t>(durable - acknowledged_sequence_, 0);
  if (fresh > 0) {
    journal_->Note(source_id_, acknowledged_sequence_ + 1, durable, acknowledgement.log_position());
    acknowledged_sequence_ = durable;
  }
  for (const v1::EventResult& result : acknowledgement.results()) {
    figures_.duplicates += result.fate() == v1::EVENT_FATE_DUPLICATE ? 1 : 0;
    figures_.refused += result.fate() == v1::EVENT_FATE_REFUSED ? 1 : 0;
  }
  const double elapsed = Seconds(Clock::now() - began_).count();
  const auto index =
      plan_.window_seconds > 0 ? static_cast<size_t>(elapsed / plan_.window_seconds) : size_t{0};
  if (figures_.windows.size() <= index) figures_.windows.resize(index + 1);
  FeedFigures::Window& window = figures_.windows[index];
  figures_.acknowledged += fresh;
  window.acknowledged += fresh;
  const std::vector<double> waits_ms = sent->TakeUpTo(durable);
  window.waits_ms.insert(window.waits_ms.end(), waits_ms.begin(), waits_ms.end());
}

// Whether a call that ended so is to be made again, after the pause it asks for.
bool SourceFeed::GoesOn(const grpc::Status& status, const grpc::ClientContext& context) {
  const bool full = status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
  const auto detail = ErrorDetailOf(context).value_or(v1::ErrorDetail());
  if (full && detail.retry_delay_ms() > 0) {
    ++figures_.shed;
    figures_.shed_reason = v1::RefusalReason_Name(detail.violation().reason());
    figures_.retry_delay_ms = figures_.shed == 1
                                  ? detail.retry_delay_ms()
                                  : std::min(figures_.retry_delay_ms, detail.retry_delay_ms());
    std::this_thread::sleep_for(std::chrono::milliseconds(detail.retry_delay_ms()));
    return !(plan_.seconds > 0 && Ended(acknowledged_sequence_ + 1));
  }
  // The daemon has not yet noticed that the last stream of this source ended.
  if (status.error_code() == grpc::StatusCode::ABORTED) {
    std::this_thread::sleep_for(kBusyPause);
    return true;
  }
  const std::string reason =
      absl::StrCat("code ", status.error_code(), " after ", Seconds(Clock::now() - began_).count(),
                   " s: ", status.error_message());
  if (plan_.reconnect && status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    ++figures_.broken;
    figures_.broken_reason = reason;
    std::this_thread::sleep_for(kBusyPause);
    return !Ended(acknowledged_sequence_ + 1);
  }
  figures_.gone = reason;
  return false;
}

bool SourceFeed::Ended(int64_t next_sequence) const {
  if (plan_.last_sequence > 0 && next_sequence > plan_.last_sequence) return true;
  return plan_.seconds > 0 && Seconds(Clock::now() - began_).count() >= plan_.seconds;
}

}  // namespace vigie::testing
