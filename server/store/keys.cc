// SPDX-License-Identifier: Apache-2.0
#include "store/keys.h"

namespace vigie::store {
namespace {

void PutBigEndian(std::string& key, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    key += static_cast<char>((value >> shift) & 0xff);
  }
}

}  // namespace

std::string PositionKey(int64_t position) {
  std::string key;
  PutBigEndian(key, static_cast<uint64_t>(position), 8);
  return key;
}

int64_t PositionOfKey(std::string_view key) {
  uint64_t position = 0;
  for (const char c : key.substr(0, 8)) position = position << 8 | static_cast<unsigned char>(c);
  return static_cast<int64_t>(position);
}

std::string DecisionKey(decision::NameIndex organisation, IdSpace space, std::string_view id) {
  std::string key;
  PutDecisionKey(organisation, space, id, &key);
  return key;
}

void PutDecisionKey(decision::NameIndex organisation, IdSpace space, std::string_view id,
                    std::string* key) {
  key->clear();
  key->reserve(5 + id.size());
  PutBigEndian(*key, static_cast<uint64_t>(organisation), 4);
  *key += static_cast<char>(space);
  *key += id;
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
