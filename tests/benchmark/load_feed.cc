// SPDX-License-Identifier: Apache-2.0
#include "load_feed.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace vigie::benchmark {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

// Makes the events of one decision after another.
class Feed {
 public:
  Feed(const LoadShape& shape, int stream)
      : shape_(shape), random_(static_cast<uint64_t>(stream) + 1), now_ms_(shape.start_ms) {}

  void AddDecision(std::vector<Event>* out) {
    decision_id_ = absl::StrFormat("d-%016x%016x", random_(), random_());
    unit_ = absl::StrCat("unit-", random_() % static_cast<uint64_t>(shape_.unit_count));
    actor_ = absl::StrCat("clinician-", random_() % static_cast<uint64_t>(shape_.actor_count));
    system_ = absl::StrCat("system-", random_() % 4);
    now_ms_ += static_cast<int64_t>(random_() % 40);
    const bool right = random_() % 10 != 0;
    Make(0, out)->mutable_issued()->add_suggestions()->set_code("yes");
    Make(100, out)->mutable_shown();
    Make(500, out)->mutable_opened();
    Event* segment = Make(9'000, out);
    segment->mutable_active_segment()->set_start_ms(now_ms_ + 500);
    segment->mutable_active_segment()->set_length_ms(8'000);
    Decided* decided = Make(9'500, out)->mutable_decided();
    decided->set_outcome(right ? DECISION_OUTCOME_ACCEPTED : DECISION_OUTCOME_OVERRIDDEN);
    decided->add_final_codes()->set_code(right ? "yes" : "no");
    if (random_() % 2 == 0) return;
    Applied* applied = Make(9'500, out)->mutable_applied();
    applied->add_codes()->set_code(right ? "yes" : "no");
    applied->set_applied_by(EFFECT_CAUSE_PERSON);
  }

  [[nodiscard]] int64_t now_ms() const { return now_ms_; }

 private:
  Event* Make(int64_t after_ms, std::vector<Event>* out) {
    Event& event = out->emplace_back();
    event.set_event_id(absl::StrFormat("%016x%016x", random_(), random_()));
    event.set_organisation_id("benchmark");
    event.set_decision_id(decision_id_);
    event.set_system_id(system_);
    event.set_unit_id(unit_);
    event.set_decision_kind("triage");
    event.mutable_actor()->set_id(actor_);
    event.mutable_actor()->set_role("physician");
    event.set_occurred_at_ms(now_ms_ + after_ms);
    event.set_sent_at_ms(now_ms_ + after_ms + 50);
    return &event;
  }

  const LoadShape& shape_;
  std::mt19937_64 random_;
  int64_t now_ms_;
  std::string decision_id_;
  std::string unit_;
  std::string actor_;
  std::string system_;
};

}  // namespace

std::vector<StreamEventsRequest> MakeBatches(const LoadShape& shape, int stream) {
  Feed feed(shape, stream);
  std::vector<StreamEventsRequest> batches;
  std::vector<Event> events;
  int64_t made = 0;
  while (made < shape.event_count) {
    while (events.size() < static_cast<size_t>(shape.batch_events)) feed.AddDecision(&events);
    EventBatch* batch = batches.emplace_back().mutable_batch();
    batch->set_first_sequence(made + 1);
    // Decisions that began before this have sent all; the settle delay passes inside the feed.
    batch->set_watermark_ms(feed.now_ms() - 60'000);
    for (int i = 0; i < shape.batch_events; ++i) {
      *batch->add_events() = std::move(events[static_cast<size_t>(i)]);
    }
    events.erase(events.begin(), events.begin() + shape.batch_events);
    made += shape.batch_events;
  }
  return batches;
}

}  // namespace vigie::benchmark
