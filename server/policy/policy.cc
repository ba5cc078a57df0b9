// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/sha.h>

#include <array>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "base/cat.h"
#include "base/status_macros.h"
#include "policy/policy_check.h"
#include "policy/text_file.h"
#include "policy/yaml_message.h"

namespace vigie::policy {

using vigie::config::v1::Policy;

absl::StatusOr<LoadedPolicy> LoadPolicy(std::string_view text, std::string_view file_name) {
  LoadedPolicy loaded;
  FieldMarks marks;
  VIGIE_RETURN_IF_ERROR(ReadYaml(text, file_name, &loaded.policy, &marks));
  VIGIE_RETURN_IF_ERROR(CheckComplete(*Policy::descriptor(), marks));
  VIGIE_RETURN_IF_ERROR(ValidatePolicy(loaded.policy, &marks));
  loaded.sha256 = Sha256OfPolicy(loaded.policy);
  return loaded;
}

absl::StatusOr<LoadedPolicy> LoadPolicyFile(const std::string& path) {
  VIGIE_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, kMaxYamlBytes));
  return LoadPolicy(text, path);
}

std::string CanonicalBytes(const Policy& policy) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    policy.SerializeToCodedStream(&coded);
  }
  return bytes;
}

std::string Sha256OfPolicy(const Policy& policy) {
  const std::string bytes = CanonicalBytes(policy);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return std::string(digest.begin(), digest.end());
}

std::string HexSha256(std::string_view sha256) {
  return absl::BytesToHexString(base::ToAbsl(sha256));
}

bool IsExpired(const Policy& policy, int64_t now_ms) {
  const std::optional<absl::CivilDay> review_by = ParseDay(policy.review_by());
  if (!review_by.has_value()) return true;
  return absl::ToCivilDay(absl::FromUnixMillis(now_ms), absl::UTCTimeZone()) > *review_by;
}

}  // namespace vigie::policy
