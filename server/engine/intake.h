// SPDX-License-Identifier: Apache-2.0
// From a received event to one the sequencer can record. The same for every door.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/validate.h"
#include "engine/work.h"
#include "google/protobuf/arena.h"
#include "privacy/pseudonyms.h"

namespace vigie::engine {

// What the bytes of a batch's events live on; one release for all of them.
using SharedArena = std::shared_ptr<google::protobuf::Arena>;

// Validates, replaces identifiers of people, serialises and hashes. Any thread; waits for nothing.
class Intake {
 public:
  // The arguments must outlive it.
  Intake(const Validator* validator, privacy::Pseudonyms* pseudonyms, const base::Clock* clock)
      : validator_(validator), pseudonyms_(pseudonyms), clock_(clock) {}

  // Prepares the events of a batch, each as its serialised bytes, which are needed no longer then.
  // A refused one comes back with its refusal and without anything that could identify a person.
  // Nothing when one of them is no event: bytes that protobuf does not parse.
  [[nodiscard]] std::optional<std::vector<PreparedEvent>> PrepareAll(
      const std::vector<std::string_view>& received) const;
  // Alike for one event. Texts that are not UTF-8 are refused.
  [[nodiscard]] PreparedEvent Prepare(const vigie::v1::Event& event) const;
  // An event that was prepared before, from its recorded bytes.
  [[nodiscard]] PreparedEvent PrepareAgain(const vigie::v1::Event& event) const;

 private:
  bool PrepareOn(const SharedArena& arena, std::string_view received, int64_t now_ms,
                 vigie::v1::Event& rest, PreparedEvent& prepared) const;
  bool FinishRefused(const SharedArena& arena, std::string_view received,
                     PreparedEvent& prepared) const;

  const Validator* validator_;
  privacy::Pseudonyms* pseudonyms_;
  const base::Clock* clock_;
};

}  // namespace vigie::engine
