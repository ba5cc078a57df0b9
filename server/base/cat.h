// SPDX-License-Identifier: Apache-2.0
// Joins text. Debian's Abseil is built with a string_view of its own, to which std::string_view
// does not convert; this is the one place that knows.
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace vigie::base {

template <typename Part>
[[nodiscard]] const Part& ToAbsl(const Part& part) {
  return part;
}
[[nodiscard]] inline absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

[[nodiscard]] inline std::string_view ToStd(absl::string_view text) {
  return {text.data(), text.size()};
}

// absl::StrCat that takes std::string_view too.
template <typename... Parts>
[[nodiscard]] std::string Cat(const Parts&... parts) {
  return absl::StrCat(ToAbsl(parts)...);
}

}  // namespace vigie::base
