// SPDX-License-Identifier: Apache-2.0
// The known name that a misspelt one most probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigie::policy {

// The name of `known` with the fewest changed, added or left out letters, ignoring case; the first
// of them on a tie, empty when `known` is. Pure.
[[nodiscard]] std::string NearestName(std::string_view wrong,
                                      const std::vector<std::string>& known);

}  // namespace vigie::policy
