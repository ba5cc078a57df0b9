// SPDX-License-Identifier: Apache-2.0
// Counts of one scope and period. Everything a verdict needs, and additive.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decision/degree.h"
#include "decision/rights.h"
#include "stats/evidence.h"
#include "stats/sketch.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::decision {

// Successes, trials and what would be a trial if the records could tell.
struct TrialCounts {
  int64_t successes = 0;
  int64_t trials = 0;
  int64_t unknown = 0;

  void Add(Trial trial, int64_t sign = 1);
  void Add(const TrialCounts& other);
  [[nodiscard]] stats::Counts Known() const { return {successes, trials}; }
  friend bool operator==(const TrialCounts&, const TrialCounts&) = default;
};

// How truth was drawn: origin and, for plans and draws, which (rule N2).
struct TruthKey {
  vigie::v1::TruthOrigin origin = vigie::v1::TRUTH_ORIGIN_UNSPECIFIED;
  std::string origin_id;
  friend auto operator<=>(const TruthKey&, const TruthKey&) = default;
};

// What is known of AI and person where truth of one origin came back (rules N1, N2).
struct OriginTally {
  TruthKey key;
  // AI right or wrong (first index) by taken over or not (second index).
  std::array<std::array<int64_t, 2>, 2> cells{};
  int64_t wrong_unknown = 0;  // Wrong suggestions without a final answer.
  TrialCounts rair;
  TrialCounts rsr;

  static constexpr int kRight = 0, kWrong = 1;
  static constexpr int kTaken = 0, kNotTaken = 1;
  // I3: wrong suggestions not taken over among the wrong ones with a final answer.
  [[nodiscard]] TrialCounts Vigilance() const;
  void Add(const OriginTally& other);
  // Some decision with a final answer has a truth of this origin.
  [[nodiscard]] bool HasTruths() const;
  friend bool operator==(const OriginTally&, const OriginTally&) = default;
};

// Decisions of one degree with one reason; REASON_UNSPECIFIED counts the degree itself.
struct ReasonTally {
  vigie::v1::Degree degree = vigie::v1::DEGREE_UNSPECIFIED;
  vigie::v1::Reason reason = vigie::v1::REASON_UNSPECIFIED;
  int64_t count = 0;
  friend bool operator==(const ReasonTally&, const ReasonTally&) = default;
};

// Where the times of a finding go in the sketches. Found once for all tallies that it counts in.
struct TimeBuckets {
  std::optional<int> active;
  std::optional<int> judgement;

  [[nodiscard]] static TimeBuckets Of(const Finding& finding);
};

// Counts of one scope and period. Not thread-safe.
struct Tally {
  int64_t closed = 0;
  std::vector<ReasonTally> reasons;  // Sorted by degree, then reason.
  TrialCounts positive_act;          // I1
  TrialCounts concrete_examination;  // I2
  TrialCounts coverage;
  TrialCounts switches;              // N1, needs no truth.
  TrialCounts overrides;             // Descriptive.
  std::vector<OriginTally> origins;  // That may count; sorted by key.
  OriginTally opportunistic;         // Reported by itself, in no verdict (N2).
  int64_t batch = 0;
  int64_t late_event = 0;
  int64_t period_late = 0;
  int64_t truth_revised = 0;
  int64_t truth_uncounted = 0;
  TrialCounts workload;  // I5
  int64_t actor_hours = 0;
  int64_t overfull_hours = 0;
  int64_t minimum_ms = 0;
  int64_t limited_time = 0;
  // Expert reviews of drawn decisions: classed examined (first index) by found examined (second).
  std::array<std::array<int64_t, 2>, 2> reviews{};
  int64_t review_uncounted = 0;
  Rights rights{};
  stats::Sketch active_time;
  stats::Sketch judgement_time;
  int64_t changed_at = 0;  // Last log position that changed it.

  [[nodiscard]] int64_t Count(vigie::v1::Degree degree,
                              vigie::v1::Reason reason = vigie::v1::REASON_UNSPECIFIED) const;
  // Counts a closed decision, whose times go into `buckets`.
  void AddFinding(const Finding& finding, const TimeBuckets& buckets);
  void AddFinding(const Finding& finding) { AddFinding(finding, TimeBuckets::Of(finding)); }
  // Counts (sign 1) or takes back (sign -1) the trial of a truth on a closed decision (rule N3).
  void AddTruth(const TruthKey& key, const std::string& truth, const Finding& finding, int sign);
  // Adds all counts of another tally; the later position stays.
  void Merge(const Tally& other);

 private:
  void AddReason(vigie::v1::Degree degree, vigie::v1::Reason reason, int64_t added = 1);
  [[nodiscard]] OriginTally& Origin(const TruthKey& key);
};

}  // namespace vigie::decision
