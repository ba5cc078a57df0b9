// SPDX-License-Identifier: Apache-2.0
#include "privacy/pseudonyms.h"

#include <sys/stat.h>

#include <fstream>
#include <numeric>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "gtest/gtest.h"
#include "privacy/pseudonym_key.h"
#include "support/temporary_directory.h"

namespace vigie::privacy {
namespace {

// The bytes 0 to 31.
std::string Key() {
  std::string key(kKeyBytes, '\0');
  std::iota(key.begin(), key.end(), '\0');
  return key;
}

std::string Hex(const decision::Pseudonym& pseudonym) {
  return absl::BytesToHexString(std::string(pseudonym.begin(), pseudonym.end()));
}

// HMAC-SHA-256 of "a hospital dr-1" and "p hospital dr-1", computed with another library.
TEST(Pseudonyms, AreHmacSha256CutTo128Bits) {
  Pseudonyms pseudonyms(Key(), 1);
  EXPECT_EQ(Hex(pseudonyms.OfActor("hospital", "dr-1")), "6c89bd3eacb7f14e1d6e83f5b89821ff");
  EXPECT_EQ(Hex(pseudonyms.OfPatient("hospital", "dr-1")), "21e29166c860a63f71ff1be8c6801d14");
}

TEST(Pseudonyms, DifferByRoleOrganisationAndKey) {
  Pseudonyms pseudonyms(Key(), 1), other(std::string(kKeyBytes, 'x'), 1);
  const auto actor = pseudonyms.OfActor("hospital", "x");
  EXPECT_NE(actor, pseudonyms.OfPatient("hospital", "x"));
  EXPECT_NE(actor, pseudonyms.OfActor("clinic", "x"));
  EXPECT_NE(actor, other.OfActor("hospital", "x"));
}

TEST(Pseudonyms, StayTheSameWhenTheCacheIsEmptied) {
  Pseudonyms pseudonyms(Key(), 1);
  const auto before = pseudonyms.OfActor("hospital", "dr-1");
  for (int i = 0; i <= base::kPseudonymCacheEntries; ++i) {
    static_cast<void>(pseudonyms.OfActor("hospital", absl::StrCat("dr-", i)));
  }
  EXPECT_EQ(pseudonyms.OfActor("hospital", "dr-1"), before);
}

TEST(Pseudonyms, ReplaceEveryIdentifierInTheEvent) {
  Pseudonyms pseudonyms(Key(), 3);
  vigie::v1::Event event;
  event.set_organisation_id("hospital");
  event.mutable_actor()->set_id("dr-1");
  event.mutable_issued()->set_patient_id("jane");
  pseudonyms.Replace(event);
  EXPECT_TRUE(event.actor().id().empty());
  EXPECT_TRUE(event.issued().patient_id().empty());
  EXPECT_EQ(absl::BytesToHexString(event.actor().pseudonym()), "6c89bd3eacb7f14e1d6e83f5b89821ff");
  EXPECT_EQ(event.actor().key_epoch(), 3);
  EXPECT_EQ(event.issued().patient_key_epoch(), 3);
}

TEST(PseudonymKey, IsMadeForItsOwnerAloneAndReadBack) {
  const support::TemporaryDirectory directory;
  const std::string path = directory.File("key");
  ASSERT_TRUE(MakeKeyFile(path).ok());
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const auto key = ReadKeyFile(path);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->size(), static_cast<size_t>(kKeyBytes));
  EXPECT_TRUE(absl::IsAlreadyExists(MakeKeyFile(path)));
}

TEST(PseudonymKey, IsRefusedWhenOthersMayReadIt) {
  const support::TemporaryDirectory directory;
  const std::string path = directory.File("key");
  ASSERT_TRUE(MakeKeyFile(path).ok());
  for (const mode_t mode : {0640, 0604, 0660, 0644}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    EXPECT_TRUE(absl::IsFailedPrecondition(ReadKeyFile(path).status())) << mode;
  }
}

TEST(PseudonymKey, IsRefusedWhenItIsNoKeyOrNotThere) {
  const support::TemporaryDirectory directory;
  EXPECT_TRUE(absl::IsNotFound(ReadKeyFile(directory.File("none")).status()));
  const std::string path = directory.File("key");
  std::ofstream(path) << "secret\n";
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  const auto status = ReadKeyFile(path).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(std::string(status.message()).find("secret"), std::string::npos);
}

}  // namespace
}  // namespace vigie::privacy
