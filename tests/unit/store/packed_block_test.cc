// SPDX-License-Identifier: Apache-2.0
#include "store/packed_block.h"

#include <cstdint>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "store/store.h"
#include "support/temporary_directory.h"

namespace vigie::store {
namespace {

using support::TemporaryDirectory;

std::string Events(size_t bytes) {
  std::string text = "\x01";
  while (text.size() < bytes) text += "an event of decision d-1 in unit u-2; ";
  text.resize(bytes);
  return text;
}

std::string Noise(size_t bytes) {
  std::minstd_rand numbers(7);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(numbers() >> 8);
  return text;
}

TEST(PackedBlock, IsSmallerThanTheBlockAndGivesItBack) {
  BlockPacker packer;
  std::string buffer;
  for (const size_t bytes : {size_t{32} << 10, size_t{100'000}, size_t{3'000'000}}) {
    const std::string block = Events(bytes);
    const std::string packed(packer.Pack(block));
    EXPECT_LT(packed.size(), block.size() / 5);
    const auto again = UnpackBlock(packed, &buffer);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, block);
  }
}

TEST(PackedBlock, OfFewBytesOrOfNoiseIsTheBlockItself) {
  BlockPacker packer;
  std::string buffer;
  for (const std::string& block : {std::string(), Events(1000), Noise(100'000)}) {
    const std::string_view packed = packer.Pack(block);
    EXPECT_EQ(packed.data(), block.data());
    EXPECT_EQ(UnpackBlock(packed, &buffer)->data(), block.data());
  }
}

TEST(PackedBlock, ThatIsCutOrChangedIsDamage) {
  BlockPacker packer;
  std::string buffer;
  const std::string packed(packer.Pack(Events(100'000)));
  for (const size_t kept : {size_t{4}, size_t{10}, packed.size() / 2, packed.size() - 1}) {
    EXPECT_TRUE(absl::IsDataLoss(UnpackBlock(packed.substr(0, kept), &buffer).status())) << kept;
  }
  // What claims to hold more than any block is refused before room is made for it.
  std::string vast = packed;
  vast[4] = '\xe0';
  for (size_t i = 5; i < 13; ++i) vast[i] = '\x7f';
  EXPECT_TRUE(absl::IsDataLoss(UnpackBlock(vast, &buffer).status()));
}

TEST(PackedBlock, ComesOutOfTheStoreAsItWentInByEveryDoor) {
  const TemporaryDirectory directory;
  const std::string large = Events(200'000);
  const auto store = Store::Open({.directory = directory.path(), .block_cache_bytes = 1 << 20});
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE((*store)->AppendBlock(1, large).ok());
  ASSERT_TRUE((*store)->AppendBlocks({{5, "small"}, {9, large}}).ok());
  EXPECT_EQ((*store)->newest().BlockHolding(4).value(), large);
  EXPECT_EQ((*store)->newest().BlockHolding(5).value(), "small");
  int count = 0;
  ASSERT_TRUE((*store)
                  ->newest()
                  .Scan(Family::kLog, "", "",
                        [&](std::string_view, std::string_view bytes) {
                          count += bytes == large ? 1 : 0;
                          return true;
                        })
                  .ok());
  ASSERT_TRUE((*store)
                  ->ForEachBlock(1,
                                 [&](int64_t, std::string_view bytes) {
                                   count += bytes == large ? 1 : 0;
                                   return absl::OkStatus();
                                 })
                  .ok());
  EXPECT_EQ(count, 4);
}

}  // namespace
}  // namespace vigie::store
