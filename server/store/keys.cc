// SPDX-License-Identifier: Apache-2.0
#include "store/keys.h"

#include <array>

namespace vigie::store {
namespace {

constexpr size_t kOrganisationBytes = 4;

void PutBigEndian(std::string& key, uint64_t value, size_t bytes) {
  std::array<char, sizeof(value)> digits;
  for (size_t i = 0; i < bytes; ++i) {
    digits[i] = static_cast<char>((value >> (8 * (bytes - 1 - i))) & 0xff);
  }
  key.append(digits.data(), bytes);
}

uint64_t ReadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::string PositionKey(int64_t position) {
  std::string key;
  PutBigEndian(key, static_cast<uint64_t>(position), 8);
  return key;
}

int64_t PositionOfKey(std::string_view key) {
  return static_cast<int64_t>(ReadBigEndian(key.substr(0, 8)));
}

std::string DecisionKey(decision::NameIndex organisation, IdSpace space, std::string_view id) {
  std::string key;
  PutDecisionKey(organisation, space, id, &key);
  return key;
}

void PutDecisionKey(decision::NameIndex organisation, IdSpace space, std::string_view id,
                    std::string* key) {
  key->clear();
  key->reserve(kOrganisationBytes + 1 + id.size());
  PutBigEndian(*key, static_cast<uint64_t>(organisation), kOrganisationBytes);
  *key += static_cast<char>(space);
  *key += id;
}

std::optional<DecisionName> ReadDecisionKey(std::string_view key) {
  if (key.size() <= kOrganisationBytes) return std::nullopt;
  const auto space = static_cast<IdSpace>(key[kOrganisationBytes]);
  if (space != IdSpace::kDecision && space != IdSpace::kUnaided && space != IdSpace::kSystem) {
    return std::nullopt;
  }
  const auto organisation =
      static_cast<decision::NameIndex>(ReadBigEndian(key.substr(0, kOrganisationBytes)));
  return DecisionName{
      .organisation = organisation, .space = space, .id = key.substr(kOrganisationBytes + 1)};
}

std::string TallyKey(int32_t epoch, const decision::ScopeKey& scope,
                     const decision::PeriodKey& period) {
  std::string key;
  PutBigEndian(key, static_cast<uint64_t>(scope.organisation), 4);
  PutBigEndian(key, static_cast<uint64_t>(epoch), 4);
  PutBigEndian(key, static_cast<uint64_t>(scope.system), 4);
  PutBigEndian(key, static_cast<uint64_t>(scope.version), 4);
  PutBigEndian(key, static_cast<uint64_t>(scope.unit), 4);
  PutBigEndian(key, scope.test ? 1 : 0, 1);
  PutBigEndian(key, static_cast<uint64_t>(period.kind), 1);
  PutBigEndian(key, static_cast<uint64_t>(period.first_day), 4);
  return key;
}

}  // namespace vigie::store
