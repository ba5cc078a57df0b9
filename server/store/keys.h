// SPDX-License-Identifier: Apache-2.0
// Keys on disk: big-endian fields of fixed width, the organisation's number first, so that order
// of bytes is order of meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decision/scope.h"

namespace vigie::store {

// What kind of identifier a decision record is kept under.
enum class IdSpace : char {
  kDecision = 'd',  // decision_id of a decision with AI.
  kUnaided = 'u',   // decision_id of an unaided decision (rule L1).
  kSystem = 's',    // event_id of a system-level event, kept for idempotence only (rule L9).
};

// log, quarantine: position(8).
[[nodiscard]] std::string PositionKey(int64_t position);
[[nodiscard]] int64_t PositionOfKey(std::string_view key);

// decisions: organisation(4) space(1) identifier.
[[nodiscard]] std::string DecisionKey(decision::NameIndex organisation, IdSpace space,
                                      std::string_view id);
// What a key of the family decisions names. `id` is part of the key.
struct DecisionName {
  decision::NameIndex organisation = 0;
  IdSpace space = IdSpace::kDecision;
  std::string_view id;
};
// What finds a decision in memory, by its name or by its key. Not on disk: another in every
// process. `id_hash` is PassingHash of the identifier.
[[nodiscard]] uint64_t DecisionHash(decision::NameIndex organisation, IdSpace space,
                                    uint64_t id_hash);
[[nodiscard]] uint64_t DecisionKeyHash(std::string_view key);
// Nothing when it is not such a key.
[[nodiscard]] std::optional<DecisionName> ReadDecisionKey(std::string_view key);
// The same as DecisionKey in place of what `key` holds, so that it need not be allocated again.
void PutDecisionKey(decision::NameIndex organisation, IdSpace space, std::string_view id,
                    std::string* key);

// tallies: organisation(4) epoch(4) system(4) version(4) unit(4) test(1) period kind(1) day(4).
[[nodiscard]] std::string TallyKey(int32_t epoch, const decision::ScopeKey& scope,
                                   const decision::PeriodKey& period);

}  // namespace vigie::store
