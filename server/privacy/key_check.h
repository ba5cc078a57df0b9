// SPDX-License-Identifier: Apache-2.0
// Notices another key where the same is wanted: one changed digit gives everybody new pseudonyms.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace vigie::privacy {

// Compares a key with the one noted in a file for the same key epoch, or notes it when there is no
// file or it has another epoch. The file holds a keyed digest: with it nobody can find the key.
// FAILED_PRECONDITION when it is another key or the file is damaged; says what to do.
[[nodiscard]] absl::Status CheckKey(const std::string& path, std::string_view key, int key_epoch);

}  // namespace vigie::privacy
