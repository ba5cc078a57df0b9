// SPDX-License-Identifier: Apache-2.0
#include "outbox.h"

#include <algorithm>
#include <utility>

namespace vigie::client {
namespace {

// A watermark, a sequence and the envelopes around the events of a batch.
constexpr int kEnvelopeBytes = 64;

}  // namespace

Outbox::Outbox(const OutboxLimits& limits, int64_t first_sequence)
    : limits_(limits), next_sequence_(first_sequence), durable_sequence_(first_sequence - 1) {}

bool Outbox::HasRoomFor(int64_t bytes) const {
  return buffered_events() < limits_.max_events && buffered_bytes_ + bytes <= limits_.max_bytes;
}

bool Outbox::Add(v1::Event&& event, int64_t bytes) {
  if (next_sequence_++ <= durable_sequence_) return false;
  waiting_.push_back({std::move(event), bytes, std::nullopt});
  waiting_bytes_ += bytes;
  buffered_bytes_ += bytes;
  return true;
}

void Outbox::SetWatermark(int64_t watermark_ms) {
  if (waiting_.empty()) return RaiseLoneWatermark(watermark_ms);
  std::optional<int64_t>& last = waiting_.back().watermark_ms;
  if (!last.has_value()) ++waiting_watermarks_;
  last = std::max(last.value_or(watermark_ms), watermark_ms);
}

bool Outbox::IsEmpty() const {
  return in_flight_.empty() && waiting_.empty() && !lone_watermark_ms_.has_value();
}

bool Outbox::HasBatch() const {
  return lone_watermark_ms_.has_value() ? in_flight_.empty() : !waiting_.empty();
}

bool Outbox::HasFullBatch() const {
  if (lone_watermark_ms_.has_value()) return in_flight_.empty();
  return waiting_watermarks_ > 0 || std::ssize(waiting_) >= limits_.max_batch_events ||
         waiting_bytes_ + kEnvelopeBytes >= limits_.max_batch_bytes;
}

std::shared_ptr<const Batch> Outbox::TakeBatch() {
  if (!HasBatch()) return nullptr;
  auto batch = std::make_shared<Batch>();
  v1::EventBatch& content = *batch->request.mutable_batch();
  content.set_first_sequence(first_waiting());
  if (lone_watermark_ms_.has_value()) {
    content.set_watermark_ms(*std::exchange(lone_watermark_ms_, std::nullopt));
  } else {
    while (!waiting_.empty() && content.events_size() < limits_.max_batch_events &&
           !content.has_watermark_ms()) {
      Waiting& next = waiting_.front();
      const bool first = content.events_size() == 0;
      if (!first && batch->bytes + next.bytes + kEnvelopeBytes > limits_.max_batch_bytes) break;
      content.mutable_events()->Add(std::move(next.event));
      batch->bytes += next.bytes;
      if (next.watermark_ms.has_value()) content.set_watermark_ms(*next.watermark_ms);
      PopFrontWaiting();
    }
    buffered_bytes_ += batch->bytes;
  }
  in_flight_.push_back(batch);
  return batch;
}

int64_t Outbox::batches_in_flight() const { return std::ssize(in_flight_); }

const v1::Event* Outbox::Find(int64_t sequence) const {
  for (const std::shared_ptr<Batch>& batch : in_flight_) {
    if (sequence < batch->first_sequence() || sequence >= batch->end_sequence()) continue;
    const auto index = static_cast<int>(sequence - batch->first_sequence());
    return &batch->request.batch().events(index);
  }
  return nullptr;
}

int64_t Outbox::Acknowledge(int64_t durable_sequence) {
  if (in_flight_.empty()) return 0;
  const int64_t last_sent = in_flight_.back()->end_sequence() - 1;
  const int64_t before = durable_sequence_;
  durable_sequence_ = std::clamp(durable_sequence, before, std::max(before, last_sent));
  while (!in_flight_.empty() && in_flight_.front()->end_sequence() - 1 <= durable_sequence_) {
    PopFrontBatch();
  }
  return durable_sequence_ - before;
}

void Outbox::Rewind() {
  for (; !in_flight_.empty(); in_flight_.pop_back()) {
    v1::EventBatch& batch = *in_flight_.back()->request.mutable_batch();
    if (batch.has_watermark_ms() && batch.events().empty()) {
      RaiseLoneWatermark(batch.watermark_ms());
    }
    for (int i = batch.events_size() - 1; i >= 0; --i) {
      v1::Event& event = *batch.mutable_events(i);
      const auto bytes = BytesInBatch(event);
      waiting_.push_front({std::move(event), bytes, std::nullopt});
      waiting_bytes_ += bytes;
      if (i == batch.events_size() - 1 && batch.has_watermark_ms()) {
        waiting_.front().watermark_ms = batch.watermark_ms();
        ++waiting_watermarks_;
      }
    }
  }
}

std::optional<int64_t> Outbox::Resume(int64_t durable_sequence) {
  if (durable_sequence < durable_sequence_) return std::nullopt;
  int64_t spared = 0;
  while (!waiting_.empty() && first_waiting() <= durable_sequence) {
    if (first_waiting() > durable_sequence_) ++spared;
    // The event is on disk; that the watermark behind it is, nobody said.
    if (waiting_.front().watermark_ms.has_value()) {
      RaiseLoneWatermark(*waiting_.front().watermark_ms);
    }
    PopFrontWaiting();
  }
  durable_sequence_ = durable_sequence;
  return spared;
}

void Outbox::StartAnew() {
  durable_sequence_ = 0;
  next_sequence_ = std::ssize(waiting_) + 1;
}

void Outbox::LowerBatchLimits(int max_events, int max_bytes) {
  if (max_events > 0) limits_.max_batch_events = std::min(limits_.max_batch_events, max_events);
  if (max_bytes > 0) limits_.max_batch_bytes = std::min(limits_.max_batch_bytes, max_bytes);
}

int64_t Outbox::buffered_events() const {
  const int64_t first = in_flight_.empty() ? first_waiting() : in_flight_.front()->first_sequence();
  return next_sequence_ - first;
}

int64_t Outbox::first_waiting() const { return next_sequence_ - std::ssize(waiting_); }

void Outbox::PopFrontBatch() {
  buffered_bytes_ -= in_flight_.front()->bytes;
  in_flight_.pop_front();
}

void Outbox::PopFrontWaiting() {
  waiting_bytes_ -= waiting_.front().bytes;
  buffered_bytes_ -= waiting_.front().bytes;
  if (waiting_.front().watermark_ms.has_value()) --waiting_watermarks_;
  waiting_.pop_front();
}

void Outbox::RaiseLoneWatermark(int64_t watermark_ms) {
  lone_watermark_ms_ = std::max(lone_watermark_ms_.value_or(watermark_ms), watermark_ms);
}

int64_t BytesInBatch(const v1::Event& event) {
  const auto size = static_cast<int64_t>(event.ByteSizeLong());
  // A field tag of one byte or two and a length of at most three.
  return size + 5;
}

}  // namespace vigie::client
