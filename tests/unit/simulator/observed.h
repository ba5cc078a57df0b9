// SPDX-License-Identifier: Apache-2.0
// What an observer sees of a simulated hospital: an independent, much simpler reading of the events
// than the daemon's, for checking the simulator alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "simulator/hospital.h"

namespace vigie::simulator {

// Everything that a hospital delivers.
[[nodiscard]] std::vector<Delivery> Deliveries(Hospital hospital);

// One decision as its events tell it, voided ones left out.
struct ObservedDecision {
  std::string unit_id;
  std::vector<vigie::v1::Event> events;  // Without duplicates, by time.
  std::string suggested;
  std::string chosen;
  std::string truth;
  vigie::v1::TruthOrigin truth_origin = vigie::v1::TRUTH_ORIGIN_UNSPECIFIED;
  bool has_final_act = false;
  bool independent = false;
  bool one_click = false;
  bool opened = false;
  bool independent_evidence = false;
  bool own_judgement_first = false;
  bool gap = false;
  bool in_batch = false;
  bool applied = false;
  int64_t active_ms = 0;  // Sum of segments; overlaps count twice here.
  int64_t shown_at_ms = 0;
  int64_t decided_at_ms = 0;
  int64_t substituted_permille = 0;

  [[nodiscard]] bool Wrong() const { return !truth.empty() && suggested != truth; }
  [[nodiscard]] bool Caught() const { return Wrong() && chosen != suggested; }
  [[nodiscard]] bool Audited() const {
    return truth_origin == vigie::v1::TRUTH_ORIGIN_ASSERTED_AUDIT;
  }
  [[nodiscard]] bool Probe() const { return truth_origin == vigie::v1::TRUTH_ORIGIN_SEEDED; }
  // Examined by the rules R3 and R4 with a minimum of eight seconds.
  [[nodiscard]] bool Examined() const;
};

// By decision_id.
[[nodiscard]] std::map<std::string, ObservedDecision> Observe(std::vector<Delivery> deliveries);

// The decisions of one unit alone.
[[nodiscard]] std::vector<ObservedDecision> DecisionsOf(Habit habit, Feed feed, bool returns_truth,
                                                        int64_t decision_count,
                                                        HospitalOptions options);

// Whether `successes` lie within 4.5 standard deviations (and one) of what `ratio` promises: a
// right simulator fails this less than once in 100,000 seeds.
[[nodiscard]] testing::AssertionResult WithinBinomial(int64_t successes, int64_t trials,
                                                      double ratio);

}  // namespace vigie::simulator
