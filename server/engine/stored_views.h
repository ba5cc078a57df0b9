// SPDX-License-Identifier: Apache-2.0
// The rows of a store, as a fold reads them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/fold.h"
#include "store/store.h"

namespace vigie::engine {

// The newest rows. The store must outlive it.
class StoredViews final : public ViewSource {
 public:
  explicit StoredViews(const store::Store* store) : store_(store) {}
  [[nodiscard]] absl::StatusOr<std::optional<std::string>> Get(
      store::Family family, std::string_view key) const override {
    return store_->newest().Get(family, key);
  }
  [[nodiscard]] absl::Status Scan(
      store::Family family, std::string_view prefix,
      const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_->newest().Scan(family, prefix, prefix, visit);
  }

  void FetchAhead(uint64_t decision_hash) const override {
    store_->FetchDecisionAhead(decision_hash);
  }

 private:
  const store::Store* store_;
};

}  // namespace vigie::engine
