// SPDX-License-Identifier: Apache-2.0
// What happens in a busy hospital, one event after another, as plain values. Each peer of the
// benchmark encodes the same events in its own way.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace vigie::benchmark {

// The shape of the load. The same shape gives the same events.
struct LoadShape {
  int unit_count = 200;     // At most 1,000, to be written with three digits.
  int actor_count = 2'000;  // At most 10,000.
  int system_count = 4;     // At most 10.
  int64_t start_ms = 0;     // When the first decision begins, milliseconds since 1970-01-01.
  uint64_t seed = 1;        // Two feeds of one run need different seeds.
  // Decisions whose events are sent in turns: 1 = those of a decision stand side by side.
  int interleaved = 1;
  bool left_open = false;  // Only issued and shown: nobody ever decides.
};

enum class Step { kIssued, kShown, kOpened, kActiveSegment, kDecided, kApplied };
inline constexpr int kStepCount = 6;

// 128 random bits.
using RandomId = std::array<uint64_t, 2>;

// One decision; five or six events.
struct LoadDecision {
  RandomId id{};
  int unit = 0;
  int actor = 0;
  int system = 0;
  int64_t began_ms = 0;
  bool right = false;    // The suggestion is right and accepted; else wrong and overridden.
  bool applied = false;  // Somebody says that the result took effect.
};

// One event. `decision` is valid until the next call of Feed::Next.
struct LoadEvent {
  const LoadDecision* decision = nullptr;
  Step step = Step::kIssued;
  RandomId id{};
  int64_t occurred_at_ms = 0;
  int64_t sent_at_ms = 0;
};

inline constexpr int64_t kSegmentStartsAfterMs = 500;
inline constexpr int64_t kSegmentLengthMs = 8'000;

// Makes events without end. Not thread-safe.
class Feed {
 public:
  explicit Feed(const LoadShape& shape);

  [[nodiscard]] LoadEvent Next();
  // No later event begins a decision before this, milliseconds since 1970-01-01.
  [[nodiscard]] int64_t now_ms() const { return now_ms_; }

 private:
  void MakeDecisions();
  [[nodiscard]] int Pick(int count);

  const LoadShape shape_;
  std::mt19937_64 random_;
  int64_t now_ms_;
  std::vector<LoadDecision> decisions_;  // Their events are being sent.
  size_t next_decision_ = 0;
  int next_step_ = 0;
};

}  // namespace vigie::benchmark
