// SPDX-License-Identifier: Apache-2.0
#include "daemon_config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "policy/policy_check.h"
#include "policy/text_file.h"
#include "policy/yaml_message.h"
#include "policy/yaml_scalar.h"

namespace vigie {
namespace {

using base::Cat;
using policy::FieldError;
using policy::FieldMarks;
using policy::Shown;
using vigie::config::v1::Daemon;

constexpr int kMaxPatterns = 32;
constexpr size_t kMaxPatternChars = 200;
constexpr int32_t kLeastFloorDays = 183;    // Six months.
constexpr int32_t kMostCeilingDays = 1096;  // Three years.

struct ListenAddress {
  bool is_loopback = false;
  int port = 0;
};

bool IsLoopback(const std::string& host, bool is_ipv6, bool* is_address) {
  if (is_ipv6) {
    in6_addr address{};
    *is_address = inet_pton(AF_INET6, host.c_str(), &address) == 1;
    return *is_address && IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address{};
  *is_address = inet_pton(AF_INET, host.c_str(), &address) == 1;
  return *is_address && (ntohl(address.s_addr) >> 24) == 127;
}

// `127.0.0.1:7443` or `[::1]:7443`. Host names are refused: what they mean may change.
std::optional<ListenAddress> ParseListenAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool is_ipv6 = host.starts_with('[') && host.ends_with(']');
  if (is_ipv6) host = host.substr(1, host.size() - 2);
  ListenAddress address;
  bool is_address = false;
  address.is_loopback = IsLoopback(std::string(host), is_ipv6, &is_address);
  const bool is_number =
      !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      });
  if (!is_address || !is_number || !absl::SimpleAtoi(base::ToAbsl(port), &address.port))
    return std::nullopt;
  if (address.port > std::numeric_limits<uint16_t>::max()) return std::nullopt;
  return address;
}

absl::Status CheckListen(std::string_view field, const std::string& value,
                         const FieldMarks* marks) {
  if (ParseListenAddress(value).has_value()) return absl::OkStatus();
  return FieldError(marks, field,
                    base::Cat("got ", Shown(value), ", want an IP address and a port from 0 to ",
                              "65535, for example 127.0.0.1:7443 or [::1]:7443"));
}

absl::Status CheckTimeZone(const std::string& name, const FieldMarks* marks) {
  absl::TimeZone zone;
  // A path or the machine's own zone would mean other periods on another machine.
  const bool is_portable = !name.empty() && name[0] != '/' &&
                           name.find("..") == std::string::npos && name != "localtime";
  if (is_portable && absl::LoadTimeZone(name, &zone)) return absl::OkStatus();
  return FieldError(marks, "time_zone",
                    base::Cat("got ", Shown(name), ", want a time zone of the IANA list that ",
                              "this machine knows, for example Europe/Paris or UTC"));
}

// Why the pattern is refused; empty when it is not.
std::string ProblemOf(const std::string& pattern) {
  if (pattern.empty() || pattern.size() > kMaxPatternChars) {
    return base::Cat("want 1 to ", kMaxPatternChars, " characters");
  }
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 expression(pattern, options);
  if (!expression.ok()) {
    return base::Cat("want a regular expression of RE2: ", expression.error());
  }
  if (RE2::PartialMatch("", expression)) {
    return "it matches every id, because it matches nothing at all; want at least one character";
  }
  return "";
}

absl::Status CheckPrivacy(const Daemon& daemon, const FieldMarks* marks) {
  const vigie::config::v1::Privacy& privacy = daemon.privacy();
  if (privacy.pseudonym_key_epoch() < 1) {
    return FieldError(marks, "privacy.pseudonym_key_epoch",
                      base::Cat("got ", privacy.pseudonym_key_epoch(), ", want 1 or more"));
  }
  if (privacy.patient_number_patterns_size() > kMaxPatterns) {
    return FieldError(marks, "privacy.patient_number_patterns",
                      base::Cat("got ", privacy.patient_number_patterns_size(),
                                " patterns, want at most ", kMaxPatterns));
  }
  int index = 0;
  for (const std::string& pattern : privacy.patient_number_patterns()) {
    const std::string path = base::Cat("privacy.patient_number_patterns[", index++, "]");
    const std::string problem = ProblemOf(pattern);
    if (!problem.empty()) {
      return FieldError(marks, path, base::Cat("got ", Shown(pattern), ", ", problem));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLimit(std::string_view field, int64_t value, int64_t least, int64_t most,
                        const FieldMarks* marks) {
  if (value >= least && value <= most) return absl::OkStatus();
  return FieldError(marks, field, base::Cat("got ", value, ", want ", least, " to ", most));
}

absl::Status CheckLimitOrOff(std::string_view field, int64_t value, int64_t least, int64_t most,
                             const FieldMarks* marks) {
  if (value == 0 || (value >= least && value <= most)) return absl::OkStatus();
  return FieldError(marks, field,
                    base::Cat("got ", value, ", want 0 (off) or ", least, " to ", most));
}

absl::Status CheckLimits(const Daemon& daemon, const FieldMarks* marks) {
  const vigie::config::v1::Limits& limits = daemon.limits();
  VIGIE_RETURN_IF_ERROR(CheckLimit("limits.max_scopes", limits.max_scopes(), 1, 1'000'000, marks));
  VIGIE_RETURN_IF_ERROR(CheckLimit("limits.max_queued_events", limits.max_queued_events(),
                                   base::kMaxBatchEvents, 10'000'000, marks));
  VIGIE_RETURN_IF_ERROR(CheckLimit("limits.max_quarantined_events", limits.max_quarantined_events(),
                                   0, 10'000'000, marks));
  VIGIE_RETURN_IF_ERROR(CheckLimit("limits.block_cache_bytes", limits.block_cache_bytes(),
                                   int64_t{1} << 20, int64_t{64} << 30, marks));
  VIGIE_RETURN_IF_ERROR(CheckLimitOrOff("limits.disk_reserve_bytes", limits.disk_reserve_bytes(),
                                        int64_t{16} << 20, int64_t{1} << 40, marks));
  return CheckLimitOrOff("limits.scrub_bytes_per_second", limits.scrub_bytes_per_second(),
                         int64_t{64} << 10, int64_t{1} << 30, marks);
}

absl::Status CheckRetention(const Daemon& daemon, const FieldMarks* marks) {
  const vigie::config::v1::Retention& retention = daemon.retention();
  const std::string& hold = retention.legal_hold();
  if (!hold.empty() &&
      (hold.size() < base::kMinReasonChars || hold.size() > base::kMaxReasonChars)) {
    return FieldError(marks, "retention.legal_hold",
                      base::Cat("got ", hold.size(), " characters, want ", base::kMinReasonChars,
                                " to ", base::kMaxReasonChars, ": say why keeping is lawful"));
  }
  if (retention.floor_days() < kLeastFloorDays || retention.floor_days() > kMostCeilingDays) {
    return FieldError(marks, "retention.floor_days",
                      base::Cat("got ", retention.floor_days(), ", want ", kLeastFloorDays, " to ",
                                kMostCeilingDays, ": the AI Act asks six months of logs at least, ",
                                "articles 19(1) and 26(6)"));
  }
  const int32_t ceiling = retention.ceiling_days();
  if (ceiling == 0) return absl::OkStatus();
  if (ceiling < retention.floor_days()) {
    return FieldError(marks, "retention.ceiling_days",
                      base::Cat("got ", ceiling, ", want 0 (nothing is purged) or at least ",
                                "retention.floor_days, ", retention.floor_days()));
  }
  if (ceiling > kMostCeilingDays && hold.empty()) {
    return FieldError(marks, "retention.ceiling_days",
                      base::Cat("got ", ceiling, ", want at most ", kMostCeilingDays,
                                ", three years; to keep longer say why in retention.legal_hold"));
  }
  return absl::OkStatus();
}

// Every value by itself.
absl::Status CheckValues(const Daemon& daemon, const FieldMarks* marks) {
  VIGIE_RETURN_IF_ERROR(CheckListen("grpc_listen", daemon.grpc_listen(), marks));
  VIGIE_RETURN_IF_ERROR(CheckListen("http_listen", daemon.http_listen(), marks));
  if (!daemon.organisation_id().empty() &&
      !policy::IsIdentifier(daemon.organisation_id(), base::kMaxIdentifierChars)) {
    return FieldError(marks, "organisation_id",
                      base::Cat("got ", Shown(daemon.organisation_id()), ", want 0 to ",
                                base::kMaxIdentifierChars, " characters of [A-Za-z0-9._:/-]"));
  }
  VIGIE_RETURN_IF_ERROR(CheckTimeZone(daemon.time_zone(), marks));
  VIGIE_RETURN_IF_ERROR(CheckPrivacy(daemon, marks));
  VIGIE_RETURN_IF_ERROR(CheckRetention(daemon, marks));
  return CheckLimits(daemon, marks);
}

absl::Status CheckListeners(const Daemon& daemon) {
  const ListenAddress grpc = ParseListenAddress(daemon.grpc_listen()).value_or(ListenAddress{});
  if (!grpc.is_loopback) {
    return FieldError(nullptr, "grpc_listen",
                      base::Cat("got ", daemon.grpc_listen(), ", want a loopback address, for ",
                                "example 127.0.0.1:7443: this version has no TLS"));
  }
  if (!daemon.insecure_listener()) {
    return FieldError(nullptr, "insecure_listener",
                      "got false, want true: this version has no TLS, so gRPC is served in clear, "
                      "on loopback only, and every caller holds every role; say so in the "
                      "configuration with `insecure_listener: true`");
  }
  if (grpc.port != 0 && daemon.grpc_listen() == daemon.http_listen()) {
    return FieldError(
        nullptr, "http_listen",
        base::Cat("got ", daemon.http_listen(), ", want another port than grpc_listen has"));
  }
  return absl::OkStatus();
}

// A backup among what is backed up would be copied with it.
absl::Status CheckBackupDir(const Daemon& daemon) {
  if (daemon.backup_dir().empty()) return absl::OkStatus();
  std::error_code error;
  const auto data = std::filesystem::absolute(daemon.data_dir(), error).lexically_normal();
  const auto backups = std::filesystem::absolute(daemon.backup_dir(), error).lexically_normal();
  const std::string between = backups.lexically_relative(data).string();
  if (between.starts_with("..")) return absl::OkStatus();
  return FieldError(nullptr, "backup_dir",
                    base::Cat("got ", Shown(daemon.backup_dir()), ", want a directory outside ",
                              "data_dir, best on another disk"));
}

// `path` itself when empty or absolute.
std::string FromDirectory(const std::filesystem::path& directory, const std::string& path) {
  if (path.empty()) return path;
  return (directory / path).lexically_normal().string();
}

}  // namespace

Daemon DefaultDaemonConfig() {
  Daemon daemon;
  daemon.set_grpc_listen("127.0.0.1:7443");
  daemon.set_http_listen("127.0.0.1:9464");
  daemon.set_time_zone("Europe/Paris");
  daemon.mutable_privacy()->set_pseudonym_key_epoch(1);
  daemon.mutable_limits()->set_max_scopes(10'000);
  daemon.mutable_limits()->set_max_queued_events(65'536);
  daemon.mutable_limits()->set_max_quarantined_events(100'000);
  daemon.mutable_limits()->set_block_cache_bytes(int64_t{256} << 20);
  daemon.mutable_limits()->set_disk_reserve_bytes(int64_t{256} << 20);
  daemon.mutable_limits()->set_scrub_bytes_per_second(int64_t{4} << 20);
  daemon.mutable_retention()->set_floor_days(kLeastFloorDays);
  daemon.set_reflection(true);
  return daemon;
}

absl::StatusOr<Daemon> LoadDaemonConfig(const std::string& path) {
  VIGIE_ASSIGN_OR_RETURN(const std::string text, policy::ReadTextFile(path, policy::kMaxYamlBytes));
  Daemon daemon = DefaultDaemonConfig();
  FieldMarks marks;
  VIGIE_RETURN_IF_ERROR(policy::ReadYaml(text, path, &daemon, &marks));
  VIGIE_RETURN_IF_ERROR(CheckValues(daemon, &marks));
  std::error_code error;
  const std::filesystem::path file = std::filesystem::absolute(path, error);
  if (error) {
    return absl::FailedPreconditionError(base::Cat(path, ": ", error.message()));
  }
  const std::filesystem::path directory = file.parent_path();
  daemon.set_data_dir(FromDirectory(directory, daemon.data_dir()));
  daemon.set_policy_file(FromDirectory(directory, daemon.policy_file()));
  daemon.set_backup_dir(FromDirectory(directory, daemon.backup_dir()));
  daemon.mutable_privacy()->set_pseudonym_key_file(
      FromDirectory(directory, daemon.privacy().pseudonym_key_file()));
  return daemon;
}

absl::Status ValidateDaemon(const Daemon& daemon) {
  if (daemon.data_dir().empty()) {
    return FieldError(nullptr, "data_dir",
                      "missing, want the directory of the store; there is no default: give "
                      "`data_dir` in the configuration or --data-dir");
  }
  if (daemon.policy_file().empty()) {
    return FieldError(nullptr, "policy_file",
                      "missing, want a policy, for example policies/baseline.yaml; there is no "
                      "default: give `policy_file` in the configuration");
  }
  VIGIE_RETURN_IF_ERROR(CheckValues(daemon, nullptr));
  VIGIE_RETURN_IF_ERROR(CheckBackupDir(daemon));
  return CheckListeners(daemon);
}

}  // namespace vigie
