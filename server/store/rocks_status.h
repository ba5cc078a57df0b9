// SPDX-License-Identifier: Apache-2.0
// The border between rocksdb::Status and absl::Status.
#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "absl/status/status.h"

namespace vigie::store {

// "<doing>: <cause>". OK stays OK.
[[nodiscard]] absl::Status FromRocks(const rocksdb::Status& status, std::string_view doing);

}  // namespace vigie::store
