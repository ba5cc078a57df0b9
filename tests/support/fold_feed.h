// SPDX-License-Identifier: Apache-2.0
// Feeds a fold as the sequencer would, one block a call, and keeps the log it makes.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/fold.h"
#include "support/events.h"
#include "vigie/v1/registry_service.pb.h"

namespace vigie::support {

// Begins with the store in Europe/Paris and the baseline policy. Not thread-safe.
class FoldFeed {
 public:
  explicit FoldFeed(engine::Fold::Options options = {});

  // Time passes; what became due closes, and a tick says so.
  void Tick(int64_t recorded_at_ms);
  engine::Offer Offer(const Event& event, const std::string& source = "ehr");
  void Watermark(int64_t watermark_ms, const std::string& source = "ehr");
  void Append(vigie::store::v1::Record record);
  // Declares a source that can send everything.
  void Declare(const std::string& source,
               vigie::v1::Environment environment = vigie::v1::ENVIRONMENT_PRODUCTION);
  void Activate(const vigie::config::v1::Policy& policy);
  // Issued, shown, opened and accepted within a minute, the watermark far beyond.
  void WholeDecision(const std::string& id, int64_t at_ms);

  [[nodiscard]] engine::Fold& fold() { return fold_; }
  [[nodiscard]] int64_t now_ms() const { return now_ms_; }
  void SetNow(int64_t now_ms) { now_ms_ = now_ms; }
  // The decision as it is now; null when it is not in memory.
  [[nodiscard]] const engine::DecisionState* Find(const std::string& decision);
  // The cumulative tally of the organisation in the newest epoch.
  [[nodiscard]] const decision::Tally* OrganisationTally(bool test = false);

  // Stored blocks with the position each starts at.
  [[nodiscard]] const std::vector<std::pair<int64_t, std::string>>& blocks() const {
    return blocks_;
  }

 private:
  void Begin();
  void End();

  engine::NoViews views_;
  engine::Fold fold_;
  int64_t now_ms_ = kMorningMs;
  std::deque<engine::DecisionState> found_;
  vigie::store::v1::Block block_;
  std::vector<std::pair<int64_t, std::string>> blocks_;
};

// Rows by family and key, so that two folds can be compared byte by byte.
[[nodiscard]] std::map<std::pair<int, std::string>, std::string> RowsOf(engine::Fold& fold);

}  // namespace vigie::support
