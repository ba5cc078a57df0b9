// SPDX-License-Identifier: Apache-2.0
// A block as it stands on disk: format(1) crc32c(4, big-endian, of what follows) Block message.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "vigie/store/v1/log.pb.h"

namespace vigie::store {

inline constexpr char kBlockFormat = 1;

[[nodiscard]] std::string EncodeBlock(const vigie::store::v1::Block& block);

// DATA_LOSS when the bytes are damaged, FAILED_PRECONDITION when a newer build wrote them.
[[nodiscard]] absl::StatusOr<vigie::store::v1::Block> DecodeBlock(std::string_view bytes);

}  // namespace vigie::store
