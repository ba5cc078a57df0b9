// SPDX-License-Identifier: Apache-2.0
#include "engine/detectors.h"

#include <algorithm>

#include "base/cat.h"
#include "engine/codec.h"

namespace vigie::engine {

using namespace vigie::v1;  // Enumerators only.

void Detectors::BeginEpoch(const vigie::config::v1::Policy& policy) {
  const auto& evidence = policy.evidence();
  const auto factors = [](double threshold) {
    return stats::ChangeFactorsOf(threshold, stats::Side::kBelow);
  };
  factors_[INDICATOR_POSITIVE_ACT] = factors(evidence.positive_act_threshold());
  factors_[INDICATOR_CONCRETE_EXAMINATION] = factors(evidence.concrete_examination_threshold());
  factors_[INDICATOR_VIGILANCE] = factors(evidence.vigilance_threshold());
  bound_ = evidence.change_alarm_bound();
  for (size_t i = 0; i < detectors_.size(); ++i) {
    if (detectors_[i].raised_position != 0) continue;
    detectors_[i].statistics = {};
    detectors_[i].trials = 0;
    MarkDirty(i);
  }
}

void Detectors::Add(size_t number, bool success, const Moment& moment) {
  Detector& detector = detectors_[number];
  if (detector.raised_position != 0) return;
  detector.statistics.Add(success, factors_[detector.key.indicator]);
  ++detector.trials;
  MarkDirty(number);
  if (detector.statistics.Mean() < bound_) return;
  detector.raised_position = moment.position;
  detector.raised_at_ms = moment.recorded_at_ms;
  alarms_changed_ = true;
}

std::string Detectors::AlarmId(size_t number, const Detector& detector) {
  return base::Cat("change-", number + 1, "-", detector.raised_position);
}

Detector* Detectors::FindOpen(const std::string& alarm_id) {
  for (size_t i = 0; i < detectors_.size(); ++i) {
    const bool open = detectors_[i].raised_position != 0;
    if (open && AlarmId(i, detectors_[i]) == alarm_id) return &detectors_[i];
  }
  return nullptr;
}

bool Detectors::IsOpen(const std::string& alarm_id) const {
  return const_cast<Detectors*>(this)->FindOpen(alarm_id) != nullptr;
}

void Detectors::Acknowledge(const std::string& alarm_id) {
  Detector* detector = FindOpen(alarm_id);
  if (detector == nullptr) return;
  *detector = Detector{.key = detector->key};
  MarkDirty(numbers_.at(detector->key));
  alarms_changed_ = true;
}

size_t Detectors::NumberOf(const DetectorKey& key) {
  const auto [entry, fresh] = numbers_.try_emplace(key, detectors_.size());
  if (fresh) {
    detectors_.push_back({.key = key});
    dirty_.push_back(false);
  }
  return entry->second;
}

void Detectors::MarkDirty(size_t number) {
  if (dirty_[number]) return;
  dirty_[number] = true;
  dirty_numbers_.push_back(number);
}

void Detectors::PutRows(std::vector<store::ViewChange>& changes) {
  for (const size_t number : dirty_numbers_) {
    const Detector& detector = detectors_[number];
    vigie::store::v1::DetectorView row;
    *row.mutable_scope() = EncodeScope(detector.key.scope);
    row.set_indicator(detector.key.indicator);
    row.set_origin(detector.key.origin);
    for (const double value : detector.statistics.values) row.add_statistics(value);
    row.set_trials(detector.trials);
    row.set_raised_position(detector.raised_position);
    row.set_raised_at_ms(detector.raised_at_ms);
    changes.push_back({store::Family::kMeta,
                       base::Cat("a/", store::PositionKey(static_cast<int64_t>(number))),
                       row.SerializeAsString()});
    dirty_[number] = false;
  }
  dirty_numbers_.clear();
}

void Detectors::LoadRow(const vigie::store::v1::DetectorView& row) {
  const size_t number = NumberOf({.scope = DecodeScope(row.scope()),
                                  .indicator = static_cast<Indicator>(row.indicator()),
                                  .origin = static_cast<TruthOrigin>(row.origin())});
  Detector& detector = detectors_[number];
  const auto size = std::min<int>(row.statistics_size(), stats::kGridSize);
  for (int k = 0; k < size; ++k) detector.statistics.values[k] = row.statistics(k);
  detector.trials = row.trials();
  detector.raised_position = row.raised_position();
  detector.raised_at_ms = row.raised_at_ms();
}

}  // namespace vigie::engine
