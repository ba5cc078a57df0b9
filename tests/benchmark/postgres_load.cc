// SPDX-License-Identifier: Apache-2.0
// Stores the same events in the same batches in PostgreSQL, one transaction a batch by COPY, one
// connection and one thread for each stream, and prints what ingest_load prints. A batch counts as
// acknowledged when its COPY has committed.
#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/usage.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "copy_rows.h"
#include "latencies.h"

ABSL_FLAG(std::string, database, "", "how to connect, as for libpq: host=... dbname=...");
ABSL_FLAG(bool, create, false, "create the table first");
ABSL_FLAG(int64_t, events, 1'000'000, "events in all, rounded up to full batches");
ABSL_FLAG(int, streams, 2, "connections");
ABSL_FLAG(int, batch, 512, "events in a batch");
ABSL_FLAG(uint64_t, seed, 1, "other seeds are other events");
ABSL_FLAG(int, interleave, 1, "decisions whose events are sent in turns; 1 = one after the other");

namespace vigie::benchmark {
namespace {

constexpr int64_t kFeedAgeMs = int64_t{30} * 24 * 3600 * 1000;

struct Disconnect {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Disconnect>;

Connection Connect() {
  Connection connection(PQconnectdb(absl::GetFlag(FLAGS_database).c_str()));
  if (PQstatus(connection.get()) == CONNECTION_OK) return connection;
  absl::FPrintF(stderr, "postgres_load: %s", PQerrorMessage(connection.get()));
  return nullptr;
}

// Reads all results of a command; whether the last one is `want`, and no other is an error.
bool Expect(PGconn* connection, ExecStatusType want) {
  bool ok = true;
  while (PGresult* result = PQgetResult(connection)) {
    ok = ok && PQresultStatus(result) == want;
    PQclear(result);
  }
  if (!ok) absl::FPrintF(stderr, "postgres_load: %s", PQerrorMessage(connection));
  return ok;
}

bool CopyIn(PGconn* connection, std::string_view bytes) {
  PGresult* began = PQexec(connection, kCopy);
  const bool copying = PQresultStatus(began) == PGRES_COPY_IN;
  PQclear(began);
  if (!copying) absl::FPrintF(stderr, "postgres_load: %s", PQerrorMessage(connection));
  return copying && PQputCopyData(connection, bytes.data(), static_cast<int>(bytes.size())) == 1 &&
         PQputCopyEnd(connection, nullptr) == 1 && Expect(connection, PGRES_COMMAND_OK);
}

// What one connection measured.
struct Figures {
  bool ok = false;
  int64_t events = 0;
  std::vector<double> acknowledge_seconds;
};

Figures RunStream(PGconn* connection, int stream, int64_t batch_count) {
  Figures figures;
  const uint64_t seed = absl::GetFlag(FLAGS_seed);
  LoadShape shape;
  shape.start_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count() -
                   kFeedAgeMs;
  shape.seed = seed * 1'000'000 + static_cast<uint64_t>(stream);
  shape.interleaved = absl::GetFlag(FLAGS_interleave);
  Feed feed(shape);
  CopyRows rows;
  const int batch = absl::GetFlag(FLAGS_batch);
  const std::string source = absl::StrFormat("load-%d-%d", seed, stream);
  for (int64_t i = 0; i < batch_count; ++i) {
    rows.Fill(source, i * batch + 1, batch, &feed);
    const auto sent = Clock::now();
    if (!CopyIn(connection, rows.bytes())) return figures;
    figures.acknowledge_seconds.push_back(SecondsBetween(sent, Clock::now()));
    figures.events += batch;
  }
  figures.ok = true;
  return figures;
}

int Run() {
  const int streams = absl::GetFlag(FLAGS_streams);
  const int batch = absl::GetFlag(FLAGS_batch);
  const int64_t batch_count = (absl::GetFlag(FLAGS_events) + batch - 1) / batch;
  std::vector<Connection> connections;
  for (int i = 0; i < streams; ++i) {
    connections.push_back(Connect());
    if (connections.back() == nullptr) return 1;
  }
  if (absl::GetFlag(FLAGS_create) && (PQsendQuery(connections[0].get(), kCreateTable) != 1 ||
                                      !Expect(connections[0].get(), PGRES_COMMAND_OK))) {
    return 1;
  }
  std::vector<Figures> figures(static_cast<size_t>(streams));
  const auto start = Clock::now();
  const double processor_before = ProcessorSeconds();
  std::vector<std::thread> threads;
  for (int i = 0; i < streams; ++i) {
    threads.emplace_back([&, i] {
      figures[static_cast<size_t>(i)] = RunStream(connections[static_cast<size_t>(i)].get(), i,
                                                  (batch_count + streams - 1) / streams);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = SecondsBetween(start, Clock::now());
  const double processor_seconds = ProcessorSeconds() - processor_before;
  bool ok = true;
  int64_t events = 0;
  std::vector<double> waits;
  for (const Figures& figure : figures) {
    ok &= figure.ok;
    events += figure.events;
    waits.insert(waits.end(), figure.acknowledge_seconds.begin(), figure.acknowledge_seconds.end());
  }
  const auto count = static_cast<double>(std::max<int64_t>(events, 1));
  absl::PrintF(
      "{\"events\":%d,\"unrecorded\":0,\"seconds\":%.3f,\"events_per_second\":%.0f,%s,"
      "\"generator_cpu_seconds_per_million\":%.3f}\n",
      events, seconds, count / seconds, QuantilesAsJson("acknowledge", waits),
      processor_seconds * 1e6 / count);
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace vigie::benchmark

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("postgres_load --database CONNINFO [--create] [--events N] ...");
  absl::ParseCommandLine(argc, argv);
  return vigie::benchmark::Run();
}
