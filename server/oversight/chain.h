// SPDX-License-Identifier: Apache-2.0
// Decisions that feed one another: an upstream score that nobody looked at decides downstream too
// (CJEU C-634/21).
#pragma once

#include "absl/status/status.h"
#include "decision/fact.h"
#include "store/store.h"
#include "vigie/v1/oversight_service.pb.h"

namespace vigie::oversight {

// Fills chain and chain_degree of the response's decision from the Issued among its events, and
// from the log for those further away. Errors are the store's. Worker threads only.
[[nodiscard]] absl::Status FollowChain(const store::Store::Reader& reader,
                                       decision::NameIndex organisation,
                                       vigie::v1::GetDecisionResponse* response);

}  // namespace vigie::oversight
