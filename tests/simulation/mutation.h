// SPDX-License-Identifier: Apache-2.0
// Ways to break the slow model on purpose, one rule each: a simulation that does not notice them
// proves nothing.
#pragma once

#include <array>
#include <ostream>
#include <string_view>

namespace vigie::simulation {

enum class Mutation {
  kNone,
  kR0IndependentIsJudged,
  kR1EffectNeedsNoAct,
  kR2EveryRoleMayDecide,
  kR3ShownIsOpened,
  kR3LateOpeningCounts,
  kR4NoMinimum,
  kR5OverrideIsConcrete,
  kR6UnknownIsToken,
  kR7TooFastIsToken,
  kR8BatchNeedsNoEvidence,
  kR9NoBaseline,
  kL4SettlesTwiceAsLong,
  kL4OneWatermarkSuffices,
  kL4NeverExpires,
  kL5LateEventsCountNowhere,
  kL7OverlapsCountTwice,
  kL8NoTolerance,
  kL9DuplicatesAreRecorded,
  kL10UnitOfFirstEvent,
  kL10WeeksBeginOnSunday,
  kL10PeriodsStayOpen,
  kL11TestCounts,
  kN2OpportunisticCounts,
  kN3FirstTruthStays,
  kV6EpochOfFirstEvent,
};

struct NamedMutation {
  Mutation mutation;
  std::string_view name;

  friend std::ostream& operator<<(std::ostream& out, const NamedMutation& named) {
    return out << named.name;
  }
};

inline constexpr std::array kMutations = {
    NamedMutation{Mutation::kR0IndependentIsJudged, "R0"},
    NamedMutation{Mutation::kR1EffectNeedsNoAct, "R1"},
    NamedMutation{Mutation::kR2EveryRoleMayDecide, "R2"},
    NamedMutation{Mutation::kR3ShownIsOpened, "R3-shown"},
    NamedMutation{Mutation::kR3LateOpeningCounts, "R3-late"},
    NamedMutation{Mutation::kR4NoMinimum, "R4"},
    NamedMutation{Mutation::kR5OverrideIsConcrete, "R5"},
    NamedMutation{Mutation::kR6UnknownIsToken, "R6"},
    NamedMutation{Mutation::kR7TooFastIsToken, "R7"},
    NamedMutation{Mutation::kR8BatchNeedsNoEvidence, "R8"},
    NamedMutation{Mutation::kR9NoBaseline, "R9"},
    NamedMutation{Mutation::kL4SettlesTwiceAsLong, "L4-settle"},
    NamedMutation{Mutation::kL4OneWatermarkSuffices, "L4-watermark"},
    NamedMutation{Mutation::kL4NeverExpires, "L4-expiry"},
    NamedMutation{Mutation::kL5LateEventsCountNowhere, "L5"},
    NamedMutation{Mutation::kL7OverlapsCountTwice, "L7"},
    NamedMutation{Mutation::kL8NoTolerance, "L8"},
    NamedMutation{Mutation::kL9DuplicatesAreRecorded, "L9"},
    NamedMutation{Mutation::kL10UnitOfFirstEvent, "L10-unit"},
    NamedMutation{Mutation::kL10WeeksBeginOnSunday, "L10-week"},
    NamedMutation{Mutation::kL10PeriodsStayOpen, "L10-final"},
    NamedMutation{Mutation::kL11TestCounts, "L11"},
    NamedMutation{Mutation::kN2OpportunisticCounts, "N2"},
    NamedMutation{Mutation::kN3FirstTruthStays, "N3"},
    NamedMutation{Mutation::kV6EpochOfFirstEvent, "V6"},
};

}  // namespace vigie::simulation
