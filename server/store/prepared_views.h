// SPDX-License-Identifier: Apache-2.0
// Changes to the views, made ready for the thread that writes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/families.h"

namespace rocksdb {
class WriteBatch;
}  // namespace rocksdb

namespace vigie::store {

// A change to a view.
struct ViewChange {
  Family family;
  std::string key;
  std::optional<std::string> value;  // Nothing = delete.
};

// The same in bytes that another holds.
struct ViewRow {
  Family family;
  std::string_view key;
  std::optional<std::string_view> value;
};
[[nodiscard]] inline ViewRow RowOf(const ViewChange& change) {
  return {.family = change.family, .key = change.key, .value = change.value};
}

// What Store::PrepareViews made for Store::WritePrepared: a batch of the few, or a table for each
// family of the many. Tables that were not taken up are deleted with it.
class PreparedViews {
 public:
  PreparedViews();
  ~PreparedViews();
  PreparedViews(PreparedViews&& other) noexcept;
  PreparedViews& operator=(PreparedViews&& other) noexcept;

 private:
  friend class Store;
  void DeleteTables();

  std::unique_ptr<rocksdb::WriteBatch> batch_;          // Null when there are tables.
  std::vector<std::pair<Family, std::string>> tables_;  // With their paths.
};

}  // namespace vigie::store
