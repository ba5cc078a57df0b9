// SPDX-License-Identifier: Apache-2.0
// The simulation itself: it is repeatable, and it finds what is broken on purpose.
#include "simulation/simulation.h"

#include <cctype>
#include <string>

#include "gtest/gtest.h"
#include "simulation/scratch.h"

namespace vigie::simulation {
namespace {

// Enough for every broken rule to matter; the slowest needs ten.
constexpr uint64_t kSeedsToNotice = 40;

// The first difference within the seeds; empty = none.
std::string FirstDifference(SimulationOptions options) {
  const Scratch scratch;
  for (options.seed = 1; options.seed <= kSeedsToNotice; ++options.seed) {
    const SimulationResult result = Simulate(options);
    if (!result.failure.has_value()) continue;
    return "seed " + std::to_string(options.seed) + " commit " +
           std::to_string(result.failure->commit) + ": " + result.failure->what;
  }
  return {};
}

TEST(Simulation, TheSameSeedGivesTheSameLogBytes) {
  std::string before;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    std::string digests[2];
    for (std::string& digest : digests) {
      const Scratch scratch;
      const SimulationResult result = Simulate({.seed = seed});
      ASSERT_FALSE(result.failure.has_value()) << result.failure->what;
      digest = result.log_sha256;
    }
    EXPECT_EQ(digests[0], digests[1]) << "seed " << seed;
    EXPECT_NE(digests[0], before) << "seed " << seed << " is no other life than the one before";
    before = digests[0];
  }
}

TEST(Simulation, FindsADiskThatAcknowledgesBeforeItSyncs) {
  EXPECT_NE(FirstDifference({.sabotage = Sabotage::kNoSync}), "");
}

TEST(Simulation, FindsOneChangedByteOfOneView) {
  EXPECT_NE(FirstDifference({.sabotage = Sabotage::kChangeOneView}), "");
}

class AModelWithOneWrongRule : public testing::TestWithParam<NamedMutation> {};

TEST_P(AModelWithOneWrongRule, IsFound) {
  const std::string difference = FirstDifference({.mutation = GetParam().mutation});
  EXPECT_NE(difference, "");
  std::printf("%s\n", difference.c_str());
}

INSTANTIATE_TEST_SUITE_P(Simulation, AModelWithOneWrongRule, testing::ValuesIn(kMutations),
                         [](const testing::TestParamInfo<NamedMutation>& tested) {
                           std::string name(tested.param.name);
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace vigie::simulation
