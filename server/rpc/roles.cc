// SPDX-License-Identifier: Apache-2.0
#include "rpc/roles.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>

#include "base/cat.h"

namespace vigie::rpc {
namespace {

constexpr std::array kServices = {"vigie.v1.AdminService",       "vigie.v1.AuditService",
                                  "vigie.v1.CalibrationService", "vigie.v1.IngestService",
                                  "vigie.v1.OversightService",   "vigie.v1.ProbeService",
                                  "vigie.v1.RegistryService"};

}  // namespace

const std::vector<MethodRole>& MethodRoles() {
  static const std::vector<MethodRole> rows = {
      {"vigie.v1.IngestService/StreamEvents", Role::kIngest},
      {"vigie.v1.IngestService/RecordEvents", Role::kIngest},
      {"vigie.v1.OversightService/GetSummary", Role::kOversight},
      {"vigie.v1.OversightService/ListScopes", Role::kOversight},
      {"vigie.v1.OversightService/WatchVerdicts", Role::kOversight},
      {"vigie.v1.OversightService/GetDecision", Role::kOversight},
      {"vigie.v1.OversightService/ListDecisions", Role::kOversight},
      {"vigie.v1.OversightService/GetActorSummary", Role::kIndividualOversight},
      {"vigie.v1.OversightService/ListAlarms", Role::kOversight},
      {"vigie.v1.OversightService/AcknowledgeAlarm", Role::kOversight},
      {"vigie.v1.OversightService/GetReport", Role::kOversight},
      {"vigie.v1.OversightService/ListChangePoints", Role::kOversight},
      {"vigie.v1.OversightService/GetShiftCurve", Role::kOversight},
      {"vigie.v1.OversightService/TryPolicy", Role::kOversight},
      {"vigie.v1.CalibrationService/CloseBaseline", Role::kOversight},
      {"vigie.v1.CalibrationService/ListBaselines", Role::kOversight},
      {"vigie.v1.AuditService/DrawAudit", Role::kOversight},
      {"vigie.v1.AuditService/ListDraws", Role::kOversight},
      {"vigie.v1.AuditService/GetDraw", Role::kOversight},
      {"vigie.v1.ProbeService/CommitPlan", Role::kOversight},
      {"vigie.v1.ProbeService/HandOutItem", Role::kProbe},
      {"vigie.v1.ProbeService/StopPlan", Role::kOversight},
      {"vigie.v1.ProbeService/RevealPlan", Role::kOversight},
      {"vigie.v1.ProbeService/ListPlans", Role::kOversight},
      {"vigie.v1.ProbeService/GetManifest", Role::kOversight},
      {"vigie.v1.RegistryService/DeclareSystem", Role::kAdmin},
      {"vigie.v1.RegistryService/DeclareSource", Role::kIngest},
      {"vigie.v1.RegistryService/ListSystems", Role::kOversight},
      {"vigie.v1.RegistryService/ListSources", Role::kOversight},
      {"vigie.v1.AdminService/ListQuarantine", Role::kAdmin},
      {"vigie.v1.AdminService/ReplayQuarantine", Role::kAdmin},
      {"vigie.v1.AdminService/GetServerInfo", Role::kAdmin},
      {"vigie.v1.AdminService/ExportLog", Role::kAdmin},
      {"vigie.v1.AdminService/BackUp", Role::kAdmin},
  };
  return rows;
}

std::vector<std::string> MethodNames() {
  std::vector<std::string> names;
  for (const MethodRole& row : MethodRoles()) names.emplace_back(row.method);
  return names;
}

absl::Status CheckEveryMethodHasARole() { return CheckRoles(MethodRoles()); }

absl::Status CheckRoles(const std::vector<MethodRole>& rows) {
  std::vector<std::string> methods;
  for (const char* name : kServices) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) {
      return absl::FailedPreconditionError(base::Cat("roles: service ", name, " is not built in"));
    }
    for (int i = 0; i < service->method_count(); ++i) {
      methods.push_back(base::Cat(name, "/", service->method(i)->name()));
    }
  }
  for (const std::string& method : methods) {
    const auto has_row = std::any_of(rows.begin(), rows.end(), [&method](const MethodRole& row) {
      return row.method == method;
    });
    if (!has_row) {
      return absl::FailedPreconditionError(base::Cat("roles: ", method, " declares no role"));
    }
  }
  for (const MethodRole& row : rows) {
    if (std::find(methods.begin(), methods.end(), row.method) == methods.end()) {
      return absl::FailedPreconditionError(base::Cat("roles: ", row.method, " is no RPC"));
    }
  }
  return absl::OkStatus();
}

}  // namespace vigie::rpc
