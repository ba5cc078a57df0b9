// SPDX-License-Identifier: Apache-2.0
#include "load_feed.h"

namespace vigie::benchmark {
namespace {

constexpr uint64_t kMeanGapMs = 20;  // Between the beginnings of two decisions of a feed.
constexpr std::array<int64_t, kStepCount> kStepAfterMs = {0, 100, 500, 9'000, 9'500, 9'500};
constexpr int64_t kSentAfterMs = 50;
constexpr int kOpenSteps = 2;

}  // namespace

Feed::Feed(const LoadShape& shape)
    : shape_(shape),
      random_(shape.seed),
      now_ms_(shape.start_ms),
      decisions_(static_cast<size_t>(shape.interleaved)),
      next_step_(kStepCount) {}

LoadEvent Feed::Next() {
  for (;;) {
    if (next_decision_ == decisions_.size()) {
      next_decision_ = 0;
      ++next_step_;
    }
    if (next_step_ >= (shape_.left_open ? kOpenSteps : kStepCount)) MakeDecisions();
    const LoadDecision& decision = decisions_[next_decision_++];
    const auto step = static_cast<Step>(next_step_);
    if (step == Step::kApplied && !decision.applied) continue;
    const int64_t at_ms = decision.began_ms + kStepAfterMs[static_cast<size_t>(next_step_)];
    return {.decision = &decision,
            .step = step,
            .id = {random_(), random_()},
            .occurred_at_ms = at_ms,
            .sent_at_ms = at_ms + kSentAfterMs};
  }
}

void Feed::MakeDecisions() {
  next_decision_ = 0;
  next_step_ = 0;
  for (LoadDecision& decision : decisions_) {
    now_ms_ += static_cast<int64_t>(random_() % (2 * kMeanGapMs));
    decision.id = {random_(), random_()};
    decision.unit = Pick(shape_.unit_count);
    decision.actor = Pick(shape_.actor_count);
    decision.system = Pick(shape_.system_count);
    decision.began_ms = now_ms_;
    decision.right = Pick(10) != 0;
    decision.applied = Pick(2) == 0;
  }
}

int Feed::Pick(int count) { return static_cast<int>(random_() % static_cast<uint64_t>(count)); }

}  // namespace vigie::benchmark
