// SPDX-License-Identifier: Apache-2.0
#include "decision/tally.h"

#include <algorithm>

namespace vigie::decision {

void TrialCounts::Add(Trial trial, int64_t sign) {
  if (trial == Trial::kUnknown) unknown += sign;
  if (trial == Trial::kSuccess) successes += sign;
  if (trial == Trial::kSuccess || trial == Trial::kFailure) trials += sign;
}

void TrialCounts::Add(const TrialCounts& other) {
  successes += other.successes;
  trials += other.trials;
  unknown += other.unknown;
}

void OriginTally::Add(const OriginTally& other) {
  for (size_t i = 0; i < 2; ++i) {
    for (size_t j = 0; j < 2; ++j) cells[i][j] += other.cells[i][j];
  }
  wrong_unknown += other.wrong_unknown;
  rair.Add(other.rair);
  rsr.Add(other.rsr);
}

bool OriginTally::HasTruths() const { return cells != decltype(cells){}; }

TrialCounts OriginTally::Vigilance() const {
  const auto& wrong = cells[kWrong];
  return {.successes = wrong[kNotTaken],
          .trials = wrong[kTaken] + wrong[kNotTaken],
          .unknown = wrong_unknown};
}

int64_t Tally::Count(vigie::v1::Degree degree, vigie::v1::Reason reason) const {
  for (const ReasonTally& entry : reasons) {
    if (entry.degree == degree && entry.reason == reason) return entry.count;
  }
  return 0;
}

void Tally::AddReason(vigie::v1::Degree degree, vigie::v1::Reason reason, int64_t added) {
  const auto at = std::lower_bound(reasons.begin(), reasons.end(), std::pair(degree, reason),
                                   [](const ReasonTally& entry, const auto& key) {
                                     return std::pair(entry.degree, entry.reason) < key;
                                   });
  if (at != reasons.end() && at->degree == degree && at->reason == reason) {
    at->count += added;
  } else {
    reasons.insert(at, ReasonTally{degree, reason, added});
  }
}

OriginTally& Tally::Origin(const TruthKey& key) {
  const auto at =
      std::lower_bound(origins.begin(), origins.end(), key,
                       [](const OriginTally& tally, const TruthKey& k) { return tally.key < k; });
  if (at != origins.end() && at->key == key) return *at;
  OriginTally fresh;
  fresh.key = key;
  return *origins.insert(at, std::move(fresh));
}

TimeBuckets TimeBuckets::Of(const Finding& finding) {
  TimeBuckets buckets;
  if (finding.active_ms.has_value()) buckets.active = stats::Sketch::Key(*finding.active_ms);
  if (finding.judgement_ms.has_value()) {
    buckets.judgement = stats::Sketch::Key(*finding.judgement_ms);
  }
  return buckets;
}

void Tally::AddFinding(const Finding& finding, const TimeBuckets& buckets) {
  ++closed;
  AddReason(finding.degree, vigie::v1::REASON_UNSPECIFIED);
  for (const vigie::v1::Reason reason : finding.reasons) AddReason(finding.degree, reason);
  positive_act.Add(finding.positive_act);
  concrete_examination.Add(finding.concrete_examination);
  coverage.Add(finding.coverage);
  const bool answered = finding.exposed && !finding.suggested.empty() && !finding.chosen.empty();
  const bool taken = finding.chosen == finding.suggested;
  if (answered) overrides.Add(taken ? Trial::kFailure : Trial::kSuccess);
  if (answered && !finding.judged.empty() && finding.judged != finding.suggested) {
    switches.Add(taken ? Trial::kSuccess : Trial::kFailure);
  }
  if (finding.batch) ++batch;
  if (finding.limited_time) ++limited_time;
  if (buckets.active.has_value()) active_time.AddKey(*buckets.active, 1);
  if (buckets.judgement.has_value()) judgement_time.AddKey(*buckets.judgement, 1);
}

void Tally::AddTruth(const TruthKey& key, const std::string& truth, const Finding& finding,
                     int sign) {
  if (!finding.exposed || finding.suggested.empty()) return;
  OriginTally& origin =
      key.origin == vigie::v1::TRUTH_ORIGIN_OPPORTUNISTIC ? opportunistic : Origin(key);
  const bool right = finding.suggested == truth;
  if (finding.chosen.empty()) {
    if (!right) origin.wrong_unknown += sign;
    return;
  }
  const bool taken = finding.chosen == finding.suggested;
  origin.cells[right ? OriginTally::kRight : OriginTally::kWrong]
              [taken ? OriginTally::kTaken : OriginTally::kNotTaken] += sign;
  if (finding.judged.empty()) return;
  const bool judged_right = finding.judged == truth;
  const Trial final_right = finding.chosen == truth ? Trial::kSuccess : Trial::kFailure;
  if (!judged_right && right) origin.rair.Add(final_right, sign);
  if (judged_right && !right) origin.rsr.Add(final_right, sign);
}

void Tally::Merge(const Tally& other) {
  closed += other.closed;
  for (const ReasonTally& entry : other.reasons) {
    AddReason(entry.degree, entry.reason, entry.count);
  }
  for (TrialCounts Tally::*counts :
       {&Tally::positive_act, &Tally::concrete_examination, &Tally::coverage, &Tally::switches,
        &Tally::overrides, &Tally::workload}) {
    (this->*counts).Add(other.*counts);
  }
  for (const OriginTally& origin : other.origins) Origin(origin.key).Add(origin);
  opportunistic.Add(other.opportunistic);
  for (size_t i = 0; i < kRights; ++i) rights[i] += other.rights[i];
  for (int64_t Tally::*count :
       {&Tally::batch, &Tally::late_event, &Tally::period_late, &Tally::truth_revised,
        &Tally::truth_uncounted, &Tally::actor_hours, &Tally::overfull_hours, &Tally::minimum_ms,
        &Tally::limited_time, &Tally::review_uncounted}) {
    this->*count += other.*count;
  }
  for (size_t i = 0; i < 2; ++i) {
    for (size_t j = 0; j < 2; ++j) reviews[i][j] += other.reviews[i][j];
  }
  for (const auto& [key, count] : other.active_time.Buckets()) active_time.AddKey(key, count);
  for (const auto& [key, count] : other.judgement_time.Buckets()) judgement_time.AddKey(key, count);
  changed_at = std::max(changed_at, other.changed_at);
}

}  // namespace vigie::decision
