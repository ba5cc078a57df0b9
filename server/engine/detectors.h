// SPDX-License-Identifier: Apache-2.0
// Watches every scope for a fall below a threshold (rule V4).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "decision/scope.h"
#include "stats/change.h"
#include "store/store.h"
#include "vigie/config/v1/policy.pb.h"
#include "vigie/store/v1/view.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::engine {

// What a detector watches. Vigilance has one for each origin of truth: origins are never pooled.
struct DetectorKey {
  decision::ScopeKey scope;
  vigie::v1::Indicator indicator = vigie::v1::INDICATOR_UNSPECIFIED;
  vigie::v1::TruthOrigin origin = vigie::v1::TRUTH_ORIGIN_UNSPECIFIED;

  friend bool operator==(const DetectorKey&, const DetectorKey&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const DetectorKey& key) {
    return H::combine(std::move(h), key.scope, static_cast<int>(key.indicator),
                      static_cast<int>(key.origin));
  }
};

// One statistic, latched while its alarm is open.
struct Detector {
  DetectorKey key{};
  stats::ChangeStatistics statistics{};
  int64_t trials = 0;
  int64_t raised_position = 0;  // 0 = no alarm is open.
  int64_t raised_at_ms = 0;
};

// Detectors in order of creation. It depends on the order of trials, so it belongs to one log and
// is no part of a tally. Not thread-safe.
class Detectors {
 public:
  // Where a trial happened in the log.
  struct Moment {
    int64_t position = 0;
    int64_t recorded_at_ms = 0;
  };

  // A new policy brings new thresholds: what is not latched starts from nothing.
  void BeginEpoch(const vigie::config::v1::Policy& policy);
  // The number of a detector, made now if need be. It stays.
  [[nodiscard]] size_t NumberOf(const DetectorKey& key);
  // Counts a trial, unless the alarm is open; may raise it.
  void Add(size_t number, bool success, const Moment& moment);
  // Ends an alarm; its statistic starts from nothing. Nothing happens when it is not open.
  void Acknowledge(const std::string& alarm_id);
  // Whether an alarm of this name is open.
  [[nodiscard]] bool IsOpen(const std::string& alarm_id) const;

  [[nodiscard]] const std::deque<Detector>& all() const { return detectors_; }
  // `change-<number>-<position raised>`: a later alarm of the same detector has another name.
  [[nodiscard]] static std::string AlarmId(size_t number, const Detector& detector);
  // Raised or acknowledged since the last call.
  [[nodiscard]] bool TakeAlarmsChanged() { return std::exchange(alarms_changed_, false); }

  // Rows `a/<number>` of what changed, and back.
  void PutRows(std::vector<store::ViewChange>& changes);
  void LoadRow(const vigie::store::v1::DetectorView& row);

 private:
  [[nodiscard]] Detector* FindOpen(const std::string& alarm_id);
  void MarkDirty(size_t number);

  std::deque<Detector> detectors_;
  std::deque<bool> dirty_;
  std::vector<size_t> dirty_numbers_;
  absl::flat_hash_map<DetectorKey, size_t> numbers_;
  std::array<stats::ChangeFactors, 4> factors_{};  // By indicator.
  double bound_ = 0;
  bool alarms_changed_ = true;
};

}  // namespace vigie::engine
