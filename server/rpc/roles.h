// SPDX-License-Identifier: Apache-2.0
// Who may call what.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace vigie::rpc {

enum class Role { kIngest, kProbe, kOversight, kIndividualOversight, kAdmin };

// One RPC, as "package.Service/Method", and the role it needs.
struct MethodRole {
  std::string_view method;
  Role role;
};
[[nodiscard]] const std::vector<MethodRole>& MethodRoles();

// Every method of the table, for metrics.
[[nodiscard]] std::vector<std::string> MethodNames();

// FAILED_PRECONDITION naming the first RPC of the vigie.v1 services that has no row, or the first
// row without an RPC. The daemon does not start then.
[[nodiscard]] absl::Status CheckEveryMethodHasARole();

// The same, for a table of the caller's. For tests.
[[nodiscard]] absl::Status CheckRoles(const std::vector<MethodRole>& rows);

}  // namespace vigie::rpc
