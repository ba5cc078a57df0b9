// SPDX-License-Identifier: Apache-2.0
// A simulated hospital whose truth is known: what its units do, and what their verdict should be.
//
// Room simulator: pure, no clock, no I/O, no network. The same options give the same bytes on every
// machine. Times are simulated; deliveries come in the order in which a daemon would receive them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vigie/v1/event.pb.h"
#include "vigie/v1/registry_service.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::simulator {

// What to simulate. Ratios are cut to [0, 1]; counts below zero are zero.
struct HospitalOptions {
  uint64_t seed = 1;
  // Over all units.
  int64_t decision_count = 2000;
  // Eight cover every habit; more repeat them in other wards.
  int unit_count = 8;
  // Planted wrong suggestions, in units whose truth is returned. They never reach effect.
  double probe_ratio = 0.02;
  // Decisions drawn for a source-asserted random audit, whatever their outcome.
  double audit_ratio = 0.35;
  // Wrong suggestions; systems differ from it by a tenth (see Hospital::ErrorRatio).
  double ai_error_ratio = 0.2;
  // Events delivered twice with identical content.
  double duplicate_ratio = 0.01;
  // Events delivered 10 to 75 seconds late.
  double late_ratio = 0.01;
  // Decisions of which one kind of telemetry is lost, announced by a TelemetryGap. Units where
  // people look carefully lose less (kCarefulGapShare).
  double missing_ratio = 0.02;
  // Milliseconds since 1970-01-01T00:00:00Z; 2026-09-01.
  int64_t start_ms = 1'788'220'800'000;
  // Empty = left out of the events.
  std::string organisation_id = "demo-hospital";
};

// How the people of a unit really decide.
enum class Habit {
  // Opens, reads independent evidence, catches about nine wrong suggestions in ten.
  kCareful,
  // Opens and reads, yet catches little more than half of them.
  kCarefulButAgreeing,
  // One click within a second, never opens.
  kRubberStamping,
  // Signs 20 to 40 at once without evidence.
  kBulk,
  // Suggestions take effect without a person.
  kAutoApplied,
  // Careful when the shift starts, rubber-stamping when it ends.
  kFading,
};

// What the source of a unit can send.
enum class Feed {
  // Every payload that the examination rules read.
  kFull,
  // Decided and Applied only.
  kPoor,
};

// A unit to simulate.
struct UnitPlan {
  // 1-64 characters of `[A-Za-z0-9._:/-]`, unique.
  std::string unit_id;
  Habit habit = Habit::kCareful;
  Feed feed = Feed::kFull;
  // The truth of audited decisions and probes comes back. A poor feed cannot carry it.
  bool returns_truth = true;
  int64_t decision_count = 0;
};

// What is true of a simulated unit.
struct UnitTruth {
  std::string unit_id;
  std::string system_id;
  std::string source_id;
  Habit habit = Habit::kCareful;
  Feed feed = Feed::kFull;
  bool truth_returned = false;
  int64_t decision_count = 0;
  // The verdict that the unit deserves under the baseline policy; UNSPECIFIED where its size or its
  // habit leaves the verdict open.
  vigie::v1::Verdict expected = vigie::v1::VERDICT_UNSPECIFIED;
};

// One thing that a source delivers: an event or a watermark.
struct Delivery {
  std::string source_id;
  std::optional<vigie::v1::Event> event;
  // By the source's clock, as EventBatch.watermark_ms.
  std::optional<int64_t> watermark_ms;
};

class Timeline;

// Deals the deliveries of a simulated hospital one by one. Holds the events of a few minutes, and
// truths and deferred decisions until they come back (at most three days). Not thread-safe.
class Hospital {
 public:
  // The hospital's usual mixture of units.
  explicit Hospital(const HospitalOptions& options);
  // These units; decision_count and unit_count of the options are not read.
  Hospital(HospitalOptions options, std::vector<UnitPlan> plans);
  ~Hospital();
  Hospital(Hospital&&) noexcept;
  Hospital& operator=(Hospital&&) noexcept;

  // To declare before the first event. Identifiers carry the seed: a source's final watermark says
  // that nothing more follows, so another seed must not go on under the same name.
  [[nodiscard]] const std::vector<vigie::v1::Source>& Sources() const { return sources_; }
  // To declare before the first event.
  [[nodiscard]] const std::vector<vigie::v1::System>& Systems() const { return systems_; }
  // In the order of the plans.
  [[nodiscard]] const std::vector<UnitTruth>& Units() const { return units_; }
  // Share of wrong suggestions of a system, probes apart; absent when there is no such system.
  [[nodiscard]] std::optional<double> ErrorRatio(std::string_view system_id) const;

  // Fills `*out` with the next delivery; false when there is none left.
  [[nodiscard]] bool Next(Delivery* out);

 private:
  HospitalOptions options_;
  std::vector<vigie::v1::Source> sources_;
  std::vector<vigie::v1::System> systems_;
  std::vector<UnitTruth> units_;
  std::unique_ptr<Timeline> timeline_;
};

// `careful`, `rubber-stamping` ..., for people.
[[nodiscard]] std::string_view HabitName(Habit habit);

}  // namespace vigie::simulator
