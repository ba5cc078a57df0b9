// SPDX-License-Identifier: Apache-2.0
// Decisions as comma-separated values.
#pragma once

#include <optional>
#include <string>

#include "session.h"
#include "vigie/v1/oversight_service.pb.h"

namespace vigie::cli {

// One row, ended by CRLF; the columns are those of the first row that WriteDecisionsCsv writes.
[[nodiscard]] std::string DecisionCsvRow(const v1::Decision& decision);

// Writes the decisions asked for to standard output, page after page, so that memory holds one. At
// most `asked`; without it at most 1,000,000, and then it is an error when there are more.
[[nodiscard]] ExitCode WriteDecisionsCsv(const Session& session, v1::ListDecisionsRequest request,
                                         std::optional<int> asked);

}  // namespace vigie::cli
