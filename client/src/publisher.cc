// SPDX-License-Identifier: Apache-2.0
#include "vigie/publisher.h"

#include <utility>

#include "absl/time/clock.h"
#include "courier.h"

namespace vigie {
namespace {

// The daemon learns this machine's clock skew from it. Not part of the event's content.
void Stamp(v1::Event& event) {
  if (event.sent_at_ms() == 0) event.set_sent_at_ms(absl::ToUnixMillis(absl::Now()));
}

}  // namespace

Publisher::Publisher(const std::shared_ptr<grpc::ChannelInterface>& channel,
                     PublisherOptions options)
    : courier_(std::make_unique<client::Courier>(channel, std::move(options))) {}

Publisher::~Publisher() = default;

absl::Status Publisher::Publish(v1::Event&& event) {
  Stamp(event);
  return courier_->Publish(std::move(event));
}

absl::Status Publisher::Publish(const v1::Event& event) { return Publish(v1::Event(event)); }

absl::Status Publisher::PublishOrWait(v1::Event&& event, absl::Time deadline) {
  Stamp(event);
  return courier_->PublishOrWait(std::move(event), deadline);
}

absl::Status Publisher::SetWatermark(int64_t watermark_ms) {
  return courier_->SetWatermark(watermark_ms);
}

absl::Status Publisher::Flush(absl::Time deadline) { return courier_->Flush(deadline); }

absl::Status Publisher::Close(absl::Time deadline) { return courier_->Close(deadline); }

PublisherStats Publisher::Stats() const { return courier_->Stats(); }

std::string Publisher::SourceIncarnation() const { return courier_->SourceIncarnation(); }

}  // namespace vigie
