// SPDX-License-Identifier: Apache-2.0
#include "store/packed_block.h"

#include <zstd.h>

#include <array>
#include <cstddef>

#include "absl/status/status.h"

namespace vigie::store {
namespace {

constexpr size_t kPackedFromBytes = size_t{32} << 10;
constexpr size_t kMaxUnpackedBytes = size_t{1} << 30;
constexpr int kLevel = 1;  // Higher ones find no more in events.
// RFC 8878, section 3.1.1. No block begins with it: its first byte is the number of its format.
constexpr std::array<char, 4> kMagic = {'\x28', '\xb5', '\x2f', '\xfd'};

absl::Status Damaged() {
  return absl::DataLossError(
      "log block: cannot be unpacked; keep a copy of the data directory and restore a backup");
}

}  // namespace

BlockPacker::BlockPacker() : context_(ZSTD_createCCtx()) {}
BlockPacker::~BlockPacker() = default;

void BlockPacker::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

std::string_view BlockPacker::Pack(std::string_view block) {
  if (block.size() < kPackedFromBytes) return block;
  packed_.resize(ZSTD_compressBound(block.size()));
  const size_t size = ZSTD_compressCCtx(context_.get(), packed_.data(), packed_.size(),
                                        block.data(), block.size(), kLevel);
  if (ZSTD_isError(size) != 0 || size >= block.size()) return block;
  return std::string_view(packed_).substr(0, size);
}

absl::StatusOr<std::string_view> UnpackBlock(std::string_view stored, std::string* buffer) {
  if (!stored.starts_with(std::string_view(kMagic.data(), kMagic.size()))) return stored;
  const unsigned long long size = ZSTD_getFrameContentSize(stored.data(), stored.size());
  if (size > kMaxUnpackedBytes) return Damaged();  // So are the two values that say it is unknown.
  buffer->resize(size);
  const size_t unpacked =
      ZSTD_decompress(buffer->data(), buffer->size(), stored.data(), stored.size());
  if (ZSTD_isError(unpacked) != 0 || unpacked != buffer->size()) return Damaged();
  return std::string_view(*buffer);
}

}  // namespace vigie::store
