// SPDX-License-Identifier: Apache-2.0
// engine_simulation [--seeds N] [--seed S] [--break RULE]: simulated lives of the engine, one a
// seed. Without --seeds 500, or 5,000 where VIGIE_FULL is set; with --seed only that one.
//
// Prints one line: what was simulated, or `seed S commit C: what` for the first life in which
// engine and model disagree, and exits with 1.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "simulation/mutation.h"
#include "simulation/scratch.h"
#include "simulation/simulation.h"

namespace vigie::simulation {
namespace {

constexpr uint64_t kSeeds = 500;
constexpr uint64_t kFullSeeds = 5000;

struct Arguments {
  uint64_t first = 1;
  uint64_t last = kSeeds;
  Mutation mutation = Mutation::kNone;
};

std::optional<uint64_t> NumberOf(const char* text) {
  char* end = nullptr;
  const uint64_t number = std::strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0' || number == 0) return std::nullopt;
  return number;
}

std::optional<Arguments> Parse(int argc, char** argv) {
  Arguments arguments;
  if (std::getenv("VIGIE_FULL") != nullptr) arguments.last = kFullSeeds;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    const auto number = NumberOf(argv[i + 1]);
    if (option == "--seeds" && number.has_value()) {
      arguments.last = *number;
    } else if (option == "--seed" && number.has_value()) {
      arguments.first = arguments.last = *number;
    } else if (option == "--break") {
      for (const NamedMutation& named : kMutations) {
        if (named.name == argv[i + 1]) arguments.mutation = named.mutation;
      }
      if (arguments.mutation == Mutation::kNone) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  if (argc % 2 == 0) return std::nullopt;
  return arguments;
}

int Run(const Arguments& arguments) {
  const Scratch scratch;
  // Crashes make the engine say why it ends; here they are expected.
  if (std::freopen("/dev/null", "w", stderr) == nullptr) return 1;
  const auto started = std::chrono::steady_clock::now();
  SimulationResult sum;
  for (uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
    const SimulationResult result = Simulate({.seed = seed, .mutation = arguments.mutation});
    if (result.failure.has_value()) {
      std::printf("seed %llu commit %lld: %s\n", static_cast<unsigned long long>(seed),
                  static_cast<long long>(result.failure->commit), result.failure->what.c_str());
      return 1;
    }
    sum.turns += result.turns;
    sum.events += result.events;
    sum.crashes += result.crashes;
    sum.closed += result.closed;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  std::printf(
      "%llu seeds: %lld turns, %lld events, %lld decisions closed, %lld crashes, all as in "
      "the model; %.1f s\n",
      static_cast<unsigned long long>(arguments.last - arguments.first + 1),
      static_cast<long long>(sum.turns), static_cast<long long>(sum.events),
      static_cast<long long>(sum.closed), static_cast<long long>(sum.crashes), took.count());
  return 0;
}

}  // namespace
}  // namespace vigie::simulation

int main(int argc, char** argv) {
  const auto arguments = vigie::simulation::Parse(argc, argv);
  if (!arguments.has_value()) {
    std::fprintf(stderr, "usage: engine_simulation [--seeds N] [--seed S] [--break RULE]\n");
    return 2;
  }
  return vigie::simulation::Run(*arguments);
}
