// SPDX-License-Identifier: Apache-2.0
// The door of the register of AI systems and sources.
#pragma once

#include "rpc/call.h"
#include "vigie/v1/registry_service.grpc.pb.h"

namespace vigie::rpc {

// Called by gRPC's threads.
class RegistryService final : public vigie::v1::RegistryService::CallbackService {
 public:
  // `organisation_id`: the configured only one, or empty.
  RegistryService(const Backend* backend, std::string organisation_id)
      : backend_(backend), organisation_id_(std::move(organisation_id)) {}

  grpc::ServerUnaryReactor* DeclareSystem(grpc::CallbackServerContext* context,
                                          const vigie::v1::DeclareSystemRequest* request,
                                          vigie::v1::DeclareSystemResponse* response) override;
  grpc::ServerUnaryReactor* DeclareSource(grpc::CallbackServerContext* context,
                                          const vigie::v1::DeclareSourceRequest* request,
                                          vigie::v1::DeclareSourceResponse* response) override;
  grpc::ServerUnaryReactor* ListSystems(grpc::CallbackServerContext* context,
                                        const vigie::v1::ListSystemsRequest* request,
                                        vigie::v1::ListSystemsResponse* response) override;
  grpc::ServerUnaryReactor* ListSources(grpc::CallbackServerContext* context,
                                        const vigie::v1::ListSourcesRequest* request,
                                        vigie::v1::ListSourcesResponse* response) override;

 private:
  const Backend* backend_;
  const std::string organisation_id_;
};

}  // namespace vigie::rpc
