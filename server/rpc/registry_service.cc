// SPDX-License-Identifier: Apache-2.0
#include "rpc/registry_service.h"

#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"

namespace vigie::rpc {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using engine::Refusal;

std::optional<Refusal> CheckTitle(std::string_view field, const std::string& text) {
  if (text.size() <= base::kMaxTitleChars) return std::nullopt;
  return engine::MakeRefusal(REFUSAL_REASON_FIELD_TOO_LONG, field, base::Cat(text.size(), " bytes"),
                             base::Cat("at most ", base::kMaxTitleChars));
}

std::optional<Refusal> Check(const System& system) {
  for (const auto& refusal :
       {engine::CheckIdentifier("system.organisation_id", system.organisation_id(), true),
        engine::CheckIdentifier("system.system_id", system.system_id(), true),
        engine::CheckIdentifier("system.decision_kind", system.decision_kind(), false),
        CheckTitle("system.title", system.title()),
        CheckTitle("system.provider", system.provider())}) {
    if (refusal.has_value()) return refusal;
  }
  return std::nullopt;
}

std::optional<Refusal> Check(const Source& source) {
  if (auto refusal = engine::CheckIdentifier("source.source_id", source.source_id(), true)) {
    return refusal;
  }
  if (source.payloads_size() > PayloadKind_ARRAYSIZE) {
    return engine::MakeRefusal(REFUSAL_REASON_FIELD_TOO_LONG, "source.payloads",
                               base::Cat(source.payloads_size()), "each kind once");
  }
  for (const int payload : source.payloads()) {
    if (payload == PAYLOAD_KIND_UNSPECIFIED || !PayloadKind_IsValid(payload)) {
      return engine::MakeRefusal(REFUSAL_REASON_ENUM_UNKNOWN, "source.payloads", base::Cat(payload),
                                 "a PayloadKind known to this version");
    }
  }
  if (!Environment_IsValid(source.environment())) {
    return engine::MakeRefusal(REFUSAL_REASON_ENUM_UNKNOWN, "source.environment",
                               base::Cat(static_cast<int>(source.environment())),
                               "PRODUCTION or TEST");
  }
  absl::TimeZone zone;
  const bool plain = source.time_zone().size() <= base::kMaxIdentifierChars &&
                     (source.time_zone().empty() ||
                      (source.time_zone()[0] != '/' && source.time_zone()[0] != '.'));
  if (!plain || (!source.time_zone().empty() && !absl::LoadTimeZone(source.time_zone(), &zone))) {
    return engine::MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, "source.time_zone", "another name",
                               "an IANA time zone such as Europe/Paris");
  }
  return std::nullopt;
}

// Appends a declaration and ends the call when it is on disk.
grpc::ServerUnaryReactor* Declare(const Backend* backend, const UnaryCall& call,
                                  const std::optional<Refusal>& refusal,
                                  vigie::store::v1::Record record,
                                  bool (*has_room)(engine::Fold&, const vigie::store::v1::Record&),
                                  std::function<void(int64_t)> set_position) {
  if (refusal.has_value()) {
    ErrorDetail detail;
    *detail.mutable_violation() = refusal->violation;
    call.Finish(engine::ToStatus(*refusal), std::move(detail));
    return call.reactor();
  }
  const engine::Command declare =
      [call, record = std::move(record), has_room,
       set_position = std::move(set_position)](engine::Turn& turn) -> absl::Status {
    if (!has_room(turn.fold(), record)) {
      turn.AfterDurable([call](const absl::Status&) {
        call.Finish(
            absl::ResourceExhaustedError("register: full; the table of limits says how much"));
      });
      return absl::OkStatus();
    }
    VIGIE_ASSIGN_OR_RETURN(const int64_t position, turn.Append(record));
    set_position(position);
    turn.AfterDurable([call](const absl::Status& status) { call.Finish(status); });
    return absl::OkStatus();
  };
  const absl::Status pushed = backend->engine->sequencer().TryPush(declare);
  if (!pushed.ok()) call.Finish(pushed);
  return call.reactor();
}

}  // namespace

grpc::ServerUnaryReactor* RegistryService::DeclareSystem(grpc::CallbackServerContext* context,
                                                         const DeclareSystemRequest* request,
                                                         DeclareSystemResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.RegistryService/DeclareSystem");
  vigie::store::v1::Record record;
  *record.mutable_system() = request->system();
  if (record.system().organisation_id().empty()) {
    record.mutable_system()->set_organisation_id(organisation_id_);
  }
  const auto refusal = Check(record.system());
  return Declare(
      backend_, call, refusal, std::move(record),
      [](engine::Fold& fold, const vigie::store::v1::Record&) {
        return fold.systems().size() < base::kMaxSystems;
      },
      [response](int64_t position) { response->set_log_position(position); });
}

grpc::ServerUnaryReactor* RegistryService::DeclareSource(grpc::CallbackServerContext* context,
                                                         const DeclareSourceRequest* request,
                                                         DeclareSourceResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.RegistryService/DeclareSource");
  vigie::store::v1::Record record;
  *record.mutable_source() = request->source();
  const auto refusal = Check(record.source());
  return Declare(
      backend_, call, refusal, std::move(record),
      [](engine::Fold& fold, const vigie::store::v1::Record& declared) {
        return fold.HasRoomForSource(declared.source().source_id());
      },
      [response](int64_t position) { response->set_log_position(position); });
}

grpc::ServerUnaryReactor* RegistryService::ListSystems(grpc::CallbackServerContext* context,
                                                       const ListSystemsRequest* request,
                                                       ListSystemsResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.RegistryService/ListSystems");
  return call.FinishOnWorker<ListSystemsResponse>(
      response, [this, request] { return backend_->oversight->ListSystems(*request); });
}

grpc::ServerUnaryReactor* RegistryService::ListSources(grpc::CallbackServerContext* context,
                                                       const ListSourcesRequest* request,
                                                       ListSourcesResponse* response) {
  const UnaryCall call(backend_, context, "vigie.v1.RegistryService/ListSources");
  return call.FinishOnWorker<ListSourcesResponse>(
      response, [this, request]() -> absl::StatusOr<ListSourcesResponse> {
        VIGIE_ASSIGN_OR_RETURN(ListSourcesResponse answer,
                               backend_->oversight->ListSources(*request));
        for (SourceState& source : *answer.mutable_sources()) {
          source.set_connected(backend_->live_sources->Has(source.source().source_id()));
        }
        return answer;
      });
}

}  // namespace vigie::rpc
