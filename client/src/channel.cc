// SPDX-License-Identifier: Apache-2.0
#include "vigie/channel.h"

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

namespace vigie {
namespace {

// gRPC's own pause between connection attempts starts at 1 s and grows to 2 min, too long for a
// daemon that restarts in a second. The publisher has a back-off of its own above this one.
constexpr int kFirstReconnectMs = 100;
constexpr int kLastReconnectMs = 5'000;
constexpr int kConnectTimeoutMs = 10'000;

}  // namespace

std::shared_ptr<grpc::Channel> ConnectInsecure(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  // Despite its name this is the time a connection attempt gets: a busy server needs some.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLastReconnectMs);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace vigie
