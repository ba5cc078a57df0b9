// SPDX-License-Identifier: Apache-2.0
// Small cells, complementary suppression, and that subtraction gives nothing.
#include "privacy/suppression.h"

#include <map>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace vigie::privacy {
namespace {

using decision::ScopeKey;
using vigie::v1::Suppression;
using vigie::v1::SUPPRESSION_COMPLEMENTARY;
using vigie::v1::SUPPRESSION_NONE;
using vigie::v1::SUPPRESSION_SMALL_CELL;

constexpr int64_t kMinimum = 11;

ScopeKey System(int system) { return {.organisation = 1, .system = system}; }
ScopeKey Version(int system, int version) {
  return {.organisation = 1, .system = system, .version = version};
}
ScopeKey Unit(int unit) { return {.organisation = 1, .unit = unit}; }
const ScopeKey kOrganisation = {.organisation = 1};

std::map<ScopeKey, Suppression> Suppressed(const std::vector<Cell>& cells) {
  const auto suppressed = Suppress(cells, kMinimum);
  std::map<ScopeKey, Suppression> by_scope;
  for (size_t i = 0; i < cells.size(); ++i) by_scope[cells[i].scope] = suppressed[i];
  return by_scope;
}

TEST(Suppression, ShowsFromTheMinimumOn) {
  EXPECT_EQ(Suppressed({{kOrganisation, 10}})[kOrganisation], SUPPRESSION_SMALL_CELL);
  EXPECT_EQ(Suppressed({{kOrganisation, 11}})[kOrganisation], SUPPRESSION_NONE);
}

TEST(Suppression, ASmallPartTakesTheNextSmallestWithIt) {
  auto found = Suppressed({{kOrganisation, 65}, {Unit(1), 5}, {Unit(2), 20}, {Unit(3), 40}});
  EXPECT_EQ(found[Unit(1)], SUPPRESSION_SMALL_CELL);
  EXPECT_EQ(found[Unit(2)], SUPPRESSION_COMPLEMENTARY);
  EXPECT_EQ(found[Unit(3)], SUPPRESSION_NONE);
  EXPECT_EQ(found[kOrganisation], SUPPRESSION_NONE);
}

TEST(Suppression, AFewDecisionsWithoutAUnitAreASmallPartToo) {
  auto found = Suppressed({{kOrganisation, 63}, {Unit(1), 20}, {Unit(2), 40}});
  EXPECT_EQ(found[Unit(1)], SUPPRESSION_COMPLEMENTARY);
}

// Unit 2 has system 1 alone, so the shown unit is the withheld cell, and 25 - 20 is the small one.
TEST(Suppression, AWholeWithOnePartDoesNotRevealIt) {
  const auto cell = [](int system, int unit) {
    return ScopeKey{.organisation = 1, .system = system, .unit = unit};
  };
  auto found = Suppressed({{kOrganisation, 135},
                           {System(1), 25},
                           {System(2), 110},
                           {Unit(1), 35},
                           {Unit(2), 20},
                           {Unit(3), 80},
                           {cell(1, 1), 5},
                           {cell(1, 2), 20},
                           {cell(2, 1), 30},
                           {cell(2, 3), 80}});
  ASSERT_EQ(found[cell(1, 1)], SUPPRESSION_SMALL_CELL);
  EXPECT_FALSE(found[System(1)] == SUPPRESSION_NONE && found[Unit(2)] == SUPPRESSION_NONE);
}

// A = v1 + v2 = 55, so organisation - A would be the small system.
TEST(Suppression, AWithheldWholeIsNotRebuiltFromItsShownParts) {
  auto found = Suppressed({{kOrganisation, 120},
                           {System(1), 5},
                           {System(2), 55},
                           {System(3), 60},
                           {Version(2, 1), 30},
                           {Version(2, 2), 25}});
  ASSERT_EQ(found[System(1)], SUPPRESSION_SMALL_CELL);
  ASSERT_EQ(found[System(2)], SUPPRESSION_COMPLEMENTARY);
  EXPECT_FALSE(found[Version(2, 1)] == SUPPRESSION_NONE && found[Version(2, 2)] == SUPPRESSION_NONE)
      << "versions 30 + 25 are system 2, and 120 - 60 - 55 is system 1";
}

struct Hospital {
  std::map<ScopeKey, int64_t> counts;
  std::vector<Cell> cells;
};

Hospital RandomHospital(std::mt19937_64& random) {
  const auto upto = [&random](int limit) {
    return static_cast<int>(random() % static_cast<uint64_t>(limit));
  };
  const int systems = 1 + upto(3), units = 1 + upto(5), versions = 1 + upto(2);
  Hospital hospital;
  for (int strata = 3 + upto(12); strata > 0; --strata) {
    const ScopeKey finest = {.organisation = 1,
                             .system = 1 + upto(systems),
                             .version = upto(versions + 1),
                             .unit = upto(units + 1)};
    const int64_t count = 1 + upto(upto(2) == 0 ? 8 : 60);
    for (const ScopeKey& scope : decision::ScopesOf(finest)) hospital.counts[scope] += count;
  }
  for (const auto& [scope, count] : hospital.counts) hospital.cells.push_back({scope, count});
  return hospital;
}

// For every shown whole, what its shown parts leave is nothing, or at least two cells with at least
// the minimum; one of them may be what no part claims.
TEST(Suppression, SubtractionGivesNothingInRandomHospitals) {
  std::mt19937_64 random(20'261'122);
  for (int round = 0; round < 2'000; ++round) {
    const Hospital hospital = RandomHospital(random);
    auto found = Suppressed(hospital.cells);
    const auto check = [&](const ScopeKey& whole, const auto& is_part) {
      if (found.at(whole) != SUPPRESSION_NONE) return;
      int64_t remainder = hospital.counts.at(whole), unclaimed = remainder;
      int withheld = 0;
      for (const auto& [scope, count] : hospital.counts) {
        if (!is_part(scope)) continue;
        unclaimed -= count;
        if (found.at(scope) == SUPPRESSION_NONE)
          remainder -= count;
        else
          ++withheld;
      }
      if (remainder == 0) return;
      ASSERT_GE(remainder, kMinimum) << "round " << round;
      if (withheld > 0) {
        ASSERT_GE(withheld + (unclaimed > 0 ? 1 : 0), 2) << "round " << round;
      }
    };
    for (const auto& [whole, count] : hospital.counts) {
      const ScopeKey w = whole;
      if (w.version != 0 || (w.system != 0 && w.unit != 0)) continue;
      if (w == kOrganisation) {
        check(w, [](const ScopeKey& s) { return s.system != 0 && s.unit == 0 && s.version == 0; });
        check(w, [](const ScopeKey& s) { return s.unit != 0 && s.system == 0; });
      } else if (w.system != 0) {
        check(w, [w](const ScopeKey& s) { return s.system == w.system && s.version != 0; });
        check(w, [w](const ScopeKey& s) { return s.system == w.system && s.unit != 0; });
      } else {
        check(w, [w](const ScopeKey& s) { return s.unit == w.unit && s.system != 0; });
      }
    }
  }
}

}  // namespace
}  // namespace vigie::privacy
