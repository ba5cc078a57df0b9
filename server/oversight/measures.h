// SPDX-License-Identifier: Apache-2.0
// What an oversight body does, and the log keeps: baselines, draws, plans, acknowledgements.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "oversight/oversight.h"
#include "privacy/pseudonyms.h"
#include "vigie/v1/audit_service.pb.h"
#include "vigie/v1/calibration_service.pb.h"
#include "vigie/v1/oversight_service.pb.h"
#include "vigie/v1/probe_service.pb.h"

namespace vigie::oversight {

// Each act is checked and recorded on the sequencer's thread, so that two callers cannot both take
// what there is once. Any worker thread; never a gRPC reaction. `caller` goes into the record.
// Errors beside those named: INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE (stopping).
class Measures {
 public:
  // The pointers must outlive it.
  Measures(Oversight* oversight, privacy::Pseudonyms* pseudonyms, const base::Clock* clock)
      : oversight_(oversight), pseudonyms_(pseudonyms), clock_(clock) {}

  // R9. FAILED_PRECONDITION under 30 decisions with a time.
  [[nodiscard]] absl::StatusOr<vigie::v1::CloseBaselineResponse> CloseBaseline(
      const vigie::v1::CloseBaselineRequest& request);
  [[nodiscard]] vigie::v1::ListBaselinesResponse ListBaselines() const;

  // N2. FAILED_PRECONDITION where there is nothing to draw from.
  [[nodiscard]] absl::StatusOr<vigie::v1::DrawAuditResponse> DrawAudit(
      const vigie::v1::DrawAuditRequest& request, const std::string& caller);
  [[nodiscard]] vigie::v1::ListDrawsResponse ListDraws() const;
  [[nodiscard]] absl::StatusOr<vigie::v1::GetDrawResponse> GetDraw(
      const vigie::v1::GetDrawRequest& request) const;

  // N4.
  [[nodiscard]] absl::StatusOr<vigie::v1::CommitPlanResponse> CommitPlan(
      const vigie::v1::CommitPlanRequest& request, const std::string& caller);
  [[nodiscard]] absl::StatusOr<vigie::v1::HandOutItemResponse> HandOutItem(
      const vigie::v1::HandOutItemRequest& request);
  [[nodiscard]] absl::StatusOr<vigie::v1::StopPlanResponse> StopPlan(
      const vigie::v1::StopPlanRequest& request, const std::string& caller);
  [[nodiscard]] absl::StatusOr<vigie::v1::RevealPlanResponse> RevealPlan(
      const vigie::v1::RevealPlanRequest& request, const std::string& caller);
  [[nodiscard]] vigie::v1::ListPlansResponse ListPlans() const;
  [[nodiscard]] absl::StatusOr<vigie::v1::GetManifestResponse> GetManifest(
      const vigie::v1::GetManifestRequest& request) const;

  // V4.
  [[nodiscard]] absl::StatusOr<vigie::v1::AcknowledgeAlarmResponse> AcknowledgeAlarm(
      const vigie::v1::AcknowledgeAlarmRequest& request, const std::string& caller);

 private:
  // Makes a record from the fold as it stands, on the sequencer's thread, and appends it; its
  // position. An error of `make` is the caller's answer and stops nothing.
  [[nodiscard]] absl::StatusOr<int64_t> Append(
      std::function<absl::StatusOr<vigie::store::v1::Record>(engine::Fold&)> make);
  // The organisation asked for, else the only one.
  [[nodiscard]] absl::StatusOr<std::string> Organisation(const std::string& asked) const;

  Oversight* oversight_;
  privacy::Pseudonyms* pseudonyms_;
  const base::Clock* clock_;
};

}  // namespace vigie::oversight
