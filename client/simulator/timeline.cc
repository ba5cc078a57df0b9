// SPDX-License-Identifier: Apache-2.0
#include "simulator/timeline.h"

#include <algorithm>
#include <utility>

namespace vigie::simulator {
namespace {

// Two after an event: the second lies past the settle delay of whatever the event closed.
constexpr int kOwedAfterEvent = 2;

}  // namespace

Timeline::Timeline(const HospitalOptions& options, std::vector<SourceClock> sources,
                   std::vector<UnitStream> units, std::vector<Happening> announcements)
    : options_(options),
      sources_(std::move(sources)),
      units_(std::move(units)),
      random_(options.seed, 0),
      owed_(sources_.size(), 0),
      last_happened_ms_(options.start_ms) {
  for (Happening& happening : announcements) Send(std::move(happening));
  FindNextUnit();
}

bool Timeline::Next(Delivery* out) {
  while (true) {
    if (!watermarks_.empty()) {
      *out = std::move(watermarks_.front());
      watermarks_.pop_front();
      return true;
    }
    const bool waiting = !in_transit_.empty();
    const int64_t arrival_ms = waiting ? in_transit_.front().arrival_ms : UnitStream::kNever;
    const int64_t watermark_ms = WatermarkOwed() ? next_watermark_ms_ : UnitStream::kNever;
    if (next_start_ms_ != UnitStream::kNever &&
        next_start_ms_ <= std::min(arrival_ms, watermark_ms)) {
      GenerateNext();
    } else if (watermark_ms != UnitStream::kNever && watermark_ms <= arrival_ms) {
      SendWatermarks();
    } else if (waiting) {
      Deliver(out);
      return true;
    } else if (!ended_) {
      SendFinalWatermarks();
    } else {
      return false;
    }
  }
}

void Timeline::Send(Happening happening) {
  last_happened_ms_ = std::max(last_happened_ms_, happening.true_at_ms);
  const int64_t skew_ms = sources_[happening.source].skew_ms;
  vigie::v1::Event& event = happening.event;
  event.set_occurred_at_ms(happening.true_at_ms + skew_ms);
  if (event.has_active_segment()) {
    vigie::v1::ActiveSegment& segment = *event.mutable_active_segment();
    segment.set_start_ms(segment.start_ms() + skew_ms);
  }
  int64_t delay_ms = random_.Between(40, 700);
  if (random_.Chance(options_.late_ratio)) delay_ms += random_.Between(10'000, 75'000);
  const bool twice = random_.Chance(options_.duplicate_ratio);
  const int64_t again_ms = std::min(delay_ms + random_.Between(200, 20'000), kLongestDeliveryMs);
  const auto send_after = [&](int64_t after_ms, vigie::v1::Event sent) {
    in_transit_.push_back(
        {happening.true_at_ms + after_ms, serial_++, happening.source, std::move(sent)});
    std::push_heap(in_transit_.begin(), in_transit_.end(), Later{});
  };
  if (twice) send_after(again_ms, event);
  send_after(delay_ms, std::move(event));
}

void Timeline::GenerateNext() {
  generated_.clear();
  units_[next_unit_].Generate(generated_);
  for (Happening& happening : generated_) Send(std::move(happening));
  FindNextUnit();
}

void Timeline::FindNextUnit() {
  next_start_ms_ = UnitStream::kNever;
  for (size_t i = 0; i < units_.size(); ++i) {
    if (units_[i].NextStartMs() < next_start_ms_) {
      next_start_ms_ = units_[i].NextStartMs();
      next_unit_ = i;
    }
  }
}

void Timeline::Deliver(Delivery* out) {
  std::pop_heap(in_transit_.begin(), in_transit_.end(), Later{});
  InTransit& arrived = in_transit_.back();
  if (!WatermarkOwed()) {
    next_watermark_ms_ = (arrived.arrival_ms / kWatermarkEveryMs + 1) * kWatermarkEveryMs;
  }
  owed_[arrived.source] = kOwedAfterEvent;
  out->source_id = sources_[arrived.source].source_id;
  out->event = std::move(arrived.event);
  out->watermark_ms.reset();
  in_transit_.pop_back();
}

void Timeline::SendWatermarks() {
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (owed_[i] == 0) continue;
    --owed_[i];
    watermarks_.push_back({sources_[i].source_id, std::nullopt,
                           next_watermark_ms_ - kWatermarkBehindMs + sources_[i].skew_ms});
  }
  next_watermark_ms_ += kWatermarkEveryMs;
}

void Timeline::SendFinalWatermarks() {
  for (const SourceClock& source : sources_) {
    if (!source.used) continue;
    watermarks_.push_back({source.source_id, std::nullopt,
                           last_happened_ms_ + kFinalWatermarkAheadMs + source.skew_ms});
  }
  ended_ = true;
}

bool Timeline::WatermarkOwed() const {
  return std::any_of(owed_.begin(), owed_.end(), [](int count) { return count > 0; });
}

}  // namespace vigie::simulator
