// SPDX-License-Identifier: Apache-2.0
// The options that name a scope and a period, the same in every verb.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "verb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::cli {

// Adds --organisation, --system, --system-version, --unit and --test.
void DescribeScope(po::options_description& options);
[[nodiscard]] v1::Scope ScopeFrom(const po::variables_map& arguments);

// Reads `cumulative`, `day:2026-11-22`, `week:2026-W47`, `month:2026-11` or `quarter:2026-Q4`.
[[nodiscard]] absl::StatusOr<v1::Period> ParsePeriod(absl::string_view text);

// `replay, system sepsis-3, unit icu-2`.
[[nodiscard]] std::string ScopeText(const v1::Scope& scope);
// `cumulative`, `day 2026-11-22`, `week of 2026-11-16`, `month 2026-11`.
[[nodiscard]] std::string PeriodText(const v1::Period& period);

}  // namespace vigie::cli
