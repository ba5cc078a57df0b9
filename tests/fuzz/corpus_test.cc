// SPDX-License-Identifier: Apache-2.0
// Every input kept under corpus/, in every build: what the fuzzer found once stays mended.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/targets.h"
#include "gtest/gtest.h"

namespace vigie::fuzz {
namespace {

// Ends the program at the first input whose claims do not hold; the trace names it.
void Hold(const std::string& name, void (*target)(std::string_view)) {
  int inputs = 0;
  for (const auto& file : std::filesystem::directory_iterator(VIGIE_FUZZ_CORPUS "/" + name)) {
    SCOPED_TRACE(file.path());
    std::ifstream in(file.path(), std::ios::binary);
    target(std::string(std::istreambuf_iterator<char>(in), {}));
    ++inputs;
  }
  EXPECT_GT(inputs, 0) << "no input is kept for " << name;
}

TEST(FuzzCorpus, EventsAreRefusedWithTheirFieldOrRecordedWhole) { Hold("event", FuzzEvent); }

TEST(FuzzCorpus, DamagedBlocksAreNeverTakenForOthers) { Hold("block", FuzzBlock); }

TEST(FuzzCorpus, PoliciesAreRefusedWithTheirPlaceOrReadAgainAlike) { Hold("policy", FuzzPolicy); }

TEST(FuzzCorpus, ConfigurationsAreRefusedWithTheirPlaceOrUsable) {
  Hold("configuration", FuzzConfiguration);
}

TEST(FuzzCorpus, LogsFoldToTheSameRowsWhereverTheyAreInterrupted) { Hold("fold", FuzzFold); }

}  // namespace
}  // namespace vigie::fuzz
