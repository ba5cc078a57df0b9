// SPDX-License-Identifier: Apache-2.0
// Sends events over some streams, on one thread, and prints as one line of JSON how fast they were
// acknowledged and what that cost here. Exits 1 unless everything was acknowledged.
#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/usage.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "load_stream.h"

ABSL_FLAG(std::string, server, "", "HOST:PORT of a vigied, or of bare_probe");
ABSL_FLAG(int64_t, events, 1'000'000, "events in all, rounded up to full batches");
ABSL_FLAG(int, streams, 2, "streams, each with a connection of its own");
ABSL_FLAG(int, batch, 512, "events in a batch");
ABSL_FLAG(int, window, 16, "unacknowledged batches a stream");
ABSL_FLAG(double, rate, 0, "events a second over all streams; 0 = as fast as acknowledged");
ABSL_FLAG(double, seconds, 0, "sends no more after this time; 0 = no limit");
ABSL_FLAG(int, interleave, 1, "decisions whose events are sent in turns; 1 = one after the other");
ABSL_FLAG(uint64_t, seed, 1, "other seeds are other events of other sources");
ABSL_FLAG(bool, left_open, false, "only the first two events of each decision: nobody decides");

namespace vigie::benchmark {
namespace {

constexpr int64_t kFeedAgeMs = int64_t{30} * 24 * 3600 * 1000;

std::vector<StreamPlan> MakePlans() {
  const int streams = absl::GetFlag(FLAGS_streams);
  const int batch = absl::GetFlag(FLAGS_batch);
  const uint64_t seed = absl::GetFlag(FLAGS_seed);
  const double rate = absl::GetFlag(FLAGS_rate);
  const int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  StreamPlan plan;
  plan.shape.start_ms = now_ms - kFeedAgeMs;
  plan.shape.interleaved = absl::GetFlag(FLAGS_interleave);
  plan.shape.left_open = absl::GetFlag(FLAGS_left_open);
  plan.batch_events = batch;
  const int64_t batch_count = (absl::GetFlag(FLAGS_events) + batch - 1) / batch;
  plan.batch_count = (batch_count + streams - 1) / streams;
  plan.window = absl::GetFlag(FLAGS_window);
  plan.limit_seconds = absl::GetFlag(FLAGS_seconds);
  if (rate > 0) plan.period_seconds = batch * streams / rate;
  std::vector<StreamPlan> plans;
  for (int i = 0; i < streams; ++i) {
    plan.source_id = absl::StrFormat("load-%d-%d", seed, i);
    plan.source_incarnation = absl::StrFormat("00000000-0000-4000-8000-%06d%06d", seed, i);
    plan.shape.seed = seed * 1'000'000 + static_cast<uint64_t>(i);
    plan.offset_seconds = plan.period_seconds * i / streams;
    plans.push_back(plan);
  }
  return plans;
}

// Handles one operation that ends before `until`; false when none did.
bool ProceedOnce(grpc::CompletionQueue* queue, Clock::time_point until) {
  void* tag = nullptr;
  bool ok = false;
  const auto left =
      std::chrono::duration_cast<std::chrono::microseconds>(until - Clock::now()).count();
  const gpr_timespec deadline =
      until == Clock::time_point::max()
          ? gpr_inf_future(GPR_CLOCK_MONOTONIC)
          : gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                         gpr_time_from_micros(std::max<int64_t>(left, 0), GPR_TIMESPAN));
  if (queue->AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) return false;
  const auto* mine = static_cast<LoadStream::Tag*>(tag);
  mine->stream->Proceed(mine->operation, ok);
  return true;
}

using Streams = std::vector<std::unique_ptr<LoadStream>>;

template <typename Predicate>
bool All(const Streams& streams, Predicate predicate) {
  return std::all_of(streams.begin(), streams.end(),
                     [&](const auto& stream) { return predicate(*stream); });
}

void Drive(grpc::CompletionQueue* queue, const Streams& streams) {
  while (!All(streams, [](const LoadStream& stream) { return stream.finished(); })) {
    auto due = Clock::time_point::max();
    for (const auto& stream : streams) {
      stream->SendDue(Clock::now());
      due = std::min(due, stream->next_due());
    }
    while (ProceedOnce(queue, due)) due = Clock::time_point();  // No more waiting.
  }
}

int Report(const Streams& streams, Clock::time_point start, double processor_seconds) {
  bool ok = true;
  int64_t events = 0;
  int64_t unrecorded = 0;
  auto end = start;
  std::vector<double> waits;
  for (const auto& stream : streams) {
    if (!stream->status().ok()) {
      absl::FPrintF(stderr, "ingest_load: a stream ended: %s\n", stream->status().error_message());
    }
    ok &= stream->ok();
    events += stream->acknowledged_events();
    unrecorded += stream->unrecorded_events();
    end = std::max(end, stream->last_acknowledged());
    waits.insert(waits.end(), stream->acknowledge_seconds().begin(),
                 stream->acknowledge_seconds().end());
  }
  const double seconds = SecondsBetween(start, end);
  const auto count = static_cast<double>(std::max<int64_t>(events, 1));
  absl::PrintF(
      "{\"events\":%d,\"unrecorded\":%d,\"seconds\":%.3f,\"events_per_second\":%.0f,%s,"
      "\"generator_cpu_seconds_per_million\":%.3f}\n",
      events, unrecorded, seconds, count / seconds, QuantilesAsJson("acknowledge", waits),
      processor_seconds * 1e6 / count);
  return ok ? 0 : 1;
}

int Run() {
  grpc::CompletionQueue queue;
  Streams streams;
  for (StreamPlan& plan : MakePlans()) {
    streams.push_back(
        std::make_unique<LoadStream>(absl::GetFlag(FLAGS_server), std::move(plan), &queue));
  }
  while (!All(streams,
              [](const LoadStream& stream) { return stream.started() || stream.finished(); })) {
    ProceedOnce(&queue, Clock::time_point::max());
  }
  const auto start = Clock::now();
  const double processor_before = ProcessorSeconds();
  for (const auto& stream : streams) stream->Begin(start);
  Drive(&queue, streams);
  const int exit_code = Report(streams, start, ProcessorSeconds() - processor_before);
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
  return exit_code;
}

}  // namespace
}  // namespace vigie::benchmark

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("ingest_load --server HOST:PORT [--events N] [--rate N] ...");
  absl::ParseCommandLine(argc, argv);
  return vigie::benchmark::Run();
}
