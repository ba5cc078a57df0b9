// SPDX-License-Identifier: Apache-2.0
// Makes unary calls at a fixed rate, whatever the answers take, and prints as one line of JSON how
// long each took from when it was due. Exits 1 when a call failed.
//
//   call_load --method record    RecordEvents with one event each
//   call_load --method summary   GetSummary of one system in one unit after the other
//   call_load --method nothing   health checks, which ask vigied nothing: what a call itself takes
#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/usage.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "event_bytes.h"
#include "latencies.h"
#include "load_feed.h"
#include "vigie/v1/ingest_service.pb.h"
#include "vigie/v1/oversight_service.pb.h"

ABSL_FLAG(std::string, server, "", "HOST:PORT of a vigied");
ABSL_FLAG(std::string, method, "record", "record, summary or nothing");
ABSL_FLAG(double, rate, 1000, "calls a second");
ABSL_FLAG(double, seconds, 10, "for how long");
ABSL_FLAG(uint64_t, seed, 9, "other seeds are other events");

namespace vigie::benchmark {
namespace {

constexpr int64_t kFeedAgeMs = int64_t{3600} * 1000;

// Makes the bytes of one request after the other.
using MakeRequest = std::function<std::string()>;

MakeRequest RecordRequests() {
  LoadShape shape;
  shape.seed = absl::GetFlag(FLAGS_seed);
  shape.start_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count() -
                   kFeedAgeMs;
  vigie::v1::RecordEventsRequest head;
  head.set_source_id("calls");
  return [feed = std::make_shared<Feed>(shape), encoder = EventEncoder(),
          bytes = head.SerializeAsString()] {
    std::string request = bytes;
    encoder.Append(feed->Next(), &request);
    return request;
  };
}

MakeRequest SummaryRequests() {
  return [shape = LoadShape(), next = 0]() mutable {
    vigie::v1::GetSummaryRequest request;
    request.mutable_scope()->set_organisation_id("benchmark");
    request.mutable_scope()->set_system_id(absl::StrFormat("system-%d", next % shape.system_count));
    request.mutable_scope()->set_unit_id(absl::StrFormat("unit-%03d", next % shape.unit_count));
    ++next;
    return request.SerializeAsString();
  };
}

struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer response;
  grpc::Status status;
  Clock::time_point due;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
};

class CallLoad {
 public:
  CallLoad(std::string method, MakeRequest make_request)
      : method_(std::move(method)),
        make_request_(std::move(make_request)),
        stub_(grpc::CreateChannel(absl::GetFlag(FLAGS_server), grpc::InsecureChannelCredentials())),
        period_seconds_(1 / absl::GetFlag(FLAGS_rate)) {}

  int Run() {
    const auto count = static_cast<int64_t>(absl::GetFlag(FLAGS_seconds) / period_seconds_);
    Send(Clock::now());  // The connection is not what is measured.
    if (!ReceiveOnce()) return 1;
    seconds_.clear();
    // A queue waits in whole milliseconds, so what is due is not waited for there.
    absl::Notification broken;
    std::thread receiver([&] {
      while (ReceiveOnce()) {
      }
      broken.Notify();
    });
    const auto start = Clock::now();
    for (int64_t i = 0; i < count; ++i) {
      const auto due =
          start + std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(period_seconds_ * static_cast<double>(i)));
      if (broken.WaitForNotificationWithTimeout(absl::FromChrono(due - Clock::now()))) break;
      Send(due);
    }
    queue_.Shutdown();  // What is under way still ends.
    receiver.join();
    absl::PrintF("{\"calls\":%d,\"failed\":%d,%s}\n", seconds_.size(), failed_,
                 QuantilesAsJson("call", seconds_));
    return failed_ == 0 ? 0 : 1;
  }

 private:
  void Send(Clock::time_point due) {
    auto call = std::make_unique<Call>();
    call->due = due;
    const std::string bytes = make_request_();
    const grpc::Slice slice(bytes);
    call->reader =
        stub_.PrepareUnaryCall(&call->context, method_, grpc::ByteBuffer(&slice, 1), &queue_);
    call->reader->StartCall();
    Call* const tag = call.release();  // The queue gives it back.
    tag->reader->Finish(&tag->response, &tag->status, tag);
  }

  // Whether there was one more, or will be.
  bool ReceiveOnce() {
    void* tag = nullptr;
    bool ok = false;
    if (!queue_.Next(&tag, &ok)) return false;
    const std::unique_ptr<Call> call(static_cast<Call*>(tag));
    seconds_.push_back(SecondsBetween(call->due, Clock::now()));
    if (call->status.ok()) return true;
    if (failed_++ == 0) {
      absl::FPrintF(stderr, "call_load: %s\n", call->status.error_message());
    }
    return true;
  }

  const std::string method_;
  const MakeRequest make_request_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  const double period_seconds_;
  // Of whoever receives.
  int64_t failed_ = 0;
  std::vector<double> seconds_;
};

}  // namespace
}  // namespace vigie::benchmark

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("call_load --server HOST:PORT --method record|summary|nothing ...");
  absl::ParseCommandLine(argc, argv);
  using vigie::benchmark::CallLoad;
  if (absl::GetFlag(FLAGS_method) == "record") {
    return CallLoad("/vigie.v1.IngestService/RecordEvents", vigie::benchmark::RecordRequests())
        .Run();
  }
  if (absl::GetFlag(FLAGS_method) == "summary") {
    return CallLoad("/vigie.v1.OversightService/GetSummary", vigie::benchmark::SummaryRequests())
        .Run();
  }
  if (absl::GetFlag(FLAGS_method) == "nothing") {
    return CallLoad("/grpc.health.v1.Health/Check", [] { return std::string(); }).Run();
  }
  absl::FPrintF(stderr, "call_load: --method: want record, summary or nothing\n");
  return 2;
}
