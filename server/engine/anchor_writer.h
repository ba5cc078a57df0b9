// SPDX-License-Identifier: Apache-2.0
// Keeping the anchor while turns go on.
#pragma once

#include <cstdint>
#include <future>

#include "absl/status/status.h"
#include "store/store.h"
#include "vigie/store/v1/view.pb.h"

namespace vigie::engine {

// Writes at most once a second how far the log is, on a thread of its own. All calls are the
// sequencer's.
class AnchorWriter {
 public:
  static constexpr int64_t kEveryMs = 1000;

  // Not in the background: Keep itself writes. The store must outlive it.
  AnchorWriter(store::Store* store, bool in_background)
      : store_(store), in_background_(in_background) {}

  // The first one is due a second later.
  void Start(int64_t now_ms) { last_ms_ = now_ms; }
  // Begins to write where the log is, if that is due and none is under way; `forced` waits until it
  // is written. The error is that of this one or of the one before.
  [[nodiscard]] absl::Status Keep(const vigie::store::v1::Cursor& cursor, int64_t now_ms,
                                  bool forced);

 private:
  store::Store* const store_;
  const bool in_background_;
  int64_t last_ms_ = 0;
  int64_t position_ = 0;
  std::future<absl::Status> writing_;  // Its destructor waits.
};

}  // namespace vigie::engine
