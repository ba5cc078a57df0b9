// SPDX-License-Identifier: Apache-2.0
#include "rpc/admin_service.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/synchronization/notification.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "oversight/summary.h"
#include "policy/policy.h"
#include "policy/yaml_message.h"
#include "vigie/version.h"

namespace vigie::rpc {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

// Offers events of one source again and waits for the turn.
absl::Status OfferAgain(engine::Engine& engine, const std::string& source_id,
                        std::vector<engine::PreparedEvent> events,
                        ReplayQuarantineResponse* response) {
  std::vector<int64_t> positions;
  for (const engine::PreparedEvent& event : events) positions.push_back(event.quarantine_position);
  engine::Receipt receipt;
  absl::Notification done;
  engine::EventWork work;
  work.source_id = source_id;
  work.events = std::move(events);
  work.done = [&](engine::Receipt answered) {
    receipt = std::move(answered);
    done.Notify();
  };
  VIGIE_RETURN_IF_ERROR(engine.sequencer().TryPush(std::move(work)));
  done.WaitForNotification();
  VIGIE_RETURN_IF_ERROR(receipt.status);
  for (size_t i = 0; i < receipt.results.size(); ++i) {
    EventResult* result = response->add_results();
    *result = std::move(receipt.results[i]);
    result->set_sequence(positions[i]);
  }
  return absl::OkStatus();
}

void AddLimits(const Backend& backend, GetServerInfoResponse* response) {
  const auto add = [response](const char* name, int64_t value) {
    Limit* limit = response->add_limits();
    limit->set_name(name);
    limit->set_value(value);
  };
  add("max_batch_events", base::kMaxBatchEvents);
  add("max_batch_bytes", base::kMaxBatchBytes);
  add("max_event_bytes", base::kMaxEventBytes);
  add("max_decision_events", base::kMaxDecisionEvents);
  add("max_codes", base::kMaxCodes);
  add("max_attributes", base::kMaxAttributes);
  add("max_identifier_chars", base::kMaxIdentifierChars);
  add("max_future_ms", base::kMaxFutureMs);
  add("max_turn_events", base::kMaxTurnEvents);
  add("max_unacknowledged_batches", base::kMaxUnacknowledgedBatches);
  add("max_open_decisions", base::kMaxOpenDecisions);
  add("max_sources", base::kMaxSources);
  add("max_systems", base::kMaxSystems);
  add("max_names", base::kMaxNames);
  add("max_watchers", base::kMaxWatchers);
  add("max_page_size", base::kMaxPageSize);
  add("max_waiting_reads", base::kMaxWaitingReads);
  add("max_plans", base::kMaxPlans);
  add("max_probe_items", base::kMaxProbeItems);
  add("max_draws", base::kMaxDraws);
  add("max_drawn_decisions", base::kMaxDrawnDecisions);
  add("max_calibrations", base::kMaxCalibrations);
  add("max_tried_decisions", base::kMaxTriedDecisions);
  add("max_queued_events", backend.max_queued_events);
}

}  // namespace

grpc::ServerUnaryReactor* AdminService::ListQuarantine(grpc::CallbackServerContext* context,
                                                       const ListQuarantineRequest* request,
                                                       ListQuarantineResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.AdminService/ListQuarantine");
  return call.FinishOnWorker<ListQuarantineResponse>(
      response, [this, request] { return backend_->oversight->ListQuarantine(*request); });
}

grpc::ServerUnaryReactor* AdminService::ReplayQuarantine(grpc::CallbackServerContext* context,
                                                         const ReplayQuarantineRequest* request,
                                                         ReplayQuarantineResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.AdminService/ReplayQuarantine");
  return call.FinishOnWorker<ReplayQuarantineResponse>(
      response, [this, request] { return Replay(*request); });
}

absl::StatusOr<ReplayQuarantineResponse> AdminService::Replay(
    const ReplayQuarantineRequest& request) {
  if (request.positions_size() > base::kMaxPageSize) {
    return absl::InvalidArgumentError("positions: want at most 1000");
  }
  ListQuarantineRequest list;
  list.set_page_size(base::kMaxPageSize);
  std::map<std::string, std::vector<engine::PreparedEvent>> by_source;
  int found = 0;
  do {
    VIGIE_ASSIGN_OR_RETURN(const ListQuarantineResponse page,
                           backend_->oversight->ListQuarantine(list));
    for (const QuarantinedEvent& event : page.events()) {
      const auto& wanted = request.positions();
      if (!wanted.empty() &&
          std::find(wanted.begin(), wanted.end(), event.position()) == wanted.end()) {
        continue;
      }
      ++found;
      if (!event.has_event()) continue;
      engine::PreparedEvent prepared =
          backend_->intake->PrepareAgain(event.event(), event.source_id());
      prepared.quarantine_position = event.position();
      by_source[event.source_id()].push_back(std::move(prepared));
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  if (found == 0 && request.positions_size() > 0) {
    return absl::NotFoundError("positions: none of them is in quarantine");
  }
  ReplayQuarantineResponse response;
  for (auto& [source_id, events] : by_source) {
    VIGIE_RETURN_IF_ERROR(OfferAgain(*backend_->engine, source_id, std::move(events), &response));
  }
  return response;
}

grpc::ServerUnaryReactor* AdminService::GetServerInfo(grpc::CallbackServerContext* context,
                                                      const GetServerInfoRequest* /*request*/,
                                                      GetServerInfoResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.AdminService/GetServerInfo");
  return call.FinishOnWorker<GetServerInfoResponse>(
      response, [this]() -> absl::StatusOr<GetServerInfoResponse> { return DescribeServer(); });
}

grpc::ServerUnaryReactor* AdminService::ExportLog(grpc::CallbackServerContext* context,
                                                  const ExportLogRequest* request,
                                                  ExportLogResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.AdminService/ExportLog");
  return call.FinishOnWorker<ExportLogResponse>(
      response, [this, request]() -> absl::StatusOr<ExportLogResponse> {
        return backend_->oversight->ExportLog(*request);
      });
}

grpc::ServerUnaryReactor* AdminService::BackUp(grpc::CallbackServerContext* context,
                                               const BackUpRequest* request,
                                               BackUpResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.AdminService/BackUp");
  return call.FinishOnWorker<BackUpResponse>(
      response, [this, request] { return backend_->backups->BackUp(request->name()); });
}

GetServerInfoResponse AdminService::DescribeServer() const {
  GetServerInfoResponse response;
  response.set_version(kVersion);
  response.set_commit(kCommit);
  vigie::config::v1::Policy policy;
  backend_->engine->published().Read([&](const engine::PublishedState& state) {
    policy = state.epochs.back().activated().policy();
    *response.mutable_policy() = oversight::Reference(state.epochs.back(), state.epoch());
    response.set_log_position(state.as_of);
    response.set_time_zone(state.store.time_zone());
  });
  response.set_policy_expired(policy::IsExpired(policy, clock_->NowMs()));
  response.set_policy_yaml(policy::WriteYaml(policy));
  response.set_catch_up_ms(backend_->engine->catch_up().duration_ms);
  response.set_catch_up_record_count(backend_->engine->catch_up().records);
  const LogPurge purged = backend_->engine->retention().purged();
  if (purged.before_ms() > 0) *response.mutable_purged() = purged;
  AddLimits(*backend_, &response);
  return response;
}

}  // namespace vigie::rpc
