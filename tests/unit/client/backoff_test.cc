// SPDX-License-Identifier: Apache-2.0
#include "backoff.h"

#include <gtest/gtest.h>

namespace vigie::client {
namespace {

TEST(Backoff, DoublesUpToItsLastPause) {
  Backoff backoff(absl::Milliseconds(100), absl::Milliseconds(400));
  for (const int most_ms : {100, 200, 400, 400}) {
    const absl::Duration pause = backoff.Next(absl::ZeroDuration());
    EXPECT_LE(pause, absl::Milliseconds(most_ms));
    EXPECT_GE(pause, absl::Milliseconds(most_ms) / 2);
  }
}

TEST(Backoff, NeverReturnsBeforeTheServerAskedFor) {
  Backoff backoff(absl::Milliseconds(1), absl::Milliseconds(4));
  EXPECT_GE(backoff.Next(absl::Seconds(3)), absl::Seconds(3));
}

TEST(Backoff, StartsAnewWhenTheConnectionWorks) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(10));
  for (int i = 0; i < 5; ++i) (void)backoff.Next(absl::ZeroDuration());
  backoff.Reset();
  EXPECT_LE(backoff.Next(absl::ZeroDuration()), absl::Milliseconds(100));
}

TEST(IsPermanent, IsFalseForWhatPasses) {
  for (const grpc::StatusCode code :
       {grpc::UNAVAILABLE, grpc::ABORTED, grpc::RESOURCE_EXHAUSTED, grpc::OUT_OF_RANGE,
        grpc::INTERNAL, grpc::CANCELLED, grpc::DEADLINE_EXCEEDED, grpc::OK}) {
    EXPECT_FALSE(IsPermanent(code)) << code;
  }
}

}  // namespace
}  // namespace vigie::client
