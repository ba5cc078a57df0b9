// SPDX-License-Identifier: Apache-2.0
#include "uuid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sha256.h"

namespace vigie {
namespace {

constexpr char kUuid[] = "[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

TEST(Uuid, MadeAnewHasTheShapeAndDiffers) {
  const std::string first = client::MakeUuid();
  EXPECT_THAT(first, testing::MatchesRegex(kUuid));
  EXPECT_NE(first, client::MakeUuid());
}

TEST(Uuid, FromADigestHasTheShapeAndIsTheSame) {
  const std::string digest = cli::Sha256Hex("abc");
  EXPECT_EQ(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_THAT(cli::UuidFrom(digest), testing::MatchesRegex(kUuid));
  EXPECT_EQ(cli::UuidFrom(digest), cli::UuidFrom(cli::Sha256Hex("abc")));
}

}  // namespace
}  // namespace vigie
