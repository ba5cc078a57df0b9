// SPDX-License-Identifier: Apache-2.0
#include "daemon.h"

#include <prometheus/registry.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/cat.h"
#include "base/clock.h"
#include "base/log_line.h"
#include "base/status_macros.h"
#include "engine/backup.h"
#include "engine/engine.h"
#include "engine/intake.h"
#include "engine/validate.h"
#include "http/http_server.h"
#include "metrics/families.h"
#include "metrics/metric_page.h"
#include "metrics/process_metrics.h"
#include "metrics/scope_metrics.h"
#include "metrics/state_metrics.h"
#include "oversight/egress.h"
#include "oversight/measures.h"
#include "oversight/oversight.h"
#include "privacy/key_check.h"
#include "privacy/pseudonym_key.h"
#include "privacy/pseudonyms.h"
#include "rpc/grpc_server.h"
#include "rpc/roles.h"
#include "vigie/version.h"

namespace vigie {
namespace {

using base::Level;
using base::Log;

constexpr int kWorkers = 2;
// Less than what Prometheus gives a scrape: figures that are a little behind are better than none.
constexpr absl::Duration kLongestScrapeWait = absl::Seconds(1);

// The key in the data directory that the first start makes.
absl::StatusOr<std::string> FindKey(const vigie::config::v1::Daemon& config, bool has_events) {
  const std::string path = config.data_dir() + "/pseudonym.key";
  if (!std::filesystem::exists(path)) {
    if (has_events) {
      return absl::FailedPreconditionError(
          "pseudonym.key: missing beside a store with events, and a new one would split every "
          "person's history; put it back, or name the key with privacy.pseudonym_key_file");
    }
    std::error_code error;
    std::filesystem::create_directories(config.data_dir(), error);
    VIGIE_RETURN_IF_ERROR(privacy::MakeKeyFile(path));
    Log(Level::kWarn, "privacy", "made a pseudonym key in the data directory; keep it elsewhere",
        {{"setting", "privacy.pseudonym_key_file"}});
  }
  return privacy::ReadKeyFile(path);
}

absl::Status WritePorts(const std::string& path, int grpc_port, int http_port) {
  const std::string temporary = path + ".new";
  {
    std::ofstream file(temporary, std::ios::trunc);
    file << "{\"grpc\":" << grpc_port << ",\"http\":" << http_port << "}\n";
    if (!file.flush()) return absl::UnavailableError("ports file: cannot be written");
  }
  // Readers see the whole file or none.
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, "ports file: cannot be replaced");
  }
  return absl::OkStatus();
}

engine::Engine::Options EngineOptions(const DaemonOptions& options) {
  const auto& config = options.config;
  engine::Engine::Options out;
  out.store.directory = config.data_dir();
  out.store.block_cache_bytes = config.limits().block_cache_bytes();
  out.fold.max_scopes = config.limits().max_scopes();
  out.fold.max_quarantined_events = config.limits().max_quarantined_events();
  out.time_zone = config.time_zone();
  out.policy = options.policy;
  out.sequencer.max_queued_events = config.limits().max_queued_events();
  out.disk.reserve_bytes = config.limits().disk_reserve_bytes();
  // A legal hold keeps everything.
  const bool held = !config.retention().legal_hold().empty();
  out.retention.ceiling_days = held ? 0 : config.retention().ceiling_days();
  out.scrub_bytes_per_second = config.limits().scrub_bytes_per_second();
  return out;
}

}  // namespace

// In order of construction; the reverse is the order of destruction.
struct Daemon::Parts {
  DaemonOptions options;
  base::SystemClock clock;
  prometheus::Registry* registry = nullptr;  // Owned by `collectables`.
  std::vector<std::shared_ptr<prometheus::Collectable>> collectables;
  std::unique_ptr<metrics::Families> families;
  std::unique_ptr<privacy::Pseudonyms> pseudonyms;
  std::unique_ptr<engine::Validator> validator;
  std::unique_ptr<engine::Intake> intake;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<engine::Backups> backups;
  std::unique_ptr<oversight::Egress> egress;
  std::unique_ptr<oversight::Oversight> oversight;
  std::unique_ptr<oversight::Measures> measures;
  rpc::LiveSources live_sources;
  std::unique_ptr<rpc::WorkerPool> workers;
  rpc::Backend backend;
  std::unique_ptr<rpc::GrpcServer> grpc;
  std::unique_ptr<http::HttpServer> http;
  std::atomic<bool> ready = false;
  absl::Mutex failure_mutex;
  absl::Status failure;
  bool stopped = false;
};

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Open(const DaemonOptions& options) {
  auto parts = std::make_unique<Parts>();
  Parts* p = parts.get();
  p->options = options;
  auto registry = std::make_shared<prometheus::Registry>();
  p->registry = registry.get();
  p->collectables.push_back(std::move(registry));
  p->families = std::make_unique<metrics::Families>(p->registry, rpc::MethodNames());

  auto engine_options = EngineOptions(options);
  engine_options.sequencer.on_turn = [p](const engine::TurnReport& report) {
    p->families->ObserveTurn(report);
  };
  engine_options.sequencer.on_fatal = [p](const absl::Status& status) {
    {
      const absl::MutexLock lock(&p->failure_mutex);
      p->failure = status;
    }
    kill(getpid(), SIGTERM);
  };
  VIGIE_ASSIGN_OR_RETURN(p->engine, engine::Engine::Open(std::move(engine_options), &p->clock));
  std::string key = options.pseudonym_key;
  if (key.empty()) {
    VIGIE_ASSIGN_OR_RETURN(
        key, FindKey(options.config, p->engine->published().Read(
                                         [](const auto& state) { return state.event_count > 0; })));
  }
  VIGIE_RETURN_IF_ERROR(privacy::CheckKey(options.config.data_dir() + "/pseudonym.check", key,
                                          options.config.privacy().pseudonym_key_epoch()));
  p->pseudonyms = std::make_unique<privacy::Pseudonyms>(
      std::move(key), options.config.privacy().pseudonym_key_epoch());
  const auto& patterns = options.config.privacy().patient_number_patterns();
  p->validator = std::make_unique<engine::Validator>(
      options.config.organisation_id(), std::vector<std::string>(patterns.begin(), patterns.end()));
  p->intake = std::make_unique<engine::Intake>(p->validator.get(), p->pseudonyms.get(), &p->clock);
  p->egress = std::make_unique<oversight::Egress>(&p->engine->published(), &p->engine->store());
  p->oversight =
      std::make_unique<oversight::Oversight>(p->engine.get(), p->pseudonyms.get(), p->egress.get());
  p->measures =
      std::make_unique<oversight::Measures>(p->oversight.get(), p->pseudonyms.get(), &p->clock);
  p->backups = std::make_unique<engine::Backups>(
      &p->engine->store(), engine::Backups::Options{.data_dir = options.config.data_dir(),
                                                    .backup_dir = options.config.backup_dir()});
  p->workers = std::make_unique<rpc::WorkerPool>(kWorkers);
  p->backend = {.engine = p->engine.get(),
                .intake = p->intake.get(),
                .oversight = p->oversight.get(),
                .measures = p->measures.get(),
                .egress = p->egress.get(),
                .families = p->families.get(),
                .workers = p->workers.get(),
                .backups = p->backups.get(),
                .live_sources = &p->live_sources,
                .max_queued_events = options.config.limits().max_queued_events()};
  p->collectables.push_back(
      std::make_shared<metrics::ScopeMetrics>(&p->engine->published(), p->egress.get()));
  p->collectables.push_back(std::make_shared<metrics::StateMetrics>(
      p->engine.get(), &p->clock,
      metrics::StateMetrics::Daemon{
          .ready = [p] { return p->ready.load(); },
          .source_connected = [p](const std::string& id) { return p->live_sources.Has(id); }}));
  p->collectables.push_back(std::make_shared<metrics::ProcessMetrics>());
  Log(Level::kInfo, "engine", "views are caught up with the log",
      {{"records", p->engine->catch_up().records},
       {"duration_ms", p->engine->catch_up().duration_ms}});
  if (policy::IsExpired(options.policy.policy, p->clock.NowMs())) {
    Log(Level::kWarn, "policy", "the review of the policy is overdue",
        {{"policy", options.policy.policy.id()}, {"review_by", options.policy.policy.review_by()}});
  }
  return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

Daemon::~Daemon() { Stop(); }

absl::Status Daemon::Serve() {
  Parts* p = parts_.get();
  const auto& config = p->options.config;
  if (config.insecure_listener()) {
    Log(Level::kWarn, "rpc", "insecure listener: every caller on this machine holds every role");
  }
  VIGIE_ASSIGN_OR_RETURN(
      p->http, http::HttpServer::Start(
                   config.http_listen(),
                   {{"/metrics",
                     [p] {
                       p->engine->published().AwaitAcknowledged(kLongestScrapeWait);
                       return http::Page{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                         .body = metrics::MetricPage(p->collectables)};
                     }},
                    {"/healthz", [] { return http::Page{.body = "alive\n"}; }},
                    {"/readyz", [p] {
                       return p->ready ? http::Page{.body = "ready\n"}
                                       : http::Page{.status = 503, .body = "not ready\n"};
                     }}}));
  VIGIE_ASSIGN_OR_RETURN(p->grpc,
                         rpc::GrpcServer::Start(&p->backend, &p->clock,
                                                {.listen = config.grpc_listen(),
                                                 .organisation_id = config.organisation_id(),
                                                 .reflection = config.reflection()}));
  p->grpc->SetServing();
  p->ready = true;
  if (!p->options.ports_file.empty()) {
    VIGIE_RETURN_IF_ERROR(WritePorts(p->options.ports_file, p->grpc->port(), p->http->port()));
  }
  const std::string sha256 = policy::HexSha256(p->options.policy.sha256);
  Log(Level::kInfo, "daemon", "ready",
      {{"version", kVersion},
       {"grpc_port", p->grpc->port()},
       {"http_port", p->http->port()},
       {"policy", p->options.policy.policy.id()},
       {"policy_sha256", sha256}});
  return absl::OkStatus();
}

absl::Status Daemon::RunUntilSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int received = 0;
  sigwait(&signals, &received);
  Log(Level::kInfo, "daemon", "stopping", {{"signal", received}});
  Stop();
  const absl::MutexLock lock(&parts_->failure_mutex);
  return parts_->failure;
}

void Daemon::Stop() {
  Parts* p = parts_.get();
  if (std::exchange(p->stopped, true)) return;
  p->ready = false;
  if (p->backups != nullptr) p->backups->Stop();
  if (p->grpc != nullptr) p->grpc->Stop();
  if (p->workers != nullptr) p->workers->Stop();
  p->engine->Stop();
  if (p->http != nullptr) p->http->Stop();
  p->engine->published().Read([](const engine::PublishedState& state) {
    Log(Level::kInfo, "daemon", "stopped",
        {{"events", state.event_count},
         {"log_position", state.as_of},
         {"view_position", state.view_position}});
  });
}

}  // namespace vigie
