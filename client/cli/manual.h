// SPDX-License-Identifier: Apache-2.0
// Help and the manual page, made from the table of verbs.
#pragma once

#include <string>

#include "verb.h"

namespace vigie::cli {

[[nodiscard]] std::string HelpText();
[[nodiscard]] std::string HelpText(const Verb& verb);
// vigie(1), in the man macros of roff.
[[nodiscard]] std::string ManualPage();

}  // namespace vigie::cli
