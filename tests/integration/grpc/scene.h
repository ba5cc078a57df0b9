// SPDX-License-Identifier: Apache-2.0
// What every test here needs: a running daemon, its services, events, and streams to send them by.
#pragma once

#include <grpcpp/client_context.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grpc/vigied_process.h"
#include "gtest/gtest.h"
#include "vigie/v1/admin_service.grpc.pb.h"
#include "vigie/v1/ingest_service.grpc.pb.h"
#include "vigie/v1/oversight_service.grpc.pb.h"
#include "vigie/v1/registry_service.grpc.pb.h"

namespace vigie::testing {

// Two incarnations of a source.
inline constexpr char kRun[] = "11111111-2222-4333-8444-555555555555";
inline constexpr char kOtherRun[] = "66666666-7777-4888-9999-aaaaaaaaaaaa";

// Sound events of decision `number`, all of which a daemon takes.
[[nodiscard]] v1::Event Issued(int number);
[[nodiscard]] v1::Event Decided(int number);
// `count` decisions of one event each, from decision `first`.
[[nodiscard]] std::vector<v1::Event> DecidedEvents(int first, int count);

// How a call ended.
struct Ending {
  grpc::Status status;
  v1::ErrorDetail detail;
};

// The detail that came beside a finished call.
[[nodiscard]] v1::ErrorDetail DetailOf(const grpc::ClientContext& context);

// One StreamEvents call. Every wait ends after a minute at most, and then fails.
class Stream {
 public:
  Stream(v1::IngestService::Stub& stub, const std::string& source_id,
         const std::string& incarnation = kRun, bool validate_only = false);
  ~Stream();

  // The answer to the start; nothing when the call ended instead.
  [[nodiscard]] std::optional<v1::StreamStarted> Started();
  bool Send(int64_t first_sequence, const std::vector<v1::Event>& events);
  bool Send(const v1::StreamEventsRequest& request) { return call_->Write(request); }
  bool SendWatermark(int64_t first_sequence, int64_t watermark_ms);
  bool DeclareGap(int64_t first_sequence, int64_t last_sequence);
  // The next acknowledgement; nothing when the call ended instead.
  [[nodiscard]] std::optional<v1::Acknowledgement> Acknowledged();
  // Says that nothing follows, reads to the end.
  Ending Finish();
  // Breaks it off.
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamEventsRequest, v1::StreamEventsResponse>>
      call_;
  bool finished_ = false;
};

// A started stream of a source whose last one has just ended: ABORTED until the daemon has noticed.
// Null when that takes too long.
[[nodiscard]] std::unique_ptr<Stream> OpenWhenFree(v1::IngestService::Stub& stub,
                                                   const std::string& source_id,
                                                   const std::string& incarnation,
                                                   v1::StreamStarted* started);

// A test with a daemon.
class DaemonTest : public ::testing::Test {
 protected:
  void SetUp() override;
  // Stops the daemon if it runs, and starts it on the same data directory.
  void Restart(const std::string& yaml = "");

  [[nodiscard]] v1::RecordEventsResponse Record(const std::vector<v1::Event>& events,
                                                bool validate_only = false);
  [[nodiscard]] v1::ListQuarantineResponse Quarantine();
  [[nodiscard]] v1::ReplayQuarantineResponse Replay(const std::vector<int64_t>& positions);
  [[nodiscard]] int64_t LogPosition();
  // The only source whose name this is; fails the test when there is none.
  [[nodiscard]] v1::SourceState Source(const std::string& source_id);
  // State of a decision; nothing when it is unknown.
  [[nodiscard]] std::optional<v1::GetDecisionResponse> Find(const std::string& decision_id);

  [[nodiscard]] v1::IngestService::Stub& ingest() { return *ingest_; }
  [[nodiscard]] v1::OversightService::Stub& oversight() { return *oversight_; }
  [[nodiscard]] VigiedProcess& daemon() { return *daemon_; }
  [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() { return channel_; }
  // Of the first daemon, besides what Restart names.
  std::string yaml_;

 private:
  void Connect();

  ScratchDirectory directory_;
  std::unique_ptr<VigiedProcess> daemon_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::IngestService::Stub> ingest_;
  std::unique_ptr<v1::OversightService::Stub> oversight_;
  std::unique_ptr<v1::RegistryService::Stub> registry_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
};

// Sets the deadline that no test should reach.
void SetDeadline(grpc::ClientContext& context);

}  // namespace vigie::testing
