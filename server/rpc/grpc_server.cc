// SPDX-License-Identifier: Apache-2.0
#include "rpc/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <utility>

#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "rpc/admin_service.h"
#include "rpc/audit_service.h"
#include "rpc/calibration_service.h"
#include "rpc/ingest_service.h"
#include "rpc/oversight_service.h"
#include "rpc/probe_service.h"
#include "rpc/registry_service.h"
#include "rpc/roles.h"
#include "rpc/watch_reactor.h"

namespace vigie::rpc {
namespace {

constexpr int64_t kStopSeconds = 2;
constexpr int kMinPingIntervalMs = 10'000;
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kMaxConcurrentStreams = 2'000;
constexpr int kStreamWindowBytes = 256 << 10;  // What a stream may send before it is read.
constexpr int kMaxReadBytes = 64 << 10;
constexpr size_t kConnectionsBytes = size_t{256} << 20;  // Of all of them together.

// gRPC by itself gives each connection windows and buffers as large as it was ever fast, megabytes
// each: many streams at once took hundreds of megabytes that nobody had asked to be read, and held
// events for longer than the queue does.
void BoundConnections(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kStreamWindowBytes);
  builder.AddChannelArgument(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kMaxReadBytes);
  // Near it connections are read more slowly.
  builder.SetResourceQuota(grpc::ResourceQuota("connections").Resize(kConnectionsBytes));
}

}  // namespace

struct GrpcServer::Services {
  Services(const Backend* backend, const base::Clock* clock, const Options& options)
      : published(&backend->engine->published()),
        ingest(backend),
        oversight(backend, &watchers),
        calibration(backend),
        audit(backend),
        probe(backend),
        registry(backend, options.organisation_id),
        admin(backend, clock) {
    published->SetObserver([this](int64_t) { watchers.Notify(); });
  }
  ~Services() { published->SetObserver(nullptr); }

  engine::Published* published;
  Watchers watchers;
  IngestService ingest;
  OversightService oversight;
  CalibrationService calibration;
  AuditService audit;
  ProbeService probe;
  RegistryService registry;
  AdminService admin;
};

GrpcServer::GrpcServer() = default;

GrpcServer::~GrpcServer() { Stop(); }

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const Backend* backend,
                                                              const base::Clock* clock,
                                                              const Options& options) {
  VIGIE_RETURN_IF_ERROR(CheckEveryMethodHasARole());
  std::unique_ptr<GrpcServer> server(new GrpcServer());
  server->services_ = std::make_unique<Services>(backend, clock, options);
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &server->port_);
  builder.SetMaxReceiveMessageSize(base::kMaxMessageBytes);
  // A second daemon on the same port must fail, not share it silently.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // A peer that vanished without a word would hold its source's one stream for hours.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxConcurrentStreams);
  BoundConnections(builder);
  builder.RegisterService(&server->services_->ingest);
  builder.RegisterService(&server->services_->oversight);
  builder.RegisterService(&server->services_->calibration);
  builder.RegisterService(&server->services_->audit);
  builder.RegisterService(&server->services_->probe);
  builder.RegisterService(&server->services_->registry);
  builder.RegisterService(&server->services_->admin);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || server->port_ == 0) {
    return absl::UnavailableError(base::Cat("grpc_listen: cannot listen on ", options.listen,
                                            "; is the port taken by another process?"));
  }
  server->server_->GetHealthCheckService()->SetServingStatus(false);
  return server;
}

void GrpcServer::SetServing() { server_->GetHealthCheckService()->SetServingStatus(true); }

void GrpcServer::Stop() {
  if (server_ == nullptr) return;
  server_->GetHealthCheckService()->SetServingStatus(false);
  services_->watchers.Stop();
  // What is under way has this long. A timespec of the wall clock is what gRPC takes.
  server_->Shutdown(
      gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_seconds(kStopSeconds, GPR_TIMESPAN)));
  server_->Wait();
  server_.reset();
}

}  // namespace vigie::rpc
