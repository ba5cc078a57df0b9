// SPDX-License-Identifier: Apache-2.0
#include "privacy/key_check.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <fstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "base/cat.h"
#include "base/durable_file.h"

namespace vigie::privacy {
namespace {

constexpr std::string_view kMagic = "vigie-key-check-1";
constexpr size_t kDigestBytes = 16;

// No pseudonym has this input: theirs have two spaces.
std::string HexDigest(std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(kMagic.data()), kMagic.size(), digest.data(), &size);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), kDigestBytes});
}

absl::Status Note(const std::string& path, const std::string& line) {
  const absl::Status status = base::ReplaceDurably(path, line + "\n");
  return status.ok()
             ? status
             : absl::Status(status.code(), base::Cat("pseudonym.check: ", status.message()));
}

}  // namespace

absl::Status CheckKey(const std::string& path, std::string_view key, int key_epoch) {
  const std::string wanted = base::Cat(kMagic, " ", key_epoch, " ", HexDigest(key));
  std::ifstream file(path);
  if (!file) return Note(path, wanted);
  std::string line;
  std::getline(file, line);
  if (line == wanted) return absl::OkStatus();
  const std::vector<std::string> noted = absl::StrSplit(line, ' ');
  const bool whole = noted.size() == 3 && noted[0] == kMagic && noted[2].size() == 2 * kDigestBytes;
  if (whole && noted[1] != base::Cat(key_epoch)) return Note(path, wanted);
  return absl::FailedPreconditionError(
      "pseudonym key: not the key that this data directory was written with, and another one "
      "splits "
      "every person's history; restore the right key from a backup. Where it is meant to change, "
      "raise privacy.pseudonym_key_epoch. Only when the key is surely right, delete "
      "pseudonym.check");
}

}  // namespace vigie::privacy
