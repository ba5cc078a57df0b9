// SPDX-License-Identifier: Apache-2.0
// Early returns for absl::Status.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expression` is not OK.
#define VIGIE_RETURN_IF_ERROR(expression) \
  VIGIE_RETURN_IF_ERROR_INNER(VIGIE_CONCAT(vigie_status_, __LINE__), expression)
#define VIGIE_RETURN_IF_ERROR_INNER(status_name, expression) \
  do {                                                       \
    absl::Status status_name = (expression);                 \
    if (!status_name.ok()) return status_name;               \
  } while (false)

#define VIGIE_CONCAT_INNER(a, b) a##b
#define VIGIE_CONCAT(a, b) VIGIE_CONCAT_INNER(a, b)

// Declares or assigns `lhs` from a StatusOr, or returns its status.
#define VIGIE_ASSIGN_OR_RETURN(lhs, expression) \
  VIGIE_ASSIGN_OR_RETURN_INNER(VIGIE_CONCAT(vigie_or_, __LINE__), lhs, expression)
#define VIGIE_ASSIGN_OR_RETURN_INNER(or_name, lhs, expression) \
  auto or_name = (expression);                                 \
  if (!or_name.ok()) return std::move(or_name).status();       \
  lhs = *std::move(or_name)
