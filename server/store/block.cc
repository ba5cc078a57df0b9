// SPDX-License-Identifier: Apache-2.0
#include "store/block.h"

#include "base/cat.h"
#include "store/digest.h"

namespace vigie::store {
namespace {

constexpr size_t kHeaderBytes = 5;

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(
      base::Cat("log block: ", what, "; keep a copy of the data directory and restore a backup"));
}

}  // namespace

std::string EncodeBlock(const vigie::store::v1::Block& block) {
  std::string bytes(kHeaderBytes, '\0');
  block.AppendToString(&bytes);
  const uint32_t crc = Crc32c(std::string_view(bytes).substr(kHeaderBytes));
  bytes[0] = kBlockFormat;
  for (int i = 0; i < 4; ++i) bytes[1 + i] = static_cast<char>((crc >> (24 - 8 * i)) & 0xff);
  return bytes;
}

absl::StatusOr<vigie::store::v1::Block> DecodeBlock(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return Damaged("shorter than its header");
  if (bytes[0] != kBlockFormat) {
    return absl::FailedPreconditionError(
        base::Cat("log block: got format ", static_cast<int>(bytes[0]), ", want ",
                  static_cast<int>(kBlockFormat), "; a newer vigied wrote it"));
  }
  uint32_t crc = 0;
  for (int i = 0; i < 4; ++i) crc = crc << 8 | static_cast<unsigned char>(bytes[1 + i]);
  const std::string_view payload = bytes.substr(kHeaderBytes);
  if (Crc32c(payload) != crc) return Damaged("checksum does not match");
  vigie::store::v1::Block block;
  if (!block.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Damaged("not a block");
  }
  return block;
}

}  // namespace vigie::store
