// SPDX-License-Identifier: Apache-2.0
#include "store/digest.h"

#include <isa-l/crc.h>
#include <openssl/evp.h>

#include <random>

// Most inputs are so short that calling a library would take as long as hashing them.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace vigie::store {
namespace {

uint64_t SeedOfProcess() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha256(), nullptr);
  return digest;
}

uint64_t StableHash(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

uint64_t PassingHash(std::string_view bytes) {
  static const uint64_t seed = SeedOfProcess();
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

uint32_t Crc32c(std::string_view bytes) {
  // The library leaves both inversions of the standard (RFC 3720) to its caller, and takes the
  // bytes as not const without changing them.
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
  return ~crc32_iscsi(data, static_cast<int>(bytes.size()), ~uint32_t{0});
}

}  // namespace vigie::store
