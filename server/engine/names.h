// SPDX-License-Identifier: Apache-2.0
// Numbers for names, so that facts, scopes and keys hold integers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/cat.h"
#include "decision/fact.h"

namespace vigie::engine {

// Names in order of first appearance in the log, from 1. Not thread-safe.
class Names {
 public:
  // The number of a name, or 0 when it has none yet (or is empty).
  [[nodiscard]] decision::NameIndex Find(std::string_view name) const {
    const auto found = numbers_.find(base::ToAbsl(name));
    return found == numbers_.end() ? 0 : found->second;
  }
  // The number of a name, given now if need be; 0 for the empty name.
  decision::NameIndex Intern(std::string_view name) {
    if (name.empty()) return 0;
    // Most names are known: no string is made for those.
    if (const decision::NameIndex known = Find(name); known != 0) return known;
    names_.emplace_back(name);
    numbers_.emplace(names_.back(), static_cast<decision::NameIndex>(size()));
    return static_cast<decision::NameIndex>(size());
  }
  // The name of a number from 1 to size(); the empty string for 0.
  [[nodiscard]] const std::string& Name(decision::NameIndex number) const {
    static const std::string none;
    return number == 0 ? none : names_[static_cast<size_t>(number) - 1];
  }
  [[nodiscard]] int size() const { return static_cast<int>(names_.size()); }

 private:
  absl::flat_hash_map<std::string, decision::NameIndex> numbers_;
  std::vector<std::string> names_;
};

}  // namespace vigie::engine
