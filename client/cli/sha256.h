// SPDX-License-Identifier: Apache-2.0
// Names that follow from contents, for replays that resume.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace vigie::cli {

// SHA-256 in 64 lower-case hex digits. Any thread.
[[nodiscard]] std::string Sha256Hex(absl::string_view bytes);

// A value in the shape of a UUID (version 8: made by the application) from 64 hex digits.
[[nodiscard]] std::string UuidFrom(absl::string_view sha256_hex);

}  // namespace vigie::cli
