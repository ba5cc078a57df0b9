// SPDX-License-Identifier: Apache-2.0
// What `replay` and `simulate` share: pace, refusals, waiting for acknowledgements, the last line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "session.h"
#include "vigie/publisher.h"

namespace vigie::cli {

// A server that acknowledges nothing for this long is given up.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// Spaces what is sent evenly. One thread.
class Pace {
 public:
  // `rate` is `max`, empty (the same) or a number a second over 0.
  [[nodiscard]] static absl::StatusOr<Pace> Parse(const std::string& rate);
  // Waits until the next one may go.
  void AwaitTurn();

 private:
  explicit Pace(double per_second) : per_second_(per_second) {}
  double per_second_;  // 0 = no limit.
  int64_t count_ = 0;
  absl::Time began_ = absl::InfinitePast();
};

// Keeps the first refusals, to be shown at the end. Any thread.
class Refusals {
 public:
  void Note(const RefusedEvent& refused);
  // Writes to standard error what was refused and why; `where` names the place of an event.
  void Print(const std::function<std::string(const RefusedEvent&)>& where) const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<RefusedEvent> first_ ABSL_GUARDED_BY(mutex_);
  int64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Sends one event, waiting for room while the server makes progress; UNAVAILABLE when it makes
// none for kPatience.
[[nodiscard]] absl::Status Send(Publisher& publisher, v1::Event event);

// Waits until all is acknowledged, and reports how many are every tenth of a second; UNAVAILABLE
// when the server makes no progress for kPatience.
[[nodiscard]] absl::Status AwaitAll(const std::vector<Publisher*>& publishers,
                                    const std::function<void(int64_t acknowledged)>& report);

// Sums over publishers.
[[nodiscard]] PublisherStats Total(const std::vector<Publisher*>& publishers);

// Writes the last line of a feed, and returns the exit code that it deserves.
[[nodiscard]] ExitCode Conclude(const Session& session, const PublisherStats& stats,
                                int64_t invalid_count);

}  // namespace vigie::cli
