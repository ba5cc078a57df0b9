// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/engine.h"
#include "engine/fold.h"
#include "engine/validate.h"
#include "fuzz/require.h"
#include "fuzz/targets.h"
#include "support/baseline_policy.h"
#include "support/events.h"
#include "support/fold_feed.h"
#include "support/memory_views.h"

namespace vigie::fuzz {
namespace {

using support::Event;
using support::FoldFeed;
using support::MemoryViews;

constexpr int kMaxSteps = 64;
constexpr int64_t kSecondMs = 1'000;
constexpr int64_t kMinuteMs = 60 * kSecondMs;
// Small, so that later scopes fold into `_other`.
engine::Fold::Options SmallLimits() { return {.max_scopes = 6, .max_quarantined_events = 2}; }

// Reads the input as small numbers; 0 when it has ended.
class Numbers {
 public:
  explicit Numbers(std::string_view input) : left_(input) {}
  [[nodiscard]] bool Ended() const { return left_.empty(); }
  // 0 to most, of one byte.
  int Upto(int most) {
    if (left_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return byte % (most + 1);
  }

 private:
  std::string_view left_;
};

const char* Code(Numbers& numbers) {
  constexpr std::array kCodes = {"A", "B"};
  return kCodes[static_cast<size_t>(numbers.Upto(1))];
}

void PutPayload(Numbers& numbers, Event& event) {
  using namespace vigie::v1;  // Enumerators.
  switch (numbers.Upto(14)) {
    case 0:
      event.mutable_issued()->add_suggestions()->set_code(Code(numbers));
      if (numbers.Upto(3) == 0) event.mutable_issued()->add_derived_from_decision_ids("d1");
      return;
    case 1:
      event.mutable_shown();
      return;
    case 2:
      event.mutable_opened();
      return;
    case 3:
      event.mutable_active_segment()->set_start_ms(event.occurred_at_ms() - kMinuteMs);
      event.mutable_active_segment()->set_length_ms(numbers.Upto(255) * kSecondMs);
      return;
    case 4:
      event.mutable_evidence_opened()->set_kind(EVIDENCE_KIND_RECORD);
      event.mutable_evidence_opened()->set_origin(EVIDENCE_ORIGIN_INDEPENDENT);
      if (numbers.Upto(1) == 0) event.mutable_evidence_opened()->set_batch_id("batch");
      return;
    case 5:
      event.mutable_initial_judgement()->add_codes()->set_code(Code(numbers));
      event.mutable_initial_judgement()->set_timing(JUDGEMENT_TIMING_BEFORE_DISPLAY);
      return;
    case 6:
      event.mutable_edited()->set_changed_permille(numbers.Upto(255));
      event.mutable_edited()->set_manner(EDIT_MANNER_REFINING);
      return;
    case 7:
      event.mutable_applied()->add_codes()->set_code(Code(numbers));
      event.mutable_applied()->set_applied_by(static_cast<EffectCause>(1 + numbers.Upto(3)));
      return;
    case 8:
      event.mutable_telemetry_gap()->set_missing(static_cast<PayloadKind>(1 + numbers.Upto(19)));
      return;
    case 9:
      event.mutable_voided()->set_voided_event_id(
          absl::StrCat(event.decision_id(), "/", numbers.Upto(3)));
      return;
    case 10:
      event.mutable_truth_established()->add_codes()->set_code(Code(numbers));
      event.mutable_truth_established()->set_origin(static_cast<TruthOrigin>(1 + numbers.Upto(3)));
      return;
    case 11:
      event.mutable_expert_reviewed()->set_finding(static_cast<ExpertFinding>(1 + numbers.Upto(1)));
      return;
    case 12:
      event.mutable_reversed();
      return;
    default:
      event.mutable_decided()->set_outcome(static_cast<DecisionOutcome>(1 + numbers.Upto(6)));
      event.mutable_decided()->add_final_codes()->set_code(Code(numbers));
      if (numbers.Upto(3) == 0) event.mutable_decided()->set_batch_id("batch");
  }
}

void OfferEvent(Numbers& numbers, FoldFeed& feed) {
  const std::string decision = absl::StrCat("d", numbers.Upto(3));
  const int64_t at_ms = feed.now_ms() - numbers.Upto(255) * kSecondMs;
  Event event = support::AnEvent(decision, absl::StrCat(numbers.Upto(3)), at_ms);
  if (numbers.Upto(1) == 1) event.set_unit_id(absl::StrCat("unit-", numbers.Upto(3)));
  if (numbers.Upto(3) == 1) event.set_system_version(absl::StrCat("v", numbers.Upto(1)));
  PutPayload(numbers, event);
  static const engine::Validator validator("hospital", {});
  if (validator.Check(event, feed.now_ms()).has_value()) return;
  if (numbers.Upto(1) == 1) {
    event.mutable_actor()->set_pseudonym(std::string(16, static_cast<char>('a' + numbers.Upto(1))));
  }
  constexpr std::array kSources = {"ehr", "pacs", "undeclared"};
  feed.Offer(event, kSources[static_cast<size_t>(numbers.Upto(2))]);
}

void TakeStep(Numbers& numbers, FoldFeed& feed) {
  switch (numbers.Upto(15)) {
    case 0:
      return feed.Tick(feed.now_ms() + numbers.Upto(255) * kSecondMs);
    case 1:
      return feed.Tick(feed.now_ms() + numbers.Upto(255) * 360 * kMinuteMs);
    case 2:
    case 3:
      return feed.Watermark(feed.now_ms() - numbers.Upto(7) * kMinuteMs,
                            numbers.Upto(1) == 0 ? "ehr" : "pacs");
    case 4: {
      static const auto baseline = support::BaselinePolicy();
      auto policy = baseline;
      policy.set_version(absl::StrCat("fuzzed-", numbers.Upto(3)));
      policy.mutable_closing()->set_settle_delay_ms(numbers.Upto(4) * kMinuteMs);
      return feed.Activate(policy);
    }
    case 5: {
      vigie::store::v1::Record record;
      record.mutable_refused_event()->set_source_id("ehr");
      record.mutable_refused_event()->set_event("kept");
      return feed.Append(record);
    }
    default:
      return OfferEvent(numbers, feed);
  }
}

// The rows after a log, with the fold let go and loaded after each block that `restarts` tells.
// The rows of a log, folded with restarts between its blocks, and with flushes during which blocks
// are folded.
MemoryViews::Rows RowsAfter(const FoldFeed& feed, Numbers choices) {
  MemoryViews views;
  auto fold = std::make_unique<engine::Fold>(&views, SmallLimits());
  std::optional<engine::Fold::Flush> flush;
  const auto end_flush = [&] {
    if (!flush.has_value()) return;
    engine::Fold::AddRows(*flush);
    views.ApplyRows(flush->Rows());
    fold->EndFlush(*std::exchange(flush, std::nullopt));
  };
  for (const auto& [first_position, bytes] : feed.blocks()) {
    Require(engine::FoldBlock(first_position, bytes, *fold).ok(), "a log that was made folds");
    switch (choices.Upto(3)) {
      case 1:
        end_flush();
        views.Apply(fold->TakeChanges());
        fold = std::make_unique<engine::Fold>(&views, SmallLimits());
        Require(fold->Load().ok(), "rows that were written load");
        break;
      case 2:
        if (!flush.has_value()) flush = fold->BeginFlush();
        break;
      case 3:
        end_flush();
        break;
      default:
        break;
    }
  }
  end_flush();
  views.Apply(fold->TakeChanges());
  return views.rows();
}

}  // namespace

void FuzzFold(std::string_view input) {
  FoldFeed feed(SmallLimits());
  feed.Declare("ehr");
  feed.Declare("pacs");
  Numbers numbers(input);
  for (int step = 0; step < kMaxSteps && !numbers.Ended(); ++step) TakeStep(numbers, feed);
  MemoryViews live;
  live.Apply(feed.fold().TakeChanges());
  const MemoryViews::Rows whole = RowsAfter(feed, Numbers(""));
  Require(live.rows() == whole, "the log gives the rows again");
  Require(RowsAfter(feed, Numbers(input)) == whole, "restarts and flushes change no row");
}

}  // namespace vigie::fuzz
