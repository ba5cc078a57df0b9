// SPDX-License-Identifier: Apache-2.0
// Policies: every number that no law gives, as one reviewed, hashed statement.
//
// Room policy: policies, and the strict reader of everything operators write. May include base,
// yaml-cpp and OpenSSL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "vigie/config/v1/policy.pb.h"

namespace vigie::policy {

// A policy that was checked, and its name in every verdict.
struct LoadedPolicy {
  vigie::config::v1::Policy policy;
  // 32 raw bytes, Sha256OfPolicy of it.
  std::string sha256;
};

// Reads a policy from YAML. Every field that is not optional must be written: a policy has no
// silent defaults. INVALID_ARGUMENT `file:line:column: field: got, want` otherwise. Pure.
[[nodiscard]] absl::StatusOr<LoadedPolicy> LoadPolicy(std::string_view text,
                                                      std::string_view file_name);

// LoadPolicy of a file.
[[nodiscard]] absl::StatusOr<LoadedPolicy> LoadPolicyFile(const std::string& path);

// What is hashed and recorded: the deterministic serialisation. Comments and the order of keys in
// the file do not change it. Pure.
[[nodiscard]] std::string CanonicalBytes(const vigie::config::v1::Policy& policy);

// SHA-256 of CanonicalBytes, 32 raw bytes. Pure.
[[nodiscard]] std::string Sha256OfPolicy(const vigie::config::v1::Policy& policy);

// Raw bytes of a SHA-256 as lower-case hex, as shown to people. Pure.
[[nodiscard]] std::string HexSha256(std::string_view sha256);

// The day of review_by is over, in UTC. An unreadable review_by counts as over. `now_ms` is in
// milliseconds since 1970-01-01T00:00:00Z. Pure.
[[nodiscard]] bool IsExpired(const vigie::config::v1::Policy& policy, int64_t now_ms);

}  // namespace vigie::policy
