// SPDX-License-Identifier: Apache-2.0
// What a source does in a while, and what it was promised.
#pragma once

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "support/events.h"
#include "support/fresh_fold.h"
#include "support/running_engine.h"

namespace vigie::support {

// The events that a source need not send again. Not thread-safe.
class Promises {
 public:
  // Opens the engine, sends, closes it: some decisions close, views and anchor are written.
  // Whether everything was acknowledged. From the first failure on nothing may be.
  bool RunSession(RunningEngine& running, const std::string& name) {
    constexpr int kBatches = 6;
    if (!running.Open().ok()) return false;
    bool failed = false;
    for (int batch = 0; batch < kBatches; ++batch) {
      const int64_t now_ms = running.clock().NowMs();
      const std::string id = absl::StrCat(name, "-", batch);
      const engine::Receipt receipt =
          running.Send({IssuedAt(id, now_ms), ShownAt(id, now_ms), OpenedAt(id, now_ms),
                        DecidedAt(id, now_ms), TruthAt(id, now_ms, "A")});
      if (receipt.status.ok()) {
        EXPECT_FALSE(failed) << "acknowledged after a failure";
        for (const char* event : {"issued", "shown", "opened", "decided"}) {
          promised_.insert(absl::StrCat(id, "/", event));
        }
      }
      failed |= !receipt.status.ok();
      running.clock().Advance(45'000);  // Views and anchor are due, and soon what was decided.
    }
    running.Close();
    return !failed;
  }

  // How many of them the log lacks.
  [[nodiscard]] int CountLost(const store::Store& store) const {
    const auto recorded = RecordedEvents(store);
    EXPECT_TRUE(recorded.ok()) << recorded.status();
    int lost = 0;
    for (const std::string& event : promised_) lost += recorded->contains(event) ? 0 : 1;
    return lost;
  }

  // All of them stand in the log, no event twice, and the views are those of the log.
  [[nodiscard]] testing::AssertionResult AreKept(const store::Store& store) const {
    if (const int lost = CountLost(store); lost > 0) {
      return testing::AssertionFailure()
             << lost << " of " << promised_.size() << " acknowledged events are lost";
    }
    const auto recorded = RecordedEvents(store);
    for (const auto& [event, times] : *recorded) {
      if (times > 1) return testing::AssertionFailure() << event << " stands there twice";
    }
    return ViewsEqualAFreshFold(store);
  }

  [[nodiscard]] size_t size() const { return promised_.size(); }

 private:
  std::set<std::string> promised_;
};

}  // namespace vigie::support
