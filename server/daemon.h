// SPDX-License-Identifier: Apache-2.0
// Everything that runs in vigied, from open to stop.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/policy.h"
#include "vigie/config/v1/daemon.pb.h"

namespace vigie {

// What vigied starts with, checked.
struct DaemonOptions {
  vigie::config::v1::Daemon config;
  policy::LoadedPolicy policy;
  std::string pseudonym_key;  // Of the configured key file; empty = none is configured.
  std::string ports_file;     // Empty = none.
};

// Opens the store, catches up, serves. Create and destroy on one thread, with SIGTERM and SIGINT
// blocked before, so that every thread inherits that.
class Daemon {
 public:
  // Errors of the data directory and the key file; see ExitCode.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Daemon>> Open(const DaemonOptions& options);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Starts the listeners and writes the ports file. UNAVAILABLE when an address is taken.
  [[nodiscard]] absl::Status Serve();
  // Waits for SIGTERM or SIGINT, or for a failed write; then drains and stops. The error is that of
  // the failed write.
  [[nodiscard]] absl::Status RunUntilSignal();

 private:
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);
  void Stop();

  std::unique_ptr<Parts> parts_;
};

}  // namespace vigie
