// SPDX-License-Identifier: Apache-2.0
// What declared payloads can show.
#pragma once

#include <cstdint>

#include "decision/fact.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::decision {

// A set of payload kinds, as declared by one or several sources.
class PayloadSet {
 public:
  void Add(Payload payload) { bits_ |= Bit(payload); }
  void Add(const PayloadSet& other) { bits_ |= other.bits_; }
  [[nodiscard]] bool Has(Payload payload) const { return (bits_ & Bit(payload)) != 0; }

  // What an undeclared source is taken to declare.
  [[nodiscard]] static PayloadSet OfUndeclaredSource();

 private:
  [[nodiscard]] static uint32_t Bit(Payload payload) { return uint32_t{1} << payload; }
  uint32_t bits_ = 0;
};

// The highest level whose payloads and all lower ones are declared. For people; the rules use the
// payloads. GRADE_UNSPECIFIED when not even acts are declared.
[[nodiscard]] vigie::v1::Grade GradeOf(const PayloadSet& declared);

}  // namespace vigie::decision
