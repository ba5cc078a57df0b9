// SPDX-License-Identifier: Apache-2.0
// Random identities for incarnations of a source.
#pragma once

#include <string>

namespace vigie::client {

// A random UUID (version 4), as `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`. Any thread.
[[nodiscard]] std::string MakeUuid();

}  // namespace vigie::client
