// SPDX-License-Identifier: Apache-2.0
// From a received event to one the sequencer can record. The same for every door.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/validate.h"
#include "engine/work.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "privacy/pseudonyms.h"

namespace vigie::engine {

// Validates, replaces identifiers of people, serialises and hashes. Any thread; waits for nothing.
class Intake {
 public:
  // The arguments must outlive it.
  Intake(const Validator* validator, privacy::Pseudonyms* pseudonyms, const base::Clock* clock)
      : validator_(validator), pseudonyms_(pseudonyms), clock_(clock) {}

  // Takes the event over and changes it. A refused one comes back with its refusal and without
  // anything that could identify a person.
  [[nodiscard]] PreparedEvent Prepare(std::shared_ptr<vigie::v1::Event> event) const;
  // Alike for the events of a batch, which stay where they are: `owner` keeps them alive.
  [[nodiscard]] std::vector<PreparedEvent> PrepareAll(
      google::protobuf::RepeatedPtrField<vigie::v1::Event>* events,
      const std::shared_ptr<void>& owner) const;
  // An event that was prepared before, from its recorded bytes.
  [[nodiscard]] PreparedEvent PrepareAgain(vigie::v1::Event event) const;

 private:
  const Validator* validator_;
  privacy::Pseudonyms* pseudonyms_;
  const base::Clock* clock_;
};

}  // namespace vigie::engine
