// SPDX-License-Identifier: Apache-2.0
// Column families as data.
#pragma once

#include <array>
#include <cstddef>

namespace vigie::store {

// One family for each reason of access or lifetime.
enum class Family {
  kMeta,        // Format version, cursor of the views.
  kLog,         // Blocks, write-once, read by range.
  kDecisions,   // Point look-up; most look-ups miss.
  kTallies,     // One row a scope and period.
  kQuarantine,  // Refused events.
};

struct FamilySpec {
  Family family;
  const char* name;   // On disk. A new meaning needs a new name.
  bool point_lookup;  // Bloom filter.
};

inline constexpr std::array<FamilySpec, 5> kFamilies{{
    {Family::kMeta, "default", false},
    {Family::kLog, "log", false},
    {Family::kDecisions, "decisions", true},
    {Family::kTallies, "tallies", true},
    {Family::kQuarantine, "quarantine", false},
}};
static_assert(kFamilies[static_cast<size_t>(Family::kQuarantine)].family == Family::kQuarantine);
static_assert(kFamilies[static_cast<size_t>(Family::kDecisions)].family == Family::kDecisions);

}  // namespace vigie::store
