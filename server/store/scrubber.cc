// SPDX-License-Identifier: Apache-2.0
#include "store/scrubber.h"

#include "base/status_macros.h"

namespace vigie::store {

absl::StatusOr<Scrubber::Step> Scrubber::Next() {
  if (!in_pass_) left_ = store_->Tables();
  in_pass_ = true;
  Step step;
  while (!left_.empty() && step.bytes == 0) {
    const Store::Table table = std::move(left_.back());
    left_.pop_back();
    VIGIE_ASSIGN_OR_RETURN(const bool in_use, store_->VerifyTable(table));
    if (in_use) step.bytes = table.bytes;
  }
  step.ends_pass = left_.empty();
  in_pass_ = !step.ends_pass;
  return step;
}

}  // namespace vigie::store
