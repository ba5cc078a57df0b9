// SPDX-License-Identifier: Apache-2.0
#include "privacy/suppression.h"

#include <functional>
#include <map>
#include <tuple>

namespace vigie::privacy {
namespace {

using decision::ScopeKey;
using vigie::v1::Suppression;
using vigie::v1::SUPPRESSION_COMPLEMENTARY;
using vigie::v1::SUPPRESSION_NONE;
using vigie::v1::SUPPRESSION_SMALL_CELL;

// A way to split a whole into parts.
enum class Split { kSystems, kUnits, kVersions, kUnitsOfSystem, kSystemsOfUnit };

struct Membership {
  Split split;
  ScopeKey whole;
  auto operator<=>(const Membership&) const = default;
};

// The splits in which a scope is a part.
std::vector<Membership> MembershipsOf(const ScopeKey& scope) {
  const ScopeKey organisation = {.organisation = scope.organisation, .test = scope.test};
  ScopeKey system = organisation;
  system.system = scope.system;
  ScopeKey unit = organisation;
  unit.unit = scope.unit;
  if (scope.version != 0) return {{Split::kVersions, system}};
  if (scope.system != 0 && scope.unit != 0) {
    return {{Split::kUnitsOfSystem, system}, {Split::kSystemsOfUnit, unit}};
  }
  if (scope.system != 0) return {{Split::kSystems, organisation}};
  if (scope.unit != 0) return {{Split::kUnits, organisation}};
  return {};
}

// Works on indices into the cells.
class Suppressor {
 public:
  Suppressor(std::span<const Cell> cells, int64_t minimum_count)
      : cells_(cells), minimum_count_(minimum_count), result_(cells.size(), SUPPRESSION_NONE) {
    std::map<ScopeKey, size_t> by_scope;
    for (size_t i = 0; i < cells.size(); ++i) by_scope[cells[i].scope] = i;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].count < minimum_count) result_[i] = SUPPRESSION_SMALL_CELL;
      for (const Membership& membership : MembershipsOf(cells[i].scope)) {
        const auto whole = by_scope.find(membership.whole);
        if (whole == by_scope.end()) continue;
        splits_[membership].whole = whole->second;
        splits_[membership].parts.push_back(i);
      }
    }
  }

  // Withholding one part can expose another split, so it goes on until nothing changes. Every
  // round but the last withholds a cell, so it ends.
  std::vector<Suppression> Run() && {
    bool changed = true;
    while (changed) {
      changed = false;
      for (const auto& [membership, family] : splits_) changed |= Close(family);
    }
    return std::move(result_);
  }

 private:
  struct Family {
    size_t whole = 0;
    std::vector<size_t> parts;
  };

  // Withholds parts of one split until subtraction gives nothing; whether it did.
  bool Close(const Family& family) {
    bool changed = false;
    for (;;) {
      int64_t withheld_count = cells_[family.whole].count;
      int withheld_cells = 0;
      size_t smallest = cells_.size();
      for (const size_t part : family.parts) {
        if (result_[part] != SUPPRESSION_NONE) {
          ++withheld_cells;
          continue;
        }
        withheld_count -= cells_[part].count;
        if (smallest == cells_.size() || cells_[part].count < cells_[smallest].count) {
          smallest = part;
        }
      }
      const bool whole_shown = result_[family.whole] == SUPPRESSION_NONE;
      const bool exposed = whole_shown ? withheld_count > 0 && (withheld_cells == 1 ||
                                                                withheld_count < minimum_count_)
                                       : withheld_count < minimum_count_;
      if (!exposed || (smallest == cells_.size() && !whole_shown)) return changed;
      // With no shown part left to withhold, the whole itself would reveal its parts.
      result_[smallest == cells_.size() ? family.whole : smallest] = SUPPRESSION_COMPLEMENTARY;
      changed = true;
    }
  }

  std::span<const Cell> cells_;
  int64_t minimum_count_;
  std::vector<Suppression> result_;
  std::map<Membership, Family> splits_;
};

}  // namespace

std::vector<Suppression> Suppress(std::span<const Cell> cells, int64_t minimum_count) {
  return Suppressor(cells, minimum_count).Run();
}

}  // namespace vigie::privacy
