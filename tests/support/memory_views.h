// SPDX-License-Identifier: Apache-2.0
// Views kept in memory, so that a fold can be let go and loaded again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/fold.h"

namespace vigie::support {

// What the store would hold. Not thread-safe.
class MemoryViews final : public engine::ViewSource {
 public:
  using Rows = std::map<std::pair<int, std::string>, std::string>;

  void Apply(const std::vector<store::ViewChange>& changes) {
    std::vector<store::ViewRow> rows;
    for (const store::ViewChange& change : changes) rows.push_back(store::RowOf(change));
    ApplyRows(rows);
  }
  void ApplyRows(const std::vector<store::ViewRow>& changes) {
    for (const store::ViewRow& change : changes) {
      const std::pair<int, std::string> key(static_cast<int>(change.family), change.key);
      if (change.value.has_value()) {
        rows_[key] = *change.value;
      } else {
        rows_.erase(key);
      }
    }
  }
  // Every read fails from now on, as from a damaged disk.
  void Break() { broken_ = true; }
  [[nodiscard]] const Rows& rows() const { return rows_; }

  [[nodiscard]] absl::StatusOr<std::optional<std::string>> Get(
      store::Family family, std::string_view key) const override {
    if (broken_) return absl::DataLossError("view: broken by the test");
    const auto found = rows_.find(std::pair(static_cast<int>(family), std::string(key)));
    if (found == rows_.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }
  [[nodiscard]] absl::Status Scan(
      store::Family family, std::string_view prefix,
      const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    const std::pair<int, std::string> from(static_cast<int>(family), std::string(prefix));
    for (auto row = rows_.lower_bound(from);
         row != rows_.end() && row->first.first == from.first &&
         row->first.second.starts_with(prefix) && visit(row->first.second, row->second);
         ++row) {
    }
    return absl::OkStatus();
  }

 private:
  Rows rows_;
  bool broken_ = false;
};

}  // namespace vigie::support
