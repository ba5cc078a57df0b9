// SPDX-License-Identifier: Apache-2.0
// A decision's state as an answer.
#pragma once

#include "engine/published.h"
#include "engine/state.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::oversight {

[[nodiscard]] vigie::v1::DecisionState StateOf(engine::Stage stage);

// Degree, reasons with their rules, what is missing for the next degree, truth. Without any
// identifier or pseudonym of a person, and without a word of seeding until it is revealed.
[[nodiscard]] vigie::v1::Decision DescribeDecision(
    const engine::DecisionState& state, const engine::PublishedState& published,
    vigie::v1::Language language = vigie::v1::LANGUAGE_ENGLISH);

}  // namespace vigie::oversight
