// SPDX-License-Identifier: Apache-2.0
// One stream of batches to StreamEvents, driven by a completion queue.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "event_bytes.h"
#include "latencies.h"
#include "load_feed.h"

namespace vigie::benchmark {

// How a stream sends.
struct StreamPlan {
  std::string source_id;
  std::string source_incarnation;  // A UUID.
  LoadShape shape;
  int batch_events = 512;
  int64_t batch_count = 0;
  int window = 16;  // Unacknowledged batches at most.
  // Time between two batches, seconds, and of the first one; 0 = as fast as acknowledgements allow.
  double period_seconds = 0;
  double offset_seconds = 0;
  double limit_seconds = 0;  // Sends no more after this; 0 = no limit.
};

// Sends raw bytes and reads acknowledgements. All calls on the thread that drains the queue.
class LoadStream {
 public:
  enum class Operation { kStart, kWrite, kRead, kWritesDone, kFinish };
  // What the queue gives back.
  struct Tag {
    LoadStream* stream;
    Operation operation;
  };

  LoadStream(const std::string& target, StreamPlan plan, grpc::CompletionQueue* queue);

  // Goes on after an operation ended.
  void Proceed(Operation operation, bool ok);
  // Sends the next batch if one is due and there is room for it.
  void SendDue(Clock::time_point now);
  // Lets batches go, the first one at `start`.
  void Begin(Clock::time_point start);

  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] bool finished() const { return finished_; }
  // When SendDue may do something without an operation ending; the far future when never.
  [[nodiscard]] Clock::time_point next_due() const;

  // Everything sent was acknowledged and the call ended well.
  [[nodiscard]] bool ok() const { return finished_ && status_.ok() && unacknowledged_.empty(); }
  [[nodiscard]] const grpc::Status& status() const { return status_; }
  [[nodiscard]] int64_t acknowledged_events() const { return acknowledged_; }
  // Events that were not simply recorded: duplicates and refused ones.
  [[nodiscard]] int64_t unrecorded_events() const { return unrecorded_; }
  [[nodiscard]] Clock::time_point last_acknowledged() const { return last_acknowledged_; }
  // From when a batch was due, or was sent where none is ever due, to its acknowledgement.
  [[nodiscard]] const std::vector<double>& acknowledge_seconds() const {
    return acknowledge_seconds_;
  }

 private:
  struct Sent {
    int64_t last_sequence;
    Clock::time_point since;
  };

  void Write(std::string_view bytes);
  void HandleResponse();
  void Fail();
  [[nodiscard]] Clock::time_point DueAt(int64_t batch) const;
  [[nodiscard]] void* TagOf(Operation operation) { return &tags_[static_cast<size_t>(operation)]; }

  const StreamPlan plan_;
  Feed feed_;
  EventEncoder encoder_;
  std::vector<BatchBuffer> buffers_;  // One for each batch of the window, and one to write.
  std::array<Tag, 5> tags_;
  grpc::ClientContext context_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  std::string start_bytes_;
  grpc::ByteBuffer response_;
  grpc::Status status_;

  Clock::time_point begin_ = Clock::time_point::max();
  Clock::time_point last_acknowledged_;
  bool started_ = false;
  bool writing_ = false;
  bool half_closed_ = false;
  bool finishing_ = false;
  bool finished_ = false;
  int64_t sent_batches_ = 0;
  int64_t acknowledged_ = 0;
  int64_t unrecorded_ = 0;
  std::deque<Sent> unacknowledged_;
  std::vector<double> acknowledge_seconds_;
};

}  // namespace vigie::benchmark
