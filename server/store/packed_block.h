// SPDX-License-Identifier: Apache-2.0
// Blocks of the log as they are stored: compressed before they are written, so that the write-ahead
// log, memory and tables all hold a fifth of their bytes and nothing is compressed a second time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

struct ZSTD_CCtx_s;

namespace vigie::store {

// Packs one block after the other. One thread at a time.
class BlockPacker {
 public:
  BlockPacker();
  ~BlockPacker();
  BlockPacker(const BlockPacker&) = delete;
  BlockPacker& operator=(const BlockPacker&) = delete;

  // What to store for the bytes of a block, valid until the next call; the bytes themselves where
  // they are few: those are compressed better together with others, in the tables.
  [[nodiscard]] std::string_view Pack(std::string_view block);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::string packed_;
};

// The bytes of a block that was stored, packed or not; `buffer` holds them if need be. DATA_LOSS
// when they cannot be unpacked. Any thread.
[[nodiscard]] absl::StatusOr<std::string_view> UnpackBlock(std::string_view stored,
                                                           std::string* buffer);

}  // namespace vigie::store
