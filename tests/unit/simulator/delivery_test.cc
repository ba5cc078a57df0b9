// SPDX-License-Identifier: Apache-2.0
// How events travel: watermarks, lateness, duplicates, gaps, sources.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "simulator/hospital.h"
#include "simulator/observed.h"

namespace vigie::simulator {
namespace {

namespace v1 = vigie::v1;

HospitalOptions Rough(uint64_t seed) {
  HospitalOptions options;
  options.seed = seed;
  options.late_ratio = 0.2;
  options.duplicate_ratio = 0.1;
  options.missing_ratio = 0.1;
  return options;
}

TEST(Delivery, NoEventOccurredBeforeAWatermarkThatCameFirst) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    std::map<std::string, int64_t> watermarks;
    for (const Delivery& delivery : Deliveries(Hospital(Rough(seed)))) {
      ASSERT_NE(delivery.event.has_value(), delivery.watermark_ms.has_value());
      const auto [at, first] = watermarks.try_emplace(delivery.source_id, 0);
      if (delivery.event.has_value()) {
        ASSERT_GE(delivery.event->occurred_at_ms(), at->second) << "seed " << seed;
      } else {
        ASSERT_GT(*delivery.watermark_ms, at->second) << "seed " << seed;
        at->second = *delivery.watermark_ms;
      }
    }
  }
}

TEST(Delivery, EverySourceEndsWithAWatermarkBeyondEveryDeadline) {
  constexpr int64_t kLongestDeadlineMs = int64_t{366} * 86'400'000;
  Hospital hospital{HospitalOptions()};
  const size_t source_count = hospital.Sources().size();
  std::map<std::string, Delivery> last;
  int64_t last_occurred_ms = 0;
  for (const Delivery& delivery : Deliveries(std::move(hospital))) {
    last[delivery.source_id] = delivery;
    if (delivery.event.has_value()) {
      last_occurred_ms = std::max(last_occurred_ms, delivery.event->occurred_at_ms());
    }
  }
  EXPECT_EQ(last.size(), source_count);
  for (const auto& [source_id, delivery] : last) {
    ASSERT_TRUE(delivery.watermark_ms.has_value()) << source_id;
    EXPECT_GT(*delivery.watermark_ms, last_occurred_ms + kLongestDeadlineMs) << source_id;
  }
}

// So that decisions close while the feed runs, not all at its end.
TEST(Delivery, WatermarksFollowTheEventsWithinTwoHours) {
  constexpr int64_t kAllowedMs = 2 * 3'600'000;
  std::map<std::string, int64_t> oldest_open_ms;
  for (const Delivery& delivery : Deliveries(Hospital(HospitalOptions()))) {
    if (delivery.event.has_value()) {
      const int64_t occurred_ms = delivery.event->occurred_at_ms();
      const auto open = oldest_open_ms.try_emplace(delivery.source_id, occurred_ms).first;
      ASSERT_LT(occurred_ms - open->second, kAllowedMs);
    } else {
      const auto open = oldest_open_ms.find(delivery.source_id);
      if (open != oldest_open_ms.end() && *delivery.watermark_ms > open->second) {
        oldest_open_ms.erase(open);
      }
    }
  }
}

TEST(Delivery, SomeEventsComeLateAndOutOfOrderButWithinTheSettleDelay) {
  constexpr int64_t kSettleDelayMs = 120'000;
  std::map<std::string, int64_t> newest_ms;
  int64_t out_of_order = 0;
  int64_t events = 0;
  for (const Delivery& delivery : Deliveries(Hospital(Rough(1)))) {
    if (!delivery.event.has_value()) continue;
    ++events;
    int64_t& newest = newest_ms[delivery.source_id];
    const int64_t behind_ms = newest - delivery.event->occurred_at_ms();
    ASSERT_LT(behind_ms, kSettleDelayMs);
    if (behind_ms > 5'000) ++out_of_order;
    newest = std::max(newest, delivery.event->occurred_at_ms());
  }
  EXPECT_GT(out_of_order, events / 50);
}

TEST(Delivery, DuplicatesAreIdenticalAndAsManyAsAskedFor) {
  const HospitalOptions options = Rough(3);
  std::map<std::string, std::string> contents;
  int64_t duplicates = 0;
  for (const Delivery& delivery : Deliveries(Hospital(options))) {
    if (!delivery.event.has_value()) continue;
    const auto [at, first] = contents.try_emplace(
        delivery.event->event_id(), delivery.source_id + delivery.event->SerializeAsString());
    if (first) continue;
    ++duplicates;
    ASSERT_EQ(at->second, delivery.source_id + delivery.event->SerializeAsString());
  }
  EXPECT_TRUE(
      WithinBinomial(duplicates, static_cast<int64_t>(contents.size()), options.duplicate_ratio));
}

TEST(Delivery, MissingTelemetryIsAnnouncedAndAsOftenAsAskedFor) {
  const HospitalOptions options = Rough(4);
  int64_t gaps = 0;
  const auto decisions = DecisionsOf(Habit::kRubberStamping, Feed::kFull, true, 2'000, options);
  for (const ObservedDecision& decision : decisions) gaps += decision.gap ? 1 : 0;
  EXPECT_TRUE(WithinBinomial(gaps, 2'000, options.missing_ratio));

  for (const auto& [id, decision] : Observe(Deliveries(Hospital(options)))) {
    std::set<v1::Event::PayloadCase> present;
    for (const v1::Event& event : decision.events) present.insert(event.payload_case());
    for (const v1::Event& event : decision.events) {
      if (!event.has_telemetry_gap()) continue;
      const v1::PayloadKind missing = event.telemetry_gap().missing();
      EXPECT_FALSE(missing == v1::PAYLOAD_KIND_OPENED && present.contains(v1::Event::kOpened));
      EXPECT_FALSE(missing == v1::PAYLOAD_KIND_ACTIVE_SEGMENT &&
                   present.contains(v1::Event::kActiveSegment));
      EXPECT_FALSE(missing == v1::PAYLOAD_KIND_EVIDENCE_OPENED &&
                   present.contains(v1::Event::kEvidenceOpened));
    }
  }
}

// Beyond the 5 s within which two clocks cannot be ordered, and soon enough to be in time.
TEST(Delivery, OnlyAppliedComesFromASecondSourceAndWellAfterTheDecision) {
  const std::vector<UnitPlan> plans = {{"a", Habit::kCareful, Feed::kFull, true, 200},
                                       {"b", Habit::kCareful, Feed::kFull, true, 200},
                                       {"c", Habit::kCareful, Feed::kFull, true, 200}};
  const std::vector<Delivery> deliveries = Deliveries(Hospital(HospitalOptions(), plans));
  std::map<std::string, std::map<std::string, std::vector<v1::Event>>> by_source;
  for (const Delivery& delivery : deliveries) {
    if (delivery.event.has_value() && !delivery.event->decision_id().empty()) {
      by_source[delivery.event->decision_id()][delivery.source_id].push_back(*delivery.event);
    }
  }
  const auto observed = Observe(deliveries);
  int64_t shared = 0;
  for (const auto& [id, sources] : by_source) {
    if (sources.size() == 1) continue;
    ASSERT_EQ(sources.size(), 2U);
    ++shared;
    EXPECT_EQ(observed.at(id).unit_id, "c");
    for (const v1::Event& event : sources.at("dispensing:seed-1")) {
      ASSERT_TRUE(event.has_applied());
      const int64_t after_ms = event.occurred_at_ms() - observed.at(id).decided_at_ms;
      EXPECT_GT(after_ms, 20'000);
      EXPECT_LT(after_ms, 90'000);
    }
  }
  EXPECT_GT(shared, 150);
}

// A final watermark says that nothing follows; another run may not speak after it.
TEST(Delivery, AnotherSeedSpeaksUnderOtherSourceNames) {
  Hospital first{HospitalOptions()};
  HospitalOptions options;
  options.seed = 2;
  Hospital second{options};
  for (const v1::Source& a : first.Sources()) {
    for (const v1::Source& b : second.Sources()) EXPECT_NE(a.source_id(), b.source_id());
  }
}

}  // namespace
}  // namespace vigie::simulator
