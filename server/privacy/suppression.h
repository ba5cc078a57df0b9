// SPDX-License-Identifier: Apache-2.0
// Small cells: which scopes may be shown (design.md section 5, requirements.md row 30).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decision/scope.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::privacy {

// A scope with its number of closed decisions in one period.
struct Cell {
  decision::ScopeKey scope;
  int64_t count = 0;
};

// For each cell, whether and why it is withheld. A cell under `minimum_count` is small. Where the
// withheld parts of a shown whole could be found by subtracting the shown parts (they add up to
// less than `minimum_count`, or to one cell), the next smallest shown part is withheld too, until
// subtraction gives nothing. Wholes and parts: organisation into systems, units; system into
// versions and system-units; unit into system-units. What no part claims (decisions without a unit
// or version) counts as a withheld part. Pure; cells of one period and environment.
[[nodiscard]] std::vector<vigie::v1::Suppression> Suppress(std::span<const Cell> cells,
                                                           int64_t minimum_count);

}  // namespace vigie::privacy
