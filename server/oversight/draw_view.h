// SPDX-License-Identifier: Apache-2.0
// Draws as answers.
#pragma once

#include <cstddef>

#include "engine/draws.h"
#include "vigie/v1/audit_service.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::oversight {

// The response of one stratum, and whether it counts at the policy's minimum.
[[nodiscard]] vigie::v1::DrawResponse DescribeStratum(const engine::Draw& draw, size_t stratum,
                                                      double minimum_response_ratio);
// A draw with its response.
[[nodiscard]] vigie::v1::DrawState DescribeDraw(const engine::Draw& draw,
                                                double minimum_response_ratio);

}  // namespace vigie::oversight
