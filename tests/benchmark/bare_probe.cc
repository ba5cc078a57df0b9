// SPDX-License-Identifier: Apache-2.0
// What the same transport and the same disk give to a server that does nothing else: it appends
// each received batch as one RocksDB value and acknowledges it once a synced write has it. As in
// vigied, one thread writes, takes all that waits in one write, and reading a stream pauses at
// kMaxUnacknowledged batches; the options of RocksDB are those of vigied's log. It looks into no
// batch: nothing is parsed, checked, hashed, folded or remembered.
//
//   bare_probe DIRECTORY BATCH_EVENTS
//
// Prints its port, then serves until SIGTERM.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <rocksdb/db.h>
#include <signal.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "vigie/v1/ingest_service.pb.h"

namespace vigie::benchmark {
namespace {

using vigie::v1::StreamEventsResponse;

constexpr int kMaxUnacknowledged = 8;

// The thread that writes.
class Log {
 public:
  explicit Log(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)), thread_([this] { Run(); }) {}
  ~Log() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Calls `done` on the writer's thread once `value` is on disk.
  void Append(grpc::ByteBuffer value, std::function<void()> done) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back({std::move(value), std::move(done)});
    }
    changed_.notify_one();
  }

 private:
  struct Waiting {
    grpc::ByteBuffer value;
    std::function<void()> done;
  };

  void Run() {
    for (;;) {
      std::deque<Waiting> taken;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        taken.swap(queue_);
      }
      Write(taken);
      for (const Waiting& waiting : taken) waiting.done();
    }
  }

  void Write(const std::deque<Waiting>& taken) {
    rocksdb::WriteBatch batch;
    for (const Waiting& waiting : taken) {
      std::string key(sizeof(position_), '\0');
      for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(position_ >> (56 - 8 * i));
      ++position_;
      std::vector<grpc::Slice> slices;
      std::vector<rocksdb::Slice> parts;
      if (!waiting.value.Dump(&slices).ok()) std::abort();
      for (const grpc::Slice& slice : slices) {
        parts.emplace_back(reinterpret_cast<const char*>(slice.begin()), slice.size());
      }
      const rocksdb::Slice key_part(key);
      if (!batch.Put({&key_part, 1}, {parts.data(), static_cast<int>(parts.size())}).ok()) {
        std::abort();
      }
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    if (!db_->Write(options, &batch).ok()) std::abort();
  }

  const std::unique_ptr<rocksdb::DB> db_;
  uint64_t position_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

// One stream. The log may hold callbacks after gRPC is done with it, so it is shared.
class ProbeStream final : public grpc::ServerGenericBidiReactor {
 public:
  static ProbeStream* Start(Log* log, int batch_events) {
    const std::shared_ptr<ProbeStream> stream(new ProbeStream(log, batch_events));
    stream->self_ = stream;
    const std::lock_guard lock(stream->mutex_);
    stream->ReadOn();
    return stream.get();
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    if (!ok) {
      half_closed_ = true;
    } else if (!std::exchange(started_, true)) {
      StreamEventsResponse response;
      response.mutable_started();
      Send(response);
    } else {
      ++unacknowledged_;
      log_->Append(std::move(received_), [self = self_] { self->Acknowledge(); });
      received_ = grpc::ByteBuffer();
    }
    ReadOn();
    FinishIfDrained();
  }

  void OnWriteDone(bool /*ok*/) override {
    const std::lock_guard lock(mutex_);
    responses_.pop_front();
    if (!responses_.empty()) StartWrite(&responses_.front());
    FinishIfDrained();
  }

  void OnDone() override {
    std::shared_ptr<ProbeStream> self;
    const std::lock_guard lock(mutex_);
    self.swap(self_);
  }

 private:
  ProbeStream(Log* log, int batch_events) : log_(log), batch_events_(batch_events) {}

  void Acknowledge() {
    const std::lock_guard lock(mutex_);
    --unacknowledged_;
    acknowledged_events_ += batch_events_;
    StreamEventsResponse response;
    response.mutable_acknowledgement()->set_durable_sequence(acknowledged_events_);
    Send(response);
    ReadOn();
  }

  void Send(const StreamEventsResponse& response) {
    const grpc::Slice slice(response.SerializeAsString());
    responses_.emplace_back(&slice, 1);
    if (responses_.size() == 1) StartWrite(&responses_.front());
  }

  void ReadOn() {
    if (reading_ || half_closed_ || unacknowledged_ >= kMaxUnacknowledged) return;
    reading_ = true;
    StartRead(&received_);
  }

  void FinishIfDrained() {
    if (half_closed_ && unacknowledged_ == 0 && responses_.empty() &&
        !std::exchange(finished_, true)) {
      Finish(grpc::Status::OK);
    }
  }

  Log* const log_;
  const int64_t batch_events_;
  std::shared_ptr<ProbeStream> self_;
  std::mutex mutex_;
  grpc::ByteBuffer received_;
  std::deque<grpc::ByteBuffer> responses_;  // The front one is being written.
  int unacknowledged_ = 0;
  int64_t acknowledged_events_ = 0;
  bool started_ = false;
  bool reading_ = false;
  bool half_closed_ = false;
  bool finished_ = false;
};

class ProbeService final : public grpc::CallbackGenericService {
 public:
  ProbeService(Log* log, int batch_events) : log_(log), batch_events_(batch_events) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* /*context*/) override {
    return ProbeStream::Start(log_, batch_events_);
  }

 private:
  Log* const log_;
  const int batch_events_;
};

std::unique_ptr<rocksdb::DB> OpenDatabase(const std::string& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_total_wal_size = uint64_t{256} << 20;
  options.max_background_jobs = 2;
  options.write_buffer_size = size_t{32} << 20;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, directory, &db);
  if (!status.ok()) std::fprintf(stderr, "bare_probe: %s\n", status.ToString().c_str());
  return std::unique_ptr<rocksdb::DB>(db);
}

int Serve(const std::string& directory, int batch_events) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::unique_ptr<rocksdb::DB> db = OpenDatabase(directory);
  if (db == nullptr) return 1;
  Log log(std::move(db));
  ProbeService service(&log, batch_events);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("%d\n", port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace vigie::benchmark

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bare_probe DIRECTORY BATCH_EVENTS\n");
    return 2;
  }
  return vigie::benchmark::Serve(argv[1], std::atoi(argv[2]));
}
