// SPDX-License-Identifier: Apache-2.0
// From a received event to one the sequencer can record. The same for every door.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "engine/validate.h"
#include "engine/work.h"
#include "privacy/pseudonyms.h"

namespace vigie::engine {

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
      const std::vector<std::string_view>& received, std::string_view source_id) const;
  // Alike for one event. Texts that are not UTF-8 are refused.
  [[nodiscard]] PreparedEvent Prepare(const vigie::v1::Event& event,
                                      std::string_view source_id) const;
  // An event that was prepared before, from its recorded bytes.
  [[nodiscard]] PreparedEvent PrepareAgain(const vigie::v1::Event& event,
                                           std::string_view source_id) const;

 private:
  class Batch;
  bool PrepareOne(std::string_view received, Batch& batch, PreparedEvent& prepared) const;
  void CheckAndHide(std::string_view received, const vigie::v1::Event& rest, Batch& batch,
                    PreparedEvent& prepared) const;
  bool FinishRefused(std::string_view received, PreparedEvent& prepared) const;

  const Validator* validator_;
  privacy::Pseudonyms* pseudonyms_;
  const base::Clock* clock_;
};

}  // namespace vigie::engine
