// SPDX-License-Identifier: Apache-2.0
#include "metrics/families.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/cat.h"

namespace vigie::metrics {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using Buckets = prometheus::Histogram::BucketBoundaries;

constexpr std::array kDoors = {"stream", "unary"};
constexpr std::array kFates = {"recorded", "duplicate", "refused"};
constexpr std::array kCodes = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

const Buckets& Seconds() {
  static const Buckets buckets = {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5};
  return buckets;
}

std::string ReasonLabel(int reason) {
  const std::string& name =
      vigie::v1::RefusalReason_Name(static_cast<vigie::v1::RefusalReason>(reason));
  return absl::AsciiStrToLower(absl::StripPrefix(name, "REFUSAL_REASON_"));
}

}  // namespace

Families::Families(prometheus::Registry* registry, const std::vector<std::string>& methods)
    : shed_(BuildCounter()
                .Name("vigie_ingest_shed_total")
                .Help("Calls refused because the queue was full.")
                .Register(*registry)
                .Add({})),
      streams_(BuildGauge()
                   .Name("vigie_ingest_streams")
                   .Help("Live streams of sources.")
                   .Register(*registry)
                   .Add({})),
      acknowledge_seconds_(BuildHistogram()
                               .Name("vigie_ingest_acknowledge_seconds")
                               .Help("From receipt of a batch to its durable acknowledgement.")
                               .Register(*registry)
                               .Add({}, Seconds())),
      turn_seconds_(BuildHistogram()
                        .Name("vigie_sequencer_turn_seconds")
                        .Help("One turn of the sequencer: fold, write, publish.")
                        .Register(*registry)
                        .Add({}, Seconds())),
      write_seconds_(BuildHistogram()
                         .Name("vigie_log_write_seconds")
                         .Help("One synced write of a block to the log.")
                         .Register(*registry)
                         .Add({}, Seconds())),
      turn_events_(BuildHistogram()
                       .Name("vigie_sequencer_turn_events")
                       .Help("Events that shared one synced write.")
                       .Register(*registry)
                       .Add({}, Buckets{1, 4, 16, 64, 256, 1024, 4096, 8192})),
      handled_(BuildCounter()
                   .Name("grpc_server_handled_total")
                   .Help("RPCs completed, by method and status code.")
                   .Register(*registry)) {
  auto& events = BuildCounter()
                     .Name("vigie_ingest_events_total")
                     .Help("Events received, by door and what became of them.")
                     .Register(*registry);
  for (size_t door = 0; door < kDoors.size(); ++door) {
    for (size_t fate = 0; fate < kFates.size(); ++fate) {
      events_[door][fate] = &events.Add({{"door", kDoors[door]}, {"fate", kFates[fate]}});
    }
  }
  auto& refused = BuildCounter()
                      .Name("vigie_ingest_refused_events_total")
                      .Help("Events refused, by reason.")
                      .Register(*registry);
  for (int reason = 1; reason < vigie::v1::RefusalReason_ARRAYSIZE; ++reason) {
    refused_.push_back(&refused.Add({{"reason", ReasonLabel(reason)}}));
  }
  auto& handling = BuildHistogram()
                       .Name("grpc_server_handling_seconds")
                       .Help("Time from start to end of RPCs, by method.")
                       .Register(*registry);
  for (const std::string& name : methods) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(name, '/');
    Method& method = methods_[name];
    method.seconds =
        &handling.Add({{"grpc_service", parts.first}, {"grpc_method", parts.second}}, Seconds());
    method.ok = &handled_.Add(
        {{"grpc_service", parts.first}, {"grpc_method", parts.second}, {"grpc_code", kCodes[0]}});
  }
}

void Families::CountEvents(Door door, const engine::Receipt& receipt) {
  const std::array<int64_t, 3> counts = {receipt.recorded_count, receipt.duplicate_count,
                                         receipt.refused_count};
  auto& row = events_[static_cast<size_t>(door)];
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) row[i]->Increment(static_cast<double>(counts[i]));
  }
}

void Families::ObserveTurn(const engine::TurnReport& report) {
  for (const auto reason : report.refused) {
    const auto index = static_cast<size_t>(reason) - 1;
    if (index < refused_.size()) refused_[index]->Increment();
  }
  turn_seconds_.Observe(report.turn_seconds);
  if (report.write_seconds > 0) write_seconds_.Observe(report.write_seconds);
  if (report.recorded > 0) turn_events_.Observe(static_cast<double>(report.recorded));
}

void Families::ObserveCall(std::string_view method, int code, double seconds) {
  const auto found = methods_.find(base::ToAbsl(method));
  if (found == methods_.end()) return;
  found->second.seconds->Observe(seconds);
  const auto index = static_cast<size_t>(std::clamp(code, 0, 16));
  if (index == 0) {
    found->second.ok->Increment();
    return;
  }
  // Errors are rare, so their series are made when first needed; Add returns the existing one.
  const std::pair<std::string, std::string> parts = absl::StrSplit(base::ToAbsl(method), '/');
  handled_
      .Add({{"grpc_service", parts.first},
            {"grpc_method", parts.second},
            {"grpc_code", kCodes[index]}})
      .Increment();
}

}  // namespace vigie::metrics
