// SPDX-License-Identifier: Apache-2.0
// Reads what is stored again, to find damage while there is still a backup to go back to.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "store/store.h"

namespace vigie::store {

// Goes round the tables of a store, one at a time. The write-ahead log is not read: it is at most
// 256 MiB, soon a table, and read whole at every start. What the machine holds in memory is read
// from there. One thread.
class Scrubber {
 public:
  // The store must outlive it.
  explicit Scrubber(const Store* store) : store_(store) {}

  struct Step {
    int64_t bytes = 0;       // Read and found whole.
    bool ends_pass = false;  // Every table in use when the pass began was read.
  };
  // Reads the next table. DATA_LOSS when it is damaged; says what to do.
  [[nodiscard]] absl::StatusOr<Step> Next();

 private:
  const Store* store_;
  std::vector<Store::Table> left_;  // Of this pass.
  bool in_pass_ = false;
};

}  // namespace vigie::store
