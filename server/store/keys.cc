// SPDX-License-Identifier: Apache-2.0
#include "store/keys.h"

#include <algorithm>
#include <array>

#include "store/digest.h"

namespace vigie::store {
namespace {

constexpr size_t kOrganisationBytes = 4;

template <size_t kBytes>
void PutBigEndian(std::string& key, uint64_t value) {
  std::array<char, kBytes> digits;
  for (size_t i = 0; i < kBytes; ++i) {
    digits[i] = static_cast<char>((value >> (8 * (kBytes - 1 - i))) & 0xff);
  }
  key.append(digits.data(), kBytes);
}

uint64_t ReadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::string PositionKey(int64_t position) {
  std::string key;
  PutBigEndian<8>(key, static_cast<uint64_t>(position));
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
  PutBigEndian<kOrganisationBytes>(*key, static_cast<uint64_t>(organisation));
  *key += static_cast<char>(space);
  *key += id;
}

uint64_t DecisionHash(decision::NameIndex organisation, IdSpace space, uint64_t id_hash) {
  const uint64_t prefix =
      uint64_t{static_cast<uint32_t>(organisation)} << 8 | static_cast<unsigned char>(space);
  return id_hash ^ prefix * kHashSpread;
}

uint64_t DecisionKeyHash(std::string_view key) {
  const size_t prefix_bytes = std::min(kOrganisationBytes + 1, key.size());
  return PassingHash(key.substr(prefix_bytes)) ^
         ReadBigEndian(key.substr(0, prefix_bytes)) * kHashSpread;
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
  PutBigEndian<4>(key, static_cast<uint64_t>(scope.organisation));
  PutBigEndian<4>(key, static_cast<uint64_t>(epoch));
  PutBigEndian<4>(key, static_cast<uint64_t>(scope.system));
  PutBigEndian<4>(key, static_cast<uint64_t>(scope.version));
  PutBigEndian<4>(key, static_cast<uint64_t>(scope.unit));
  PutBigEndian<1>(key, scope.test ? 1 : 0);
  PutBigEndian<1>(key, static_cast<uint64_t>(period.kind));
  PutBigEndian<4>(key, static_cast<uint64_t>(period.first_day));
  return key;
}

}  // namespace vigie::store
