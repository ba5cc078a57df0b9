// SPDX-License-Identifier: Apache-2.0
// Sends pre-made batches over some streams and says how fast they were acknowledged.
//
//   ingest_load HOST:PORT EVENTS STREAMS BATCH
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "load_feed.h"
#include "vigie/v1/ingest_service.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;
using vigie::v1::StreamEventsRequest;
using vigie::v1::StreamEventsResponse;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What one stream measured.
struct StreamFigures {
  bool ok = false;
  int64_t refused = 0;
  std::vector<double> acknowledge_seconds;
};

// Writes without waiting; the server's flow control is the only brake.
StreamFigures RunStream(const std::string& target, int stream,
                        const std::vector<StreamEventsRequest>& batches) {
  StreamFigures figures;
  const auto channel = grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), [&] {
    grpc::ChannelArguments arguments;
    arguments.SetInt("stream", stream);  // A connection of its own.
    return arguments;
  }());
  const auto stub = vigie::v1::IngestService::NewStub(channel);
  grpc::ClientContext context;
  const auto call = stub->StreamEvents(&context);
  StreamEventsRequest start;
  start.mutable_start()->set_source_id(absl::StrFormat("load-%d", stream));
  start.mutable_start()->set_source_incarnation(
      absl::StrFormat("00000000-0000-4000-8000-%012d", stream));
  StreamEventsResponse response;
  if (!call->Write(start) || !call->Read(&response)) return figures;
  std::mutex mutex;
  std::deque<Clock::time_point> sent;
  std::thread writer([&] {
    for (const StreamEventsRequest& batch : batches) {
      {
        const std::lock_guard lock(mutex);
        sent.push_back(Clock::now());
      }
      if (!call->Write(batch)) return;
    }
    call->WritesDone();
  });
  while (call->Read(&response)) {
    const std::lock_guard lock(mutex);
    figures.acknowledge_seconds.push_back(SecondsSince(sent.front()));
    sent.pop_front();
    figures.refused += response.acknowledgement().results_size();
  }
  writer.join();
  const grpc::Status status = call->Finish();
  if (!status.ok()) std::fprintf(stderr, "stream ended: %s\n", status.error_message().c_str());
  figures.ok = status.ok() && figures.acknowledge_seconds.size() == batches.size();
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: ingest_load HOST:PORT EVENTS STREAMS BATCH\n");
    return 2;
  }
  const int streams = std::atoi(argv[3]);
  vigie::benchmark::LoadShape shape;
  shape.event_count = std::atoll(argv[2]) / streams;
  shape.batch_events = std::atoi(argv[4]);
  shape.start_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count() -
                   int64_t{30} * 24 * 3600 * 1000;
  std::vector<std::vector<StreamEventsRequest>> feeds;
  for (int i = 0; i < streams; ++i) feeds.push_back(vigie::benchmark::MakeBatches(shape, i));
  std::vector<StreamFigures> figures(static_cast<size_t>(streams));
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < streams; ++i) {
    const auto index = static_cast<size_t>(i);
    threads.emplace_back([&, i, index] { figures[index] = RunStream(argv[1], i, feeds[index]); });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = SecondsSince(start);
  int64_t events = 0;
  int64_t refused = 0;
  std::vector<double> waits;
  bool ok = true;
  for (const StreamFigures& figure : figures) {
    ok &= figure.ok;
    refused += figure.refused;
    events += static_cast<int64_t>(figure.acknowledge_seconds.size()) * shape.batch_events;
    waits.insert(waits.end(), figure.acknowledge_seconds.begin(), figure.acknowledge_seconds.end());
  }
  std::sort(waits.begin(), waits.end());
  const auto at = [&waits](double rank) {
    return waits.empty() ? 0.0
                         : waits[static_cast<size_t>(rank * static_cast<double>(waits.size() - 1))];
  };
  std::printf(
      "{\"events\":%lld,\"refused\":%lld,\"seconds\":%.3f,\"events_per_second\":%.0f,"
      "\"acknowledge_p50_ms\":%.2f,\"acknowledge_p99_ms\":%.2f}\n",
      static_cast<long long>(events), static_cast<long long>(refused), seconds,
      static_cast<double>(events) / seconds, at(.5) * 1000, at(.99) * 1000);
  return ok ? 0 : 1;
}
