// SPDX-License-Identifier: Apache-2.0
#include "oversight/measures.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"

namespace vigie::oversight {

absl::StatusOr<int64_t> Measures::Append(
    std::function<absl::StatusOr<vigie::store::v1::Record>(engine::Fold&)> make) {
  absl::StatusOr<int64_t> result;
  absl::Notification done;
  const engine::Command append = [&](engine::Turn& turn) -> absl::Status {
    auto record = make(turn.fold());
    if (!record.ok()) {
      turn.AfterDurable([&, refusal = record.status()](const absl::Status&) {
        result = refusal;
        done.Notify();
      });
      return absl::OkStatus();
    }
    const auto position = turn.Append(*std::move(record));
    turn.AfterDurable([&, position](const absl::Status& status) {
      result = status.ok() ? position : absl::StatusOr<int64_t>(status);
      done.Notify();
    });
    return position.status();
  };
  VIGIE_RETURN_IF_ERROR(oversight_->engine().sequencer().TryPush(append));
  done.WaitForNotification();
  return result;
}

absl::StatusOr<std::string> Measures::Organisation(const std::string& asked) const {
  if (const auto refusal = engine::CheckIdentifier("organisation_id", asked, false)) {
    return engine::ToStatus(*refusal);
  }
  return oversight_->ResolveOrganisation(asked);
}

absl::StatusOr<vigie::v1::AcknowledgeAlarmResponse> Measures::AcknowledgeAlarm(
    const vigie::v1::AcknowledgeAlarmRequest& request, const std::string& caller) {
  VIGIE_RETURN_IF_ERROR(CheckPurpose(request.reason(), "the alarm is acknowledged"));
  VIGIE_ASSIGN_OR_RETURN(
      const int64_t position,
      Append([&](engine::Fold& fold) -> absl::StatusOr<vigie::store::v1::Record> {
        if (!fold.detectors().IsOpen(request.alarm_id()) &&
            !fold.plans().IsOpen(request.alarm_id())) {
          return absl::NotFoundError("alarm_id: no such alarm is open; list them with ListAlarms");
        }
        vigie::store::v1::Record record;
        auto* acknowledged = record.mutable_alarm_acknowledged();
        acknowledged->set_alarm_id(request.alarm_id());
        acknowledged->set_reason(request.reason());
        acknowledged->set_caller(caller);
        return record;
      }));
  vigie::v1::AcknowledgeAlarmResponse response;
  response.set_log_position(position);
  return response;
}

}  // namespace vigie::oversight
