// SPDX-License-Identifier: Apache-2.0
// Puts what happens in all units into the order in which it is delivered, with watermarks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "simulator/hospital.h"
#include "simulator/random.h"
#include "simulator/unit_stream.h"

namespace vigie::simulator {

// Nothing is delivered later than this after it happened; below the usual settle delay of two
// minutes, so that what is late is not lost for its decision.
inline constexpr int64_t kLongestDeliveryMs = 100'000;
// What a watermark stays behind the time at which it is sent: more than the longest delivery, so
// that every watermark is true.
inline constexpr int64_t kWatermarkBehindMs = 110'000;
inline constexpr int64_t kWatermarkEveryMs = 30 * 60'000;
// The last watermark lies this far after the last event: beyond every deadline of a policy.
inline constexpr int64_t kFinalWatermarkAheadMs = int64_t{400} * 86'400'000;

// A source and its clock.
struct SourceClock {
  std::string source_id;
  // Added to every true time.
  int64_t skew_ms = 0;
  // Some unit of this hospital reports through it.
  bool used = true;
};

// Merges units. Holds what has happened and is not delivered yet. Not thread-safe.
class Timeline {
 public:
  // `sources` by the index that happenings carry; `announcements` happen outside of any unit.
  Timeline(const HospitalOptions& options, std::vector<SourceClock> sources,
           std::vector<UnitStream> units, std::vector<Happening> announcements);

  [[nodiscard]] bool Next(Delivery* out);

 private:
  struct InTransit {
    int64_t arrival_ms;
    int64_t serial;  // Breaks ties, so that the order is one.
    size_t source;
    vigie::v1::Event event;
  };
  struct Later {
    bool operator()(const InTransit& a, const InTransit& b) const {
      return a.arrival_ms != b.arrival_ms ? a.arrival_ms > b.arrival_ms : a.serial > b.serial;
    }
  };

  void Send(Happening happening);
  void GenerateNext();
  void FindNextUnit();
  void Deliver(Delivery* out);
  void SendWatermarks();
  void SendFinalWatermarks();
  [[nodiscard]] bool WatermarkOwed() const;

  HospitalOptions options_;
  std::vector<SourceClock> sources_;
  std::vector<UnitStream> units_;
  Random random_;

  std::vector<InTransit> in_transit_;  // A heap by Later.
  std::deque<Delivery> watermarks_;    // To be dealt before anything else.
  std::vector<int> owed_;              // Watermarks still owed after a source's last event.
  std::vector<Happening> generated_;
  size_t next_unit_ = 0;
  int64_t next_start_ms_ = UnitStream::kNever;
  int64_t next_watermark_ms_ = 0;
  int64_t last_happened_ms_ = 0;
  int64_t serial_ = 0;
  bool ended_ = false;
};

}  // namespace vigie::simulator
