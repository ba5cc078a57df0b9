// SPDX-License-Identifier: Apache-2.0
// That expected verdicts are what the rules say of the events, by a short reading of them that
// shares no code with the daemon.
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "simulator/hospital.h"
#include "simulator/observed.h"

namespace vigie::simulator {
namespace {

namespace v1 = vigie::v1;

struct Counts {
  double successes = 0;
  double trials = 0;
  void Count(bool success) {
    trials += 1;
    if (success) successes += 1;
  }
};

// E of measurement.md section 4; `side` is -1 for below, 1 for above.
double LogE(const Counts& counts, double threshold, int side) {
  double sum = 0;
  for (int k = 0; k < 12; ++k) {
    const double logit = std::log(threshold / (1 - threshold)) + side * 0.1 * std::pow(2, k / 2.0);
    const double q = 1 / (1 + std::exp(-logit));
    sum += std::exp(counts.successes * std::log(q / threshold) +
                    (counts.trials - counts.successes) * std::log((1 - q) / (1 - threshold))) /
           12;
  }
  return std::log(sum);
}

struct Reading {
  Counts positive_act;
  Counts examination;
  Counts coverage;
  Counts vigilance;
};

void Read(const ObservedDecision& decision, Reading& reading) {
  if (!decision.has_final_act) {
    if (decision.applied) {  // R1
      reading.positive_act.Count(false);
      if (decision.Audited() && decision.Wrong()) reading.vigilance.Count(false);
    }
    return;
  }
  reading.positive_act.Count(!decision.in_batch);  // R8, no evidence in any batch.
  if (decision.independent) return;                // R0
  // R6: what shows the suggestion is not declared, or was lost.
  const bool poor = decision.suggested.empty();
  const bool unknown = poor || (decision.gap && decision.opened && !decision.Examined());
  reading.coverage.Count(!unknown);
  if (!unknown) reading.examination.Count(decision.Examined());
  if (decision.Audited() && decision.Wrong()) reading.vigilance.Count(decision.Caught());
}

v1::Verdict VerdictOf(const Reading& reading) {
  const double covered =
      reading.coverage.trials > 0 ? reading.coverage.successes / reading.coverage.trials : 0;
  const double below = std::log(3 / 0.01);
  const double above = std::log(1 / 0.05);
  if (LogE(reading.positive_act, 0.95, -1) >= below ||
      (covered >= 0.8 && LogE(reading.examination, 0.8, -1) >= below) ||
      LogE(reading.vigilance, 0.5, -1) >= std::log(9 / 0.01)) {
    return v1::VERDICT_EFFECTIVELY_AUTOMATED;  // V1
  }
  if (LogE(reading.positive_act, 0.95, 1) >= above && LogE(reading.examination, 0.8, 1) >= above &&
      LogE(reading.vigilance, 0.5, 1) >= above && covered >= 0.95) {
    return v1::VERDICT_CONCRETE_AND_SIGNIFICANT;  // V2
  }
  return v1::VERDICT_UNDETERMINED;  // V3
}

// Verdicts that differ from the expected ones, over all units and `seeds` seeds, by unit.
std::map<std::string, int> Misses(int seeds, HospitalOptions options,
                                  const std::vector<UnitPlan>* plans) {
  std::map<std::string, int> misses;
  for (int seed = 1; seed <= seeds; ++seed) {
    options.seed = static_cast<uint64_t>(seed);
    Hospital hospital = plans != nullptr ? Hospital(options, *plans) : Hospital(options);
    const std::vector<UnitTruth> units = hospital.Units();
    const auto decisions = Observe(Deliveries(std::move(hospital)));
    std::map<std::string, Reading> readings;
    for (const auto& [id, decision] : decisions) Read(decision, readings[decision.unit_id]);
    for (const UnitTruth& unit : units) {
      const v1::Verdict found = VerdictOf(readings[unit.unit_id]);
      if (unit.expected == v1::VERDICT_UNSPECIFIED || found == unit.expected) continue;
      ++misses[unit.unit_id];
    }
  }
  return misses;
}

// Where a verdict is expected, even of the usual hospital's small units. (No miss in 400 seeds.)
TEST(ExpectedVerdict, HoldsInTheUsualHospital) {
  for (const auto& [unit_id, count] : Misses(20, HospitalOptions(), nullptr)) {
    ADD_FAILURE() << unit_id << " missed its verdict in " << count << " seeds of 20";
  }
}

// The sizes that a test against a daemon wants, whichever system the unit has. (No miss in 100
// seeds.)
TEST(ExpectedVerdict, HoldsWithoutExceptionInUnitsOfNineHundred) {
  const std::vector<UnitPlan> plans = {
      {"careful-a", Habit::kCareful, Feed::kFull, true, 900},
      {"careful-b", Habit::kCareful, Feed::kFull, true, 900},
      {"careful-c", Habit::kCareful, Feed::kFull, true, 900},
      {"untold", Habit::kCareful, Feed::kFull, false, 900},
      {"poor", Habit::kCareful, Feed::kPoor, true, 900},
      {"stamping", Habit::kRubberStamping, Feed::kFull, true, 900},
      {"untold-stamping", Habit::kRubberStamping, Feed::kFull, false, 900},
      {"bulk", Habit::kBulk, Feed::kFull, true, 900},
      {"auto", Habit::kAutoApplied, Feed::kFull, true, 900},
      {"fading", Habit::kFading, Feed::kFull, true, 900},
  };
  for (const auto& [unit_id, count] : Misses(8, HospitalOptions(), &plans)) {
    ADD_FAILURE() << unit_id << " missed its verdict in " << count << " seeds of 8";
  }
  const Hospital hospital(HospitalOptions(), plans);
  for (const UnitTruth& unit : hospital.Units()) {
    EXPECT_NE(unit.expected, v1::VERDICT_UNSPECIFIED) << unit.unit_id;
  }
}

}  // namespace
}  // namespace vigie::simulator
