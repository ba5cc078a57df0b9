// SPDX-License-Identifier: Apache-2.0
// Stores the same events in the same batches in PostgreSQL, one transaction a batch, one connection
// and one thread for each stream, and prints what ingest_load prints. A batch counts as
// acknowledged when its statement has committed.
#include <absl/flags/flag.h>
#include <absl/flags/parse.h>
#include <absl/flags/usage.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "latencies.h"
#include "postgres_rows.h"

ABSL_FLAG(std::string, database, "", "how to connect, as for libpq: host=... dbname=...");
ABSL_FLAG(bool, idempotent, false,
          "leave out events that came before (INSERT ... ON CONFLICT) instead of failing (COPY)");
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

// Reads all results of a command; whether the last one is `want`, and no other is an error. Adds
// the rows that it stored to `rows`.
bool Expect(PGconn* connection, ExecStatusType want, int64_t* rows) {
  bool ok = true;
  while (PGresult* result = PQgetResult(connection)) {
    ok = ok && PQresultStatus(result) == want;
    int64_t stored = 0;
    if (absl::SimpleAtoi(PQcmdTuples(result), &stored)) *rows += stored;
    PQclear(result);
  }
  if (!ok) absl::FPrintF(stderr, "postgres_load: %s", PQerrorMessage(connection));
  return ok;
}

bool CopyIn(PGconn* connection, std::string_view bytes, int64_t* rows) {
  PGresult* began = PQexec(connection, kCopy);
  const bool copying = PQresultStatus(began) == PGRES_COPY_IN;
  PQclear(began);
  if (!copying) absl::FPrintF(stderr, "postgres_load: %s", PQerrorMessage(connection));
  return copying && PQputCopyData(connection, bytes.data(), static_cast<int>(bytes.size())) == 1 &&
         PQputCopyEnd(connection, nullptr) == 1 && Expect(connection, PGRES_COMMAND_OK, rows);
}

constexpr char kStatement[] = "insert_events";

bool Prepare(PGconn* connection) {
  PGresult* prepared = PQprepare(connection, kStatement, kInsert, 0, nullptr);
  const bool ok = PQresultStatus(prepared) == PGRES_COMMAND_OK;
  PQclear(prepared);
  if (!ok) absl::FPrintF(stderr, "postgres_load: %s", PQerrorMessage(connection));
  return ok;
}

bool InsertNew(PGconn* connection, const std::array<std::string, kColumns>& columns,
               int64_t* rows) {
  std::array<const char*, kColumns> values;
  std::array<int, kColumns> lengths;
  std::array<int, kColumns> formats;
  for (size_t i = 0; i < kColumns; ++i) {
    values[i] = columns[i].data();
    lengths[i] = static_cast<int>(columns[i].size());
    formats[i] = 1;  // Binary.
  }
  return PQsendQueryPrepared(connection, kStatement, static_cast<int>(kColumns), values.data(),
                             lengths.data(), formats.data(), 0) == 1 &&
         Expect(connection, PGRES_COMMAND_OK, rows);
}

// What one connection measured.
struct Figures {
  bool ok = false;
  int64_t events = 0;
  int64_t rows = 0;
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
  ColumnArrays arrays;
  const bool idempotent = absl::GetFlag(FLAGS_idempotent);
  if (idempotent && !Prepare(connection)) return figures;
  const int batch = absl::GetFlag(FLAGS_batch);
  const std::string source = absl::StrFormat("load-%d-%d", seed, stream);
  for (int64_t i = 0; i < batch_count; ++i) {
    const int64_t first_sequence = i * batch + 1;
    if (idempotent) {
      arrays.Fill(source, first_sequence, batch, &feed);
    } else {
      rows.Fill(source, first_sequence, batch, &feed);
    }
    const auto sent = Clock::now();
    if (!(idempotent ? InsertNew(connection, arrays.columns(), &figures.rows)
                     : CopyIn(connection, rows.bytes(), &figures.rows))) {
      return figures;
    }
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
  int64_t rows = 0;
  if (absl::GetFlag(FLAGS_create) && (PQsendQuery(connections[0].get(), kCreateTable) != 1 ||
                                      !Expect(connections[0].get(), PGRES_COMMAND_OK, &rows))) {
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
    rows += figure.rows;
    waits.insert(waits.end(), figure.acknowledge_seconds.begin(), figure.acknowledge_seconds.end());
  }
  const auto count = static_cast<double>(std::max<int64_t>(events, 1));
  absl::PrintF(
      "{\"events\":%d,\"unrecorded\":%d,\"seconds\":%.3f,\"events_per_second\":%.0f,%s,"
      "\"generator_cpu_seconds_per_million\":%.3f}\n",
      events, events - rows, seconds, count / seconds, QuantilesAsJson("acknowledge", waits),
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
