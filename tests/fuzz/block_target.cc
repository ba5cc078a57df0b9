// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "fuzz/require.h"
#include "fuzz/targets.h"
#include "store/block.h"
#include "store/digest.h"

namespace vigie::fuzz {
namespace {

using vigie::store::v1::Block;

constexpr size_t kChecksumAt = 1;
constexpr size_t kChecksumBytes = 4;

// Damages up to four neighbouring bytes. A CRC of 32 bits finds every such damage within what it
// covers; damage to the format byte or to the checksum itself speaks for itself.
std::string Damaged(std::string bytes, uint64_t where, uint32_t pattern) {
  if (pattern == 0) pattern = 1;
  const size_t payload_at = kChecksumAt + kChecksumBytes;
  const bool in_header = bytes.size() < payload_at + kChecksumBytes || (where & 1) != 0;
  const size_t first = in_header ? kChecksumAt : payload_at;
  const size_t room = in_header ? 1 : bytes.size() - payload_at - kChecksumBytes + 1;
  const size_t at = first + (where >> 1) % room;
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    bytes[at + i] = static_cast<char>(bytes[at + i] ^ static_cast<char>(pattern >> (8 * i)));
  }
  return bytes;
}

void CheckDamage(const std::string& stored) {
  const uint64_t random = store::StableHash(stored);
  Require(!store::DecodeBlock(Damaged(stored, random >> 32, static_cast<uint32_t>(random))).ok(),
          "damaged bytes are refused");
  std::string other_format = stored;
  other_format[0] = static_cast<char>(other_format[0] + 1 + static_cast<char>(random % 255));
  Require(absl::IsFailedPrecondition(store::DecodeBlock(other_format).status()),
          "another format is refused as such");
  Require(!store::DecodeBlock(stored.substr(0, random % kChecksumBytes)).ok(),
          "less than a header is refused");
}

}  // namespace

void FuzzBlock(std::string_view input) {
  const auto stored = store::DecodeBlock(input);
  if (!stored.ok()) Require(!stored.status().message().empty(), "a refused block says why");
  Block block;
  if (stored.ok()) {
    block = *stored;
  } else if (!block.ParseFromArray(input.data(), static_cast<int>(input.size()))) {
    return;
  }
  const std::string encoded = store::EncodeBlock(block);
  const auto decoded = store::DecodeBlock(encoded);
  Require(decoded.ok(), "what was encoded decodes");
  Require(decoded->SerializeAsString() == block.SerializeAsString(),
          "a block decodes to what was encoded");
  CheckDamage(encoded);
}

}  // namespace vigie::fuzz
