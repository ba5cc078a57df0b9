// SPDX-License-Identifier: Apache-2.0
#include "engine/published.h"

#include <gtest/gtest.h>

namespace vigie::engine {
namespace {

TEST(PublishedTest, AReaderOfWhatIsPublishedAsksNobody) {
  Published published;
  bool asked = false;
  published.SetAsked([&asked] { asked = true; });
  published.AwaitAcknowledged(absl::InfiniteDuration());
  EXPECT_FALSE(asked);
}

// A query of an engine whose disk failed is answered, with what was published last.
TEST(PublishedTest, NobodyWaitsForWhatWillNotBePublished) {
  Published published;
  published.Acknowledge(1);
  published.End();
  published.AwaitAcknowledged(absl::InfiniteDuration());
  EXPECT_EQ(published.Read([](const PublishedState& state) { return state.as_of; }), 0);
}

TEST(PublishedTest, AReaderAsksForWhatIsAcknowledgedAndNotYetPublished) {
  Published published;
  published.Acknowledge(1);
  // Asked on the reader's thread, which waits for the answer only afterwards.
  published.SetAsked([&published] { published.End(); });
  published.AwaitAcknowledged(absl::InfiniteDuration());
}

}  // namespace
}  // namespace vigie::engine
