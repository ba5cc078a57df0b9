// SPDX-License-Identifier: Apache-2.0
// The questions that Vigie answers.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "engine/engine.h"
#include "oversight/egress.h"
#include "privacy/pseudonyms.h"
#include "vigie/v1/admin_service.pb.h"
#include "vigie/v1/oversight_service.pb.h"
#include "vigie/v1/registry_service.pb.h"

namespace vigie::oversight {

// Answers queries. Any thread; calls may read the disk and wait for the sequencer, so they belong
// on worker threads, never in a gRPC reaction. Errors: INVALID_ARGUMENT, NOT_FOUND,
// PERMISSION_DENIED (no reason), UNAVAILABLE (stopping), DATA_LOSS (damaged row).
class Oversight {
 public:
  // The pointers must outlive it.
  Oversight(engine::Engine* engine, privacy::Pseudonyms* pseudonyms, Egress* egress)
      : engine_(engine), pseudonyms_(pseudonyms), egress_(egress) {}

  [[nodiscard]] absl::StatusOr<vigie::v1::GetSummaryResponse> GetSummary(
      const vigie::v1::GetSummaryRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::ListScopesResponse> ListScopes(
      const vigie::v1::ListScopesRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::GetDecisionResponse> GetDecision(
      const vigie::v1::GetDecisionRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::ListDecisionsResponse> ListDecisions(
      const vigie::v1::ListDecisionsRequest& request);
  // `caller` goes into the record of the access.
  [[nodiscard]] absl::StatusOr<vigie::v1::GetActorSummaryResponse> GetActorSummary(
      const vigie::v1::GetActorSummaryRequest& request, const std::string& caller);
  [[nodiscard]] absl::StatusOr<vigie::v1::ListSystemsResponse> ListSystems(
      const vigie::v1::ListSystemsRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::ListSourcesResponse> ListSources(
      const vigie::v1::ListSourcesRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::ListQuarantineResponse> ListQuarantine(
      const vigie::v1::ListQuarantineRequest& request);
  [[nodiscard]] vigie::v1::ListAlarmsResponse ListAlarms() const;
  [[nodiscard]] absl::StatusOr<vigie::v1::GetReportResponse> GetReport(
      const vigie::v1::GetReportRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::ListChangePointsResponse> ListChangePoints(
      const vigie::v1::ListChangePointsRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::GetShiftCurveResponse> GetShiftCurve(
      const vigie::v1::GetShiftCurveRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::TryPolicyResponse> TryPolicy(
      const vigie::v1::TryPolicyRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::ExportLogResponse> ExportLog(
      const vigie::v1::ExportLogRequest& request);

  // What the rest of this room shares.
  [[nodiscard]] engine::Engine& engine() { return *engine_; }
  [[nodiscard]] Egress& egress() { return *egress_; }
  // A reader of the views that includes everything acknowledged before the call. Appends `record`
  // first, if there is one, and gives its position.
  struct Fresh {
    std::unique_ptr<store::Store::Reader> reader;
    int64_t record_position = 0;
    int64_t as_of = 0;
  };
  [[nodiscard]] absl::StatusOr<Fresh> ReadFresh(
      std::optional<vigie::store::v1::Record> record = std::nullopt);
  [[nodiscard]] absl::StatusOr<decision::ScopeKey> ResolveScope(const vigie::v1::Scope& scope,
                                                                bool must_be_known = true);
  [[nodiscard]] absl::StatusOr<std::string> ResolveOrganisation(const std::string& asked);

 private:
  engine::Engine* engine_;
  privacy::Pseudonyms* pseudonyms_;
  Egress* egress_;
  std::atomic<bool> trying_ = false;  // A TryPolicy is under way.
};

// An act or question about people needs a reason of 3 to 200 characters; PERMISSION_DENIED without
// one. `what` ends the sentence "say why ...".
[[nodiscard]] absl::Status CheckPurpose(const std::string& reason, std::string_view what);
// Cuts a page size to the limits.
[[nodiscard]] int PageSize(int asked);
// Page tokens are opaque to callers: the key to go on from, in hex.
[[nodiscard]] std::string MakePageToken(std::string_view key);
[[nodiscard]] absl::StatusOr<std::string> ReadPageToken(const std::string& token);

}  // namespace vigie::oversight
