// SPDX-License-Identifier: Apache-2.0
#include "simulator/unit_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace vigie::simulator {
namespace {

constexpr int64_t kLeastBatchItems = 20;
constexpr int64_t kMostBatchItems = 40;
constexpr int64_t kBatchCollectsMs = 25 * kMinuteMs;
constexpr int64_t kLeastStaff = 6;
constexpr int64_t kDecisionsPerShift = 30;  // Of one person, in a large unit.

// Items of the next batch, so that no batch of a large enough unit falls below the least size.
int64_t BatchSize(int64_t left_count, Random& random) {
  const int64_t drawn = random.Between(kLeastBatchItems, kMostBatchItems);
  if (left_count <= kMostBatchItems) return left_count;
  return left_count - drawn >= kLeastBatchItems ? drawn : left_count / 2;
}

}  // namespace

UnitStream::UnitStream(UnitSetting setting, size_t unit_index, int64_t working_days)
    : setting_(std::move(setting)),
      working_days_(working_days),
      random_(setting_.options.seed, unit_index + 1) {
  Hire();
  Advance();
}

void UnitStream::Generate(std::vector<Happening>& out) {
  if (setting_.plan.habit == Habit::kBulk) {
    GenerateBatch(out);
  } else {
    const size_t version = 2 * written_count_ >= setting_.plan.decision_count ? 1 : 0;
    DecisionScript(setting_, setting_.system->versions.at(version), random_, out).Write(next_);
    ++written_count_;
  }
  Advance();
}

void UnitStream::GenerateBatch(std::vector<Happening>& out) {
  const int64_t left_count = setting_.plan.decision_count - written_count_;
  const int64_t size = BatchSize(left_count, random_);
  const size_t version = 2 * written_count_ >= setting_.plan.decision_count ? 1 : 0;
  const std::string batch_id = absl::StrCat("b-", random_.Hex128());
  const int64_t signed_at_ms = next_.at_ms + kBatchCollectsMs + random_.Between(0, 10 * kMinuteMs);
  const vigie::v1::Actor& actor = setting_.staff.at(random_.Index(setting_.staff.size()));
  for (int64_t i = 0; i < size; ++i) {
    DecisionScript script(setting_, setting_.system->versions.at(version), random_, out);
    script.WriteBatchItem(next_.at_ms + random_.Between(0, kBatchCollectsMs - kMinuteMs),
                          signed_at_ms, actor, batch_id, static_cast<int>(size));
  }
  written_count_ += size;
}

void UnitStream::Advance() {
  if (written_count_ >= setting_.plan.decision_count) {
    next_.at_ms = kNever;
    return;
  }
  const double ratio = (static_cast<double>(written_count_) + random_.Uniform()) /
                       static_cast<double>(setting_.plan.decision_count);
  next_ = MomentAt(ratio, working_days_, setting_.options.start_ms);
}

void UnitStream::Hire() {
  const int64_t needed = setting_.plan.decision_count / (working_days_ * kDecisionsPerShift);
  const int64_t pairs = (std::max(kLeastStaff, needed) + 1) / 2;
  for (int64_t i = 0; i < 2 * pairs; ++i) {
    vigie::v1::Actor& actor = setting_.staff.emplace_back();
    actor.set_id(absl::StrCat("c-", random_.Hex128().substr(0, 12)));
    actor.set_role(std::string(setting_.system->roles.at(i % 3 == 2 ? 1 : 0)));
  }
}

}  // namespace vigie::simulator
