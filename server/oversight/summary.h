// SPDX-License-Identifier: Apache-2.0
// A tally as an answer: verdict, indicators, degrees, reliance, description.
//
// Room oversight: answers from the published state and the views. Changes nothing but the record of
// a restricted access. Uses every room below it.
#pragma once

#include "decision/scope.h"
#include "decision/tally.h"
#include "decision/verdict.h"
#include "engine/names.h"
#include "oversight/look.h"
#include "vigie/store/v1/view.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::oversight {

// The policy of an epoch, as a reference; `epoch` from 1.
[[nodiscard]] vigie::v1::PolicyReference Reference(const vigie::store::v1::PolicyEpoch& view,
                                                   int64_t epoch);

// Names for the numbers of a scope.
[[nodiscard]] vigie::v1::Scope NamedScope(const decision::ScopeKey& scope,
                                          const engine::Names& names);

// Fills verdict, certainty, drivers, coverage, indicators, degrees, reliance, workload, accuracy,
// description and caveats from a tally (V1-V4, V7, N1-N3). Scope, period, policy, alarms, draws,
// estimand and position are left to the caller.
void FillFromTally(const decision::Tally& tally, const vigie::config::v1::Policy& policy,
                   const Look& look, vigie::v1::Summary* summary);

// One indicator with its interval and what it still needs.
void PutIndicator(const decision::IndicatorFinding& found,
                  const vigie::config::v1::Evidence& evidence, vigie::v1::IndicatorEvidence* out);

// Takes back what would be a verdict, for figures of one person.
void DropVerdict(vigie::v1::Summary* summary);

}  // namespace vigie::oversight
