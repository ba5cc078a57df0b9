// SPDX-License-Identifier: Apache-2.0
#include "oversight/oversight.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/synchronization/notification.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"

namespace vigie::oversight {
namespace {

using engine::PublishedState;

}  // namespace

absl::StatusOr<Oversight::Fresh> Oversight::ReadFresh(
    std::optional<vigie::store::v1::Record> record) {
  Fresh fresh;
  absl::Status result;
  absl::Notification done;
  const engine::Command flush = [&](engine::Turn& turn) -> absl::Status {
    turn.FlushViews();
    turn.AfterDurable([&](const absl::Status& status) {
      result = status;
      done.Notify();
    });
    if (!record.has_value()) return absl::OkStatus();
    VIGIE_ASSIGN_OR_RETURN(fresh.record_position, turn.Append(*std::move(record)));
    return absl::OkStatus();
  };
  using Reserve = engine::Sequencer::Reserve;
  VIGIE_RETURN_IF_ERROR(
      engine_->sequencer().TryPush(flush, record.has_value() ? Reserve::kKeep : Reserve::kMayUse));
  done.WaitForNotification();
  VIGIE_RETURN_IF_ERROR(result);
  fresh.reader = engine_->store().Read();
  fresh.as_of =
      engine_->published().Read([](const PublishedState& state) { return state.view_position; });
  return fresh;
}

absl::StatusOr<std::string> Oversight::ResolveOrganisation(const std::string& asked) {
  if (!asked.empty()) return asked;
  const std::set<std::string> known = engine_->published().Read([](const PublishedState& state) {
    std::set<std::string> names;
    for (const auto& system : state.systems) names.insert(system.system().organisation_id());
    return names;
  });
  if (known.empty()) {
    return absl::NotFoundError("scope.organisation_id: nothing is recorded yet; ask again later");
  }
  if (known.size() > 1) {
    return absl::InvalidArgumentError(base::Cat(
        "scope.organisation_id: got nothing, want one of the ", known.size(), " organisations"));
  }
  return *known.begin();
}

absl::StatusOr<decision::ScopeKey> Oversight::ResolveScope(const vigie::v1::Scope& scope,
                                                           bool must_be_known) {
  if (!scope.system_version().empty() && (scope.system_id().empty() || !scope.unit_id().empty())) {
    return absl::InvalidArgumentError(
        "scope.system_version: want it only together with system_id and without unit_id");
  }
  if (!vigie::v1::Environment_IsValid(scope.environment())) {
    return absl::InvalidArgumentError("scope.environment: want PRODUCTION or TEST");
  }
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation,
                         ResolveOrganisation(scope.organisation_id()));
  return engine_->published().Read(
      [&](const PublishedState& state) -> absl::StatusOr<decision::ScopeKey> {
        decision::ScopeKey key;
        key.test = scope.environment() == vigie::v1::ENVIRONMENT_TEST;
        const auto find = [&](std::string_view field, const std::string& name,
                              decision::NameIndex* out) -> absl::Status {
          *out = state.names.Find(name);
          if (*out != 0 || name.empty()) return absl::OkStatus();
          return absl::NotFoundError(
              base::Cat("scope.", field, ": not known; list what is with ListScopes"));
        };
        VIGIE_RETURN_IF_ERROR(find("organisation_id", organisation, &key.organisation));
        VIGIE_RETURN_IF_ERROR(find("system_id", scope.system_id(), &key.system));
        VIGIE_RETURN_IF_ERROR(find("system_version", scope.system_version(), &key.version));
        VIGIE_RETURN_IF_ERROR(find("unit_id", scope.unit_id(), &key.unit));
        if (must_be_known &&
            std::find(state.scopes.begin(), state.scopes.end(), key) == state.scopes.end()) {
          return absl::NotFoundError(
              "scope: no decision of it is closed; list the scopes that exist with ListScopes");
        }
        return key;
      });
}

absl::Status CheckPurpose(const std::string& reason, std::string_view what) {
  const auto size = absl::StripAsciiWhitespace(reason).size();
  if (size >= base::kMinReasonChars && reason.size() <= base::kMaxReasonChars) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(base::Cat("reason: got ", size, " characters, want ",
                                               base::kMinReasonChars, " to ", base::kMaxReasonChars,
                                               ": say why ", what));
}

int PageSize(int asked) {
  return asked <= 0 ? base::kDefaultPageSize : std::min(asked, base::kMaxPageSize);
}

std::string MakePageToken(std::string_view key) {
  return absl::BytesToHexString(base::ToAbsl(key));
}

absl::StatusOr<std::string> ReadPageToken(const std::string& token) {
  const bool hex = token.size() % 2 == 0 && token.size() <= 4 * base::kMaxIdentifierChars &&
                   token.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex) {
    return absl::InvalidArgumentError("page_token: not one this server gave; start without it");
  }
  return absl::HexStringToBytes(token);
}

}  // namespace vigie::oversight
