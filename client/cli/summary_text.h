// SPDX-License-Identifier: Apache-2.0
// A summary for people: the verdict in words, what it rests on, and what it cannot say.
#pragma once

#include <string>

#include "vigie/v1/verdict.pb.h"

namespace vigie::cli {

// Ends with a newline. `person` = figures of one person: no verdict is given on a person.
[[nodiscard]] std::string SummaryText(const v1::Summary& summary, bool person);

// `effectively automated, corroborated`.
[[nodiscard]] std::string VerdictText(v1::Verdict verdict, v1::Certainty certainty);

// `1287/2284 (0.563)`; `-` when absent.
[[nodiscard]] std::string ProportionText(bool present, const v1::Proportion& proportion);

}  // namespace vigie::cli
