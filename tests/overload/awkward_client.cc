// SPDX-License-Identifier: Apache-2.0
// Clients that a daemon must bear without harm to others, one a run:
//
//   awkward_client HOST:PORT START_MS crowd COUNT    COUNT streams open at once on one connection
//   awkward_client HOST:PORT START_MS deaf           never reads its acknowledgements
//   awkward_client HOST:PORT START_MS watcher        watches verdicts, and reads only one
//   awkward_client HOST:PORT START_MS clock OFF_MS   stamps its events OFF_MS after now
//
// Prints `holding` once it is as awkward as it gets, waits for a line on standard input, ends, and
// prints one JSON object. Exits with 0 unless the daemon did not let it come that far.
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "fault/numbered_event.h"
#include "vigie/v1/ingest_service.grpc.pb.h"
#include "vigie/v1/oversight_service.grpc.pb.h"

namespace {

using namespace vigie::v1;  // Messages and services.
using vigie::testing::kNumberedDecisionEvents;
using vigie::testing::NumberedEvent;

constexpr auto kDeadline = std::chrono::minutes(20);
constexpr auto kStuckAfter = std::chrono::seconds(2);  // Without one more write.
constexpr int kWindowBytes = 16'384;
constexpr int64_t kMostDeafBatches = 1'000'000;
constexpr int64_t kClockEvents = 100;

void Hold() {
  std::cout << "holding" << std::endl;
  std::string line;
  std::getline(std::cin, line);
}

StreamEventsRequest StartOf(const std::string& source_id) {
  StreamEventsRequest request;
  request.mutable_start()->set_source_id(source_id);
  request.mutable_start()->set_source_incarnation("0b7d6a11-58f2-4b0e-8f57-3f6a5f5c1f00");
  return request;
}

StreamEventsRequest BatchOf(const std::string& source_id, int64_t sequence, int64_t count,
                            int64_t start_ms) {
  StreamEventsRequest request;
  request.mutable_batch()->set_first_sequence(sequence);
  for (int64_t i = sequence; i < sequence + count; ++i) {
    *request.mutable_batch()->add_events() = NumberedEvent(source_id, i, start_ms);
  }
  return request;
}

// A started stream; `call` is null when the daemon did not start it.
struct Stream {
  Stream(IngestService::Stub* stub, const std::string& source_id) {
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    call = stub->StreamEvents(&context);
    StreamEventsResponse started;
    if (!call->Write(StartOf(source_id)) || !call->Read(&started)) call.reset();
  }
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<StreamEventsRequest, StreamEventsResponse>> call;
};

bool Crowd(IngestService::Stub* stub, int64_t start_ms, int64_t count) {
  std::vector<std::unique_ptr<Stream>> streams;
  for (int64_t i = 0; i < count; ++i) {
    streams.push_back(std::make_unique<Stream>(stub, absl::StrCat("crowd-", i)));
    if (streams.back()->call == nullptr) {
      std::cerr << "stream " << i << " was not started\n";
      return false;
    }
  }
  Hold();
  int64_t acknowledged = 0;
  for (int64_t i = 0; i < count; ++i) {
    streams[static_cast<size_t>(i)]->call->Write(
        BatchOf(absl::StrCat("crowd-", i), 1, kNumberedDecisionEvents, start_ms));
  }
  for (const auto& stream : streams) {
    StreamEventsResponse response;
    if (stream->call->Read(&response)) {
      acknowledged += response.acknowledgement().durable_sequence();
    }
  }
  int64_t ended = 0;
  for (const auto& stream : streams) {
    stream->call->WritesDone();
    ended += stream->call->Finish().ok() ? 1 : 0;
  }
  absl::PrintF("{\"streams\":%d,\"acknowledged\":%d,\"ended\":%d}\n", count, acknowledged, ended);
  return true;
}

bool Deaf(IngestService::Stub* stub, int64_t start_ms) {
  Stream stream(stub, "deaf");
  if (stream.call == nullptr) return false;
  std::mutex mutex;
  std::condition_variable moved;
  int64_t written = 0;
  bool ended = false;
  std::thread writer([&] {
    for (int64_t i = 1; i <= kMostDeafBatches; ++i) {
      if (!stream.call->Write(BatchOf("deaf", i, 1, start_ms))) break;
      const std::lock_guard lock(mutex);
      ++written;
      moved.notify_one();
    }
    const std::lock_guard lock(mutex);
    ended = true;
    moved.notify_one();
  });
  bool stuck = false;
  {
    std::unique_lock lock(mutex);
    while (!stuck && !ended) {
      const int64_t before = written;
      stuck = !moved.wait_for(lock, kStuckAfter, [&] { return written != before || ended; });
    }
  }
  Hold();
  stream.context.TryCancel();
  writer.join();
  static_cast<void>(stream.call->Finish());
  absl::PrintF("{\"written\":%d,\"stuck\":%s}\n", written, stuck ? "true" : "false");
  return true;
}

bool Watch(OversightService::Stub* stub, int64_t count) {
  struct Watcher {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<WatchVerdictsResponse>> call;
  };
  std::vector<std::unique_ptr<Watcher>> watchers;
  int64_t refused = 0;
  for (int64_t i = 0; i < count; ++i) {
    Watcher& watcher = *watchers.emplace_back(std::make_unique<Watcher>());
    watcher.context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    watcher.call = stub->WatchVerdicts(&watcher.context, WatchVerdictsRequest());
  }
  for (const auto& watcher : watchers) {
    WatchVerdictsResponse first;
    refused += watcher->call->Read(&first) ? 0 : 1;
  }
  Hold();
  for (const auto& watcher : watchers) watcher->context.TryCancel();
  for (const auto& watcher : watchers) static_cast<void>(watcher->call->Finish());
  absl::PrintF("{\"watchers\":%d,\"refused\":%d}\n", count, refused);
  return true;
}

bool WrongClock(IngestService::Stub* stub, int64_t off_ms) {
  const int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  const std::string source_id = off_ms > 0 ? "clock-ahead" : "clock-behind";
  Stream stream(stub, source_id);
  if (stream.call == nullptr) return false;
  Hold();
  int64_t refused = 0;
  int64_t absurd = 0;
  StreamEventsResponse response;
  stream.call->Write(BatchOf(source_id, 1, kClockEvents, now_ms + off_ms));
  if (!stream.call->Read(&response)) return false;
  for (const EventResult& result : response.acknowledgement().results()) {
    refused += result.fate() == EVENT_FATE_REFUSED ? 1 : 0;
    absurd += result.violation().reason() == REFUSAL_REASON_TIME_ABSURD ? 1 : 0;
  }
  stream.call->WritesDone();
  const bool ended = stream.call->Finish().ok();
  absl::PrintF("{\"sent\":%d,\"refused\":%d,\"absurd\":%d,\"ended_well\":%s}\n", kClockEvents,
               refused, absurd, ended ? "true" : "false");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  int64_t start_ms = 0;
  int64_t number = 0;
  const bool numbers = words.size() > 1 && absl::SimpleAtoi(words[1], &start_ms) &&
                       (words.size() < 4 || absl::SimpleAtoi(words[3], &number));
  if (!numbers || words.size() < 3) {
    std::cerr << "usage: awkward_client HOST:PORT START_MS crowd|deaf|watchers|clock [NUMBER]\n";
    return 2;
  }
  // A small window that does not grow: who does not read is soon full.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  const auto channel =
      grpc::CreateCustomChannel(words[0], grpc::InsecureChannelCredentials(), arguments);
  const auto ingest = IngestService::NewStub(channel);
  if (words[2] == "crowd") return Crowd(ingest.get(), start_ms, number) ? 0 : 1;
  if (words[2] == "deaf") return Deaf(ingest.get(), start_ms) ? 0 : 1;
  if (words[2] == "watchers") {
    return Watch(OversightService::NewStub(channel).get(), number) ? 0 : 1;
  }
  if (words[2] == "clock") return WrongClock(ingest.get(), number) ? 0 : 1;
  std::cerr << "awkward_client: no such client: " << words[2] << "\n";
  return 2;
}
