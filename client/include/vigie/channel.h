// SPDX-License-Identifier: Apache-2.0
// Makes the connection that a Publisher and the services of vigie.v1 share.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

namespace vigie {

// Connects without encryption: for a daemon on the same machine. `address` is HOST:PORT. Returns at
// once; the connection is made when it is first used, and again whenever it broke. Any thread.
[[nodiscard]] std::shared_ptr<grpc::Channel> ConnectInsecure(const std::string& address);

}  // namespace vigie
