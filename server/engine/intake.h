// SPDX-License-Identifier: Apache-2.0
// From a received event to one the sequencer can record. The same for every door.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/validate.h"
#include "engine/work.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "privacy/pseudonyms.h"

namespace vigie::engine {

// What the events of a batch live on; one release for all of them.
using SharedArena = std::shared_ptr<google::protobuf::Arena>;

// Validates, replaces identifiers of people, serialises and hashes. Any thread; waits for nothing.
class Intake {
 public:
  // The arguments must outlive it.
  Intake(const Validator* validator, privacy::Pseudonyms* pseudonyms, const base::Clock* clock)
      : validator_(validator), pseudonyms_(pseudonyms), clock_(clock) {}

  // Changes the events of a batch and leaves them where they are, on `arena`, which must be theirs.
  // A refused one comes back with its refusal and without anything that could identify a person.
  [[nodiscard]] std::vector<PreparedEvent> PrepareAll(
      google::protobuf::RepeatedPtrField<vigie::v1::Event>* events, const SharedArena& arena) const;
  // Alike for one event.
  [[nodiscard]] PreparedEvent Prepare(const vigie::v1::Event& event) const;
  // An event that was prepared before, from its recorded bytes.
  [[nodiscard]] PreparedEvent PrepareAgain(const vigie::v1::Event& event) const;

 private:
  [[nodiscard]] PreparedEvent PrepareOn(const SharedArena& arena, vigie::v1::Event* event,
                                        int64_t now_ms) const;

  const Validator* validator_;
  privacy::Pseudonyms* pseudonyms_;
  const base::Clock* clock_;
};

}  // namespace vigie::engine
