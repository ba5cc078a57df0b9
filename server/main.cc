// SPDX-License-Identifier: Apache-2.0
// vigied: options, configuration, policy, daemon, signal. It must not grow.
#include <signal.h>
#include <sys/stat.h>

#include <iostream>

#include "absl/synchronization/mutex.h"
#include "base/cat.h"
#include "daemon.h"
#include "daemon_config.h"
#include "exit_code.h"
#include "options.h"
#include "policy/policy.h"
#include "policy/yaml_message.h"
#include "privacy/pseudonym_key.h"
#include "vigie/version.h"

namespace {

using vigie::ExitCode;

ExitCode Fail(ExitCode code, const absl::Status& status) {
  std::cerr << "vigied: " << status.message() << "\n";
  return code;
}

absl::StatusOr<vigie::DaemonOptions> Load(const vigie::Options& options) {
  vigie::DaemonOptions loaded;
  loaded.config = vigie::DefaultDaemonConfig();
  if (!options.config_file.empty()) {
    auto config = vigie::LoadDaemonConfig(options.config_file);
    if (!config.ok()) return config.status();
    loaded.config = *std::move(config);
  }
  if (options.data_dir.has_value()) loaded.config.set_data_dir(*options.data_dir);
  if (options.grpc_listen.has_value()) loaded.config.set_grpc_listen(*options.grpc_listen);
  if (options.http_listen.has_value()) loaded.config.set_http_listen(*options.http_listen);
  // Looking at a configuration needs no data directory, and must not make one.
  const bool looking = options.check_config || options.print_config;
  const bool unset = looking && loaded.config.data_dir().empty();
  if (unset) loaded.config.set_data_dir("unset");
  if (absl::Status status = vigie::ValidateDaemon(loaded.config); !status.ok()) return status;
  if (unset) loaded.config.clear_data_dir();
  auto policy = vigie::policy::LoadPolicyFile(loaded.config.policy_file());
  if (!policy.ok()) return policy.status();
  loaded.policy = *std::move(policy);
  if (const std::string& file = loaded.config.privacy().pseudonym_key_file(); !file.empty()) {
    auto key = vigie::privacy::ReadKeyFile(file);
    if (!key.ok()) return key.status();
    loaded.pseudonym_key = *std::move(key);
  }
  loaded.ports_file = options.ports_file;
  return loaded;
}

// Before any thread starts, so that all inherit it and only sigwait sees them.
void BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

}  // namespace

int main(int argc, char** argv) {
#ifdef NDEBUG
  // Debian builds Abseil with its search for deadlocks on; the tests of a debug build keep it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  const auto options = vigie::ParseOptions(argc, argv);
  if (!options.ok()) return Fail(vigie::kExitUsage, options.status());
  if (options->help) {
    std::cout << vigie::HelpText();
    return vigie::kExitStopped;
  }
  if (options->version) {
    std::cout << "vigied " << vigie::kVersion << " (" << vigie::kCommit << ")\n";
    return vigie::kExitStopped;
  }
  const auto loaded = Load(*options);
  if (!loaded.ok()) return Fail(vigie::kExitUsage, loaded.status());
  if (options->print_config) {
    std::cout << vigie::policy::WriteYaml(loaded->config);
    return vigie::kExitStopped;
  }
  if (options->check_config) {
    std::cout << "configuration is good\npolicy " << loaded->policy.policy.id() << " version "
              << loaded->policy.policy.version() << " sha256 "
              << vigie::policy::HexSha256(loaded->policy.sha256) << "\n";
    return vigie::kExitStopped;
  }
  umask(077);  // What is recorded is for the daemon's user alone.
  BlockSignals();
  auto daemon = vigie::Daemon::Open(*loaded);
  if (!daemon.ok()) return Fail(vigie::kExitDataRefused, daemon.status());
  if (absl::Status status = (*daemon)->Serve(); !status.ok()) {
    return Fail(vigie::kExitFailed, status);
  }
  if (absl::Status status = (*daemon)->RunUntilSignal(); !status.ok()) {
    return Fail(vigie::kExitFailed, status);
  }
  return vigie::kExitStopped;
}
