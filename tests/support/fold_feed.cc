// SPDX-License-Identifier: Apache-2.0
#include "support/fold_feed.h"

#include "gtest/gtest.h"
#include "store/block.h"
#include "store/digest.h"
#include "store/keys.h"
#include "support/baseline_policy.h"

namespace vigie::support {
namespace {

namespace sv = vigie::store::v1;

constexpr int64_t kMinuteMs = 60'000;

}  // namespace

FoldFeed::FoldFeed(engine::Fold::Options options) : fold_(&views_, options) {
  sv::Record created;
  created.mutable_store_created()->set_store_id("0123456789abcdef");
  created.mutable_store_created()->set_time_zone("Europe/Paris");
  Append(std::move(created));
  static const auto baseline = BaselinePolicy();  // Reading it takes longer than most folds.
  Activate(baseline);
}

void FoldFeed::Begin() {
  block_.Clear();
  block_.set_first_position(fold_.cursor().position() + 1);
  block_.set_recorded_at_ms(now_ms_);
  block_.set_previous_sha256(fold_.cursor().block_sha256());
  const auto closed = fold_.BeginBlock(now_ms_);
  ASSERT_TRUE(closed.ok()) << closed.status();
  if (*closed) {
    block_.add_records()->mutable_tick();
    ASSERT_TRUE(fold_.ApplyRecord(block_.records(0), block_.first_position()).ok());
  }
}

void FoldFeed::End() {
  if (block_.records().empty()) return;
  const std::string bytes = store::EncodeBlock(block_);
  fold_.EndBlock(block_.first_position() + block_.records_size() - 1, store::Sha256(bytes));
  blocks_.emplace_back(block_.first_position(), bytes);
}

void FoldFeed::Tick(int64_t recorded_at_ms) {
  now_ms_ = recorded_at_ms;
  Begin();
  End();
}

engine::Offer FoldFeed::Offer(const Event& event, const std::string& source) {
  Begin();
  Event content = event;
  content.clear_sent_at_ms();
  const std::string bytes = content.SerializeAsString();
  auto facts = engine::ReadFacts(bytes);
  if (!facts.has_value()) {
    ADD_FAILURE() << "not an event: " << event.ShortDebugString();
    return {};
  }
  const auto offer =
      fold_.OfferEvent({.event = &*facts,
                        .source_id = source,
                        .event_hash = store::StableHash(event.event_id()),
                        .content_hash = store::StableHash(bytes),
                        .sent_at_ms = event.sent_at_ms(),
                        .position = block_.first_position() + block_.records_size()});
  EXPECT_TRUE(offer.ok()) << offer.status();
  if (offer.ok() && offer->fate == vigie::v1::EVENT_FATE_RECORDED) {
    auto* recorded = block_.add_records()->mutable_event();
    recorded->set_event(bytes);
    recorded->set_source_id(source);
    if (event.sent_at_ms() != 0) {
      recorded->set_sent_after_ms(event.sent_at_ms() - event.occurred_at_ms());
    }
  }
  End();
  return offer.value_or(engine::Offer{});
}

void FoldFeed::Append(sv::Record record) {
  Begin();
  const int64_t position = block_.first_position() + block_.records_size();
  ASSERT_TRUE(fold_.ApplyRecord(record, position).ok());
  *block_.add_records() = std::move(record);
  End();
}

void FoldFeed::Watermark(int64_t watermark_ms, const std::string& source) {
  sv::Record record;
  record.mutable_watermark()->set_source_id(source);
  record.mutable_watermark()->set_watermark_ms(watermark_ms);
  Append(std::move(record));
}

void FoldFeed::Declare(const std::string& source, vigie::v1::Environment environment) {
  sv::Record record;
  record.mutable_source()->set_source_id(source);
  record.mutable_source()->set_environment(environment);
  for (int kind = vigie::v1::PAYLOAD_KIND_ISSUED; kind <= vigie::v1::PAYLOAD_KIND_UNAIDED_DECISION;
       ++kind) {
    record.mutable_source()->add_payloads(static_cast<vigie::v1::PayloadKind>(kind));
  }
  Append(std::move(record));
}

void FoldFeed::Activate(const vigie::config::v1::Policy& policy) {
  sv::Record record;
  *record.mutable_policy_activated()->mutable_policy() = policy;
  record.mutable_policy_activated()->set_sha256(policy::Sha256OfPolicy(policy));
  Append(std::move(record));
}

void FoldFeed::WholeDecision(const std::string& id, int64_t at_ms) {
  Offer(IssuedAt(id, at_ms));
  Offer(ShownAt(id, at_ms + 1'000));
  Offer(OpenedAt(id, at_ms + 2'000));
  Offer(DecidedAt(id, at_ms + kMinuteMs));
  Watermark(at_ms + 60 * kMinuteMs);
}

const engine::DecisionState* FoldFeed::Find(const std::string& decision) {
  auto found = fold_.FindInMemory({.organisation = fold_.names().Find("hospital"),
                                   .space = store::IdSpace::kDecision,
                                   .id = decision});
  return found.has_value() ? &found_.emplace_back(*std::move(found)) : nullptr;
}

const decision::Tally* FoldFeed::OrganisationTally(bool test) {
  return fold_.FindTally({.epoch = static_cast<int32_t>(fold_.epochs().size()),
                          .scope = {.organisation = fold_.names().Find("hospital"), .test = test},
                          .period = {}});
}

std::map<std::pair<int, std::string>, std::string> RowsOf(engine::Fold& fold) {
  std::map<std::pair<int, std::string>, std::string> rows;
  for (const store::ViewChange& change : fold.TakeChanges()) {
    rows[std::pair(static_cast<int>(change.family), change.key)] = change.value.value_or("deleted");
  }
  return rows;
}

}  // namespace vigie::support
