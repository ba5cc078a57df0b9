// SPDX-License-Identifier: Apache-2.0
#include "oversight/egress.h"

#include <utility>

#include "engine/codec.h"
#include "privacy/suppression.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

using decision::PeriodKey;
using decision::ScopeKey;

constexpr int kDaysOfWeek = 7;

}  // namespace

std::shared_ptr<const decision::Tally> Egress::FindTally(const engine::TallyId& id) const {
  if (id.period.kind == vigie::v1::PERIOD_KIND_QUARTER) {
    auto sum = std::make_shared<decision::Tally>();
    for (const PeriodKey& month : decision::MonthsOf(id.period)) {
      sum->Merge(*FindTally({.epoch = id.epoch, .scope = id.scope, .period = month}));
    }
    return sum;
  }
  // Read under the lock of the published state, so that a tally cannot leave memory between.
  return published_->Read([&](const engine::PublishedState& state) {
    auto tally = state.Tally(id);
    if (tally != nullptr) return tally;
    const auto row = store_->newest().Get(store::Family::kTallies,
                                          store::TallyKey(id.epoch, id.scope, id.period));
    if (row.ok() && row->has_value()) {
      auto decoded = engine::DecodeTally(**row);
      if (decoded.ok()) return std::make_shared<const decision::Tally>(*std::move(decoded));
    }
    return std::make_shared<const decision::Tally>();
  });
}

// Whether a day's figures would follow from its week: another day of the week is small, and this
// is the smallest of the others.
bool Egress::DayIsExposed(int32_t epoch, const ScopeKey& scope, const PeriodKey& day,
                          int64_t minimum) const {
  const absl::CivilDay first = absl::CivilDay(1970, 1, 1) + day.first_day;
  const PeriodKey week = decision::PeriodHolding(vigie::v1::PERIOD_KIND_WEEK, first);
  std::vector<privacy::Cell> cells(1);
  cells[0].count = FindTally({.epoch = epoch, .scope = scope, .period = week})->closed;
  size_t asked = 0;
  for (int32_t i = 0; i < kDaysOfWeek; ++i) {
    const PeriodKey part = {vigie::v1::PERIOD_KIND_DAY, week.first_day + i};
    const int64_t count = FindTally({.epoch = epoch, .scope = scope, .period = part})->closed;
    if (count == 0) continue;
    if (part == day) asked = cells.size();
    // The days stand in for systems of one whole: the same subtraction.
    cells.push_back({.scope = {.system = i + 1}, .count = count});
  }
  return asked != 0 && privacy::Suppress(cells, minimum)[asked] != vigie::v1::SUPPRESSION_NONE;
}

std::shared_ptr<const Disclosure> Egress::Decide(int32_t epoch, const PeriodKey& period) {
  struct Asked {
    int64_t as_of = 0;
    int64_t minimum = 0;
    bool present = false;
    std::vector<ScopeKey> scopes;
  };
  const Asked asked = published_->Read([&](const engine::PublishedState& state) {
    Asked found{.as_of = state.as_of, .present = epoch == state.epoch(), .scopes = state.scopes};
    if (epoch >= 1 && epoch <= state.epoch()) {
      found.minimum = state.epochs[static_cast<size_t>(epoch) - 1]
                          .activated()
                          .policy()
                          .disclosure()
                          .minimum_cell_count();
    }
    return found;
  });
  const bool kept = asked.present && period.kind == vigie::v1::PERIOD_KIND_CUMULATIVE;
  if (kept) {
    const absl::MutexLock lock(&mutex_);
    if (cumulative_.as_of == asked.as_of) return cumulative_.disclosure;
  }
  std::vector<privacy::Cell> cells;
  for (const ScopeKey& scope : asked.scopes) {
    const auto tally = FindTally({.epoch = epoch, .scope = scope, .period = period});
    if (tally->closed > 0) cells.push_back({.scope = scope, .count = tally->closed});
  }
  const auto suppressed = privacy::Suppress(cells, asked.minimum);
  auto disclosure = std::make_shared<Disclosure>();
  for (size_t i = 0; i < cells.size(); ++i) {
    auto why = suppressed[i];
    if (why == vigie::v1::SUPPRESSION_NONE && period.kind == vigie::v1::PERIOD_KIND_DAY &&
        DayIsExposed(epoch, cells[i].scope, period, asked.minimum)) {
      why = vigie::v1::SUPPRESSION_COMPLEMENTARY;
    }
    disclosure->suppression.emplace(cells[i].scope, why);
  }
  if (kept) {
    const absl::MutexLock lock(&mutex_);
    cumulative_ = {.as_of = asked.as_of, .disclosure = disclosure};
  }
  return disclosure;
}

}  // namespace vigie::oversight
