// SPDX-License-Identifier: Apache-2.0
#include "policy/yaml_writer.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "policy/policy.h"
#include "policy/yaml_message.h"
#include "policy_fixture.h"
#include "vigie/config/v1/daemon.pb.h"
#include "vigie/config/v1/policy.pb.h"

namespace vigie::policy {
namespace {

using google::protobuf::util::MessageDifferencer;
using vigie::config::v1::Daemon;
using vigie::config::v1::Policy;

TEST(YamlWriter, PrintsEveryFieldInTheOrderOfTheSchema) {
  Daemon daemon;
  daemon.set_data_dir("/var/lib/vigie");
  daemon.set_insecure_listener(true);
  daemon.mutable_privacy()->add_patient_number_patterns("^[12]\\d{12}$");
  daemon.mutable_privacy()->add_patient_number_patterns("\"x\"");
  daemon.mutable_limits()->set_block_cache_bytes(268435456);
  EXPECT_EQ(WriteYaml(daemon), R"(data_dir: "/var/lib/vigie"
policy_file: ""
grpc_listen: ""
http_listen: ""
insecure_listener: true
organisation_id: ""
time_zone: ""
privacy:
  pseudonym_key_file: ""
  pseudonym_key_epoch: 0
  patient_number_patterns: ["^[12]\\d{12}$", "\"x\""]
limits:
  max_scopes: 0
  max_queued_events: 0
  max_quarantined_events: 0
  block_cache_bytes: 268435456
  disk_reserve_bytes: 0
  scrub_bytes_per_second: 0
reflection: false
retention:
  floor_days: 0
  ceiling_days: 0
  legal_hold: ""
backup_dir: ""
)");
}

TEST(YamlWriter, WhatItWritesIsReadBackToTheSameMessage) {
  Policy policy = LoadPolicy(BaselineText(), "baseline.yaml").value().policy;
  policy.set_approver("h\xc3\xb4pital \"A\" \\ B\n\x01: # [x], {y}");
  policy.mutable_examination()->set_floor_ms(1500);
  policy.mutable_examination()->add_required_evidence("RECORD");
  policy.mutable_examination()->add_roles_without_authority("no");
  policy.mutable_evidence()->set_alpha_below(0.1 + 0.2);
  policy.mutable_evidence()->set_alpha_above(1e-300);
  Policy again;
  const absl::Status status = ReadYaml(WriteYaml(policy), "written.yaml", &again);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(MessageDifferencer::Equals(policy, again)) << WriteYaml(again);
}

TEST(YamlWriter, NamesAbsentOptionalFieldsInAComment) {
  const std::string text = WriteYaml(LoadPolicy(BaselineText(), "baseline.yaml").value().policy);
  EXPECT_NE(text.find("  # floor_ms is absent\n  # per_item_ms is absent\n"), std::string::npos)
      << text;
}

TEST(YamlWriter, TheEffectivePolicyHasTheSameSha256AsItsFile) {
  const LoadedPolicy loaded = LoadPolicy(BaselineText(), "baseline.yaml").value();
  const LoadedPolicy again = LoadPolicy(WriteYaml(loaded.policy), "written.yaml").value();
  EXPECT_EQ(HexSha256(again.sha256), HexSha256(loaded.sha256));
}

}  // namespace
}  // namespace vigie::policy
