// SPDX-License-Identifier: Apache-2.0
// The rule behind each reason.
#pragma once

#include <string_view>

#include "vigie/v1/verdict.pb.h"

namespace vigie::decision {

// The rule of measurement.md that a reason comes from, for example `R7`.
[[nodiscard]] std::string_view RuleOf(vigie::v1::Reason reason);

}  // namespace vigie::decision
