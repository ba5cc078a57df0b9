// SPDX-License-Identifier: Apache-2.0
// One source that sends numbered events and believes only acknowledgements.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fault/journal.h"
#include "vigie/v1/ingest_service.grpc.pb.h"

namespace vigie::testing {

// What to send, and until when.
struct FeedPlan {
  int64_t start_ms = 0;          // When the first decision begins, milliseconds since 1970-01-01.
  int64_t batch_events = 64;     // Of every batch.
  double events_per_second = 0;  // Of this source; 0 = as fast as the daemon reads.
  double seconds = 0;            // Stop after this; 0 = no such end.
  int64_t last_sequence = 0;     // Stop after this event; 0 = no such end.
  bool abandon = false;          // At the end, break off instead of waiting for what is under way.
  bool reconnect = false;        // Go on when the connection breaks, as every client does.
  bool close = false;            // At the end, a watermark that closes every decision.
  double window_seconds = 0;     // Length of one window of figures; 0 = one window in all.
};

// What came of it, counted in events where nothing else is said.
struct FeedFigures {
  struct Window {
    int64_t acknowledged = 0;
    std::vector<double> waits_ms;  // From write to acknowledgement, of each batch.
  };
  int64_t offered = 0;       // Written to a stream, those written again included.
  int64_t acknowledged = 0;  // For the first time.
  int64_t duplicates = 0;
  int64_t refused = 0;
  int64_t shed = 0;            // Streams that ended because the daemon was full.
  int64_t retry_delay_ms = 0;  // The shortest that the daemon told then.
  std::string shed_reason;     // Its name in vigie.v1.RefusalReason.
  int64_t lost = 0;            // Acknowledged, and at the next start no longer known.
  int64_t broken = 0;          // Streams that ended with their connection, and what was said.
  std::string broken_reason;
  std::string gone;  // Why the daemon was not there; empty when it was to the end.
  std::vector<Window> windows;
};

// Sends until the plan ends, the daemon is gone or has lost something. When the daemon sheds the
// stream it waits as told and goes on after the last acknowledgement, so that what was recorded
// meanwhile is offered again. One thread calls Run; it starts a second one to write.
class SourceFeed {
 public:
  SourceFeed(std::string source_id, const FeedPlan& plan, Journal* journal,
             const std::shared_ptr<grpc::Channel>& channel);

  void Run();
  [[nodiscard]] const FeedFigures& figures() const { return figures_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Call = grpc::ClientReaderWriter<v1::StreamEventsRequest, v1::StreamEventsResponse>;
  class Sent;

  [[nodiscard]] bool Declare(const std::shared_ptr<grpc::Channel>& channel);
  // One stream, to its end; whether another one is to follow.
  [[nodiscard]] bool RunStream();
  // Opens at the last acknowledgement; false when the stream ended instead.
  [[nodiscard]] bool Start(Call& call);
  void Write(Call& call, int64_t sequence, Sent* sent);
  void TakeAcknowledgement(const v1::Acknowledgement& acknowledgement, Sent* sent);
  [[nodiscard]] bool GoesOn(const grpc::Status& status, const grpc::ClientContext& context);
  [[nodiscard]] bool Ended(int64_t next_sequence) const;

  const std::string source_id_;
  const FeedPlan plan_;
  Journal* const journal_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::IngestService::Stub> stub_;
  const Clock::time_point began_ = Clock::now();
  int64_t acknowledged_sequence_;
  int64_t written_ = 0;  // Of the writing thread until it is joined.
  FeedFigures figures_;
};

}  // namespace vigie::testing
