// SPDX-License-Identifier: Apache-2.0
#include "daemon_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "base/cat.h"

namespace vigie {
namespace {

using base::Cat;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using vigie::config::v1::Daemon;

// A directory of its own for each test.
class DaemonConfig : public ::testing::Test {
 protected:
  DaemonConfig() {
    std::string form = base::Cat(::testing::TempDir(), "/vigie_daemon_config_XXXXXX");
    directory_ = mkdtemp(form.data());
  }
  ~DaemonConfig() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string Path() const { return base::Cat(directory_, "/d.yaml"); }

  absl::StatusOr<Daemon> Load(std::string_view text) {
    std::ofstream(Path(), std::ios::binary) << text;
    return LoadDaemonConfig(Path());
  }

  std::string LoadError(std::string_view text) {
    return std::string(Load(text).status().message());
  }

  std::string directory_;
};

// What vigied would run with.
Daemon Usable() {
  Daemon daemon = DefaultDaemonConfig();
  daemon.set_data_dir("/var/lib/vigie");
  daemon.set_policy_file("/etc/vigie/policies/baseline.yaml");
  daemon.set_insecure_listener(true);
  return daemon;
}

std::string ProblemOf(const Daemon& daemon) {
  return std::string(ValidateDaemon(daemon).message());
}

TEST_F(DaemonConfig, AppliesTheDefaultsWhereTheFileSaysNothing) {
  const Daemon daemon = Load("reflection: false\nlimits:\n  max_scopes: 5\n").value();
  EXPECT_EQ(daemon.data_dir(), "");
  EXPECT_EQ(daemon.policy_file(), "");
  EXPECT_EQ(daemon.grpc_listen(), "127.0.0.1:7443");
  EXPECT_EQ(daemon.http_listen(), "127.0.0.1:9464");
  EXPECT_FALSE(daemon.insecure_listener());
  EXPECT_EQ(daemon.organisation_id(), "");
  EXPECT_EQ(daemon.time_zone(), "Europe/Paris");
  EXPECT_EQ(daemon.privacy().pseudonym_key_epoch(), 1);
  EXPECT_EQ(daemon.limits().max_scopes(), 5);
  EXPECT_EQ(daemon.limits().max_queued_events(), 65536);
  EXPECT_EQ(daemon.limits().max_quarantined_events(), 100000);
  EXPECT_EQ(daemon.limits().block_cache_bytes(), 268435456);
  EXPECT_FALSE(daemon.reflection());
}

TEST_F(DaemonConfig, ResolvesRelativePathsAgainstItsOwnDirectory) {
  const Daemon daemon = Load(
                            "data_dir: store\nbackup_dir: ../b\npolicy_file: ../p.yaml\n"
                            "privacy: {pseudonym_key_file: k/../key}\n")
                            .value();
  const std::filesystem::path directory = std::filesystem::path(directory_).lexically_normal();
  EXPECT_EQ(daemon.data_dir(), (directory / "store").string());
  EXPECT_EQ(daemon.backup_dir(), (directory.parent_path() / "b").string());
  EXPECT_EQ(daemon.policy_file(), (directory.parent_path() / "p.yaml").string());
  EXPECT_EQ(daemon.privacy().pseudonym_key_file(), (directory / "key").string());
}

TEST_F(DaemonConfig, KeepsAbsolutePathsAndMakesNothingOfEmptyOnes) {
  const Daemon daemon = Load("data_dir: /srv/vigie\n").value();
  EXPECT_EQ(daemon.data_dir(), "/srv/vigie");
  EXPECT_EQ(daemon.privacy().pseudonym_key_file(), "");
}

TEST_F(DaemonConfig, WritesNothing) {
  ASSERT_TRUE(Load("data_dir: store\n").ok());
  EXPECT_FALSE(std::filesystem::exists(base::Cat(directory_, "/store")));
}

TEST_F(DaemonConfig, NamesTheFileThatDoesNotExist) {
  EXPECT_EQ(LoadDaemonConfig("/no/vigied.yaml").status().message(),
            "/no/vigied.yaml: no such file");
}

TEST_F(DaemonConfig, RefusesAnUnknownFieldWithItsPlace) {
  EXPECT_EQ(LoadError("\ndata-dir: x\n"),
            base::Cat(Path(), ":2:1: unknown field \"data-dir\", did you mean \"data_dir\"?"));
}

TEST_F(DaemonConfig, RefusesAValueOutOfRangeWithItsPlace) {
  EXPECT_EQ(LoadError("limits:\n  max_scopes: 0\n"),
            base::Cat(Path(), ":2:15: limits.max_scopes: got 0, want 1 to 1000000"));
  EXPECT_THAT(LoadError("privacy:\n  patient_number_patterns: [x, \"(\"]\n"),
              StartsWith(base::Cat(Path(), ":2:32: privacy.patient_number_patterns[1]: got ")));
}

TEST(ShippedDaemonConfig, NeedsOnlyADataDirectory) {
  Daemon daemon = LoadDaemonConfig(VIGIE_CONFIG_DIR "/vigied.yaml").value();
  EXPECT_THAT(ProblemOf(daemon), StartsWith("data_dir: missing"));
  daemon.set_data_dir("/var/lib/vigie");
  EXPECT_EQ(ProblemOf(daemon), "");
  EXPECT_TRUE(std::filesystem::exists(daemon.policy_file())) << daemon.policy_file();
}

TEST(ShippedDaemonConfig, StatesTheDefaultsButForThePolicyAndTheListener) {
  Daemon daemon = LoadDaemonConfig(VIGIE_CONFIG_DIR "/vigied.yaml").value();
  EXPECT_TRUE(daemon.insecure_listener());
  daemon.clear_insecure_listener();
  daemon.clear_policy_file();
  EXPECT_EQ(daemon.SerializeAsString(), DefaultDaemonConfig().SerializeAsString());
}

TEST(DaemonCheck, AcceptsAUsableConfiguration) { EXPECT_EQ(ProblemOf(Usable()), ""); }

TEST(DaemonCheck, RequiresADataDirectoryAndAPolicy) {
  Daemon daemon = Usable();
  daemon.clear_data_dir();
  EXPECT_THAT(ProblemOf(daemon), HasSubstr("give `data_dir` in the configuration or --data-dir"));
  daemon = Usable();
  daemon.clear_policy_file();
  EXPECT_THAT(ProblemOf(daemon), StartsWith("policy_file: missing"));
}

TEST(DaemonCheck, WantsBackupsOutsideTheDataDirectory) {
  for (const char* directory :
       {"/var/lib/vigie", "/var/lib/vigie/backups", "/var/lib/x/../vigie/b"}) {
    Daemon daemon = Usable();
    daemon.set_backup_dir(directory);
    EXPECT_THAT(ProblemOf(daemon), StartsWith("backup_dir: got")) << directory;
  }
  for (const char* directory : {"", "/srv/backups", "/var/lib", "/var/lib/vigie-backups"}) {
    Daemon daemon = Usable();
    daemon.set_backup_dir(directory);
    EXPECT_EQ(ProblemOf(daemon), "") << directory;
  }
}

TEST(DaemonCheck, RefusesGrpcOffLoopbackBecauseThereIsNoTls) {
  for (const char* address : {"0.0.0.0:7443", "192.168.1.5:7443", "[::]:7443", "[2001:db8::1]:1"}) {
    Daemon daemon = Usable();
    daemon.set_grpc_listen(address);
    EXPECT_EQ(ProblemOf(daemon),
              base::Cat("grpc_listen: got ", address,
                        ", want a loopback address, for example 127.0.0.1:7443: this version "
                        "has no TLS"));
  }
}

TEST(DaemonCheck, RefusesAnInsecureListenerThatNobodyAskedFor) {
  Daemon daemon = Usable();
  daemon.set_insecure_listener(false);
  EXPECT_THAT(ProblemOf(daemon), StartsWith("insecure_listener: got false, want true: this version "
                                            "has no TLS"));
}

TEST(DaemonCheck, TakesEveryLoopbackAddressAndAFreePort) {
  for (const char* address : {"127.0.0.1:0", "127.8.9.10:65535", "[::1]:7443"}) {
    Daemon daemon = Usable();
    daemon.set_grpc_listen(address);
    EXPECT_EQ(ProblemOf(daemon), "") << address;
  }
}

TEST(DaemonCheck, TakesAnyAddressForHttp) {
  Daemon daemon = Usable();
  daemon.set_http_listen("0.0.0.0:9464");
  EXPECT_EQ(ProblemOf(daemon), "");
}

TEST(DaemonCheck, RefusesWhatIsNoAddressAndPort) {
  for (const char* address :
       {"", "127.0.0.1", "7443", ":7443", "localhost:7443", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0.1:http", "127.1:7443", "::1:7443",
        "[::1]", "[127.0.0.1]:7443", "127.0.0.256:1", "[]:1", "[:1", "127.0.0.1:000000001"}) {
    Daemon daemon = Usable();
    daemon.set_grpc_listen(address);
    EXPECT_THAT(ProblemOf(daemon), HasSubstr("want an IP address and a port")) << address;
    daemon = Usable();
    daemon.set_http_listen(address);
    EXPECT_THAT(ProblemOf(daemon), StartsWith("http_listen: got ")) << address;
  }
}

TEST(DaemonCheck, RefusesOneAddressForBothListenersUnlessThePortIsFree) {
  Daemon daemon = Usable();
  daemon.set_http_listen(daemon.grpc_listen());
  EXPECT_THAT(ProblemOf(daemon), HasSubstr("want another port than grpc_listen has"));
  daemon.set_grpc_listen("127.0.0.1:0");
  daemon.set_http_listen("127.0.0.1:0");
  EXPECT_EQ(ProblemOf(daemon), "");
}

TEST(DaemonCheck, RefusesAnUnknownTimeZone) {
  for (const char* zone :
       {"", "Europe/Pariss", "/etc/localtime", "../../etc/passwd", "localtime"}) {
    Daemon daemon = Usable();
    daemon.set_time_zone(zone);
    EXPECT_THAT(ProblemOf(daemon), StartsWith("time_zone: got ")) << zone;
  }
  Daemon daemon = Usable();
  daemon.set_time_zone("UTC");
  EXPECT_EQ(ProblemOf(daemon), "");
}

TEST(DaemonCheck, RefusesAnOrganisationThatIsNoIdentifier) {
  Daemon daemon = Usable();
  daemon.set_organisation_id("CHU Exemple");
  EXPECT_THAT(ProblemOf(daemon), StartsWith("organisation_id: got \"CHU Exemple\", want 0 to 64"));
}

TEST(DaemonCheck, RefusesAKeyEpochBelowOne) {
  Daemon daemon = Usable();
  daemon.mutable_privacy()->set_pseudonym_key_epoch(0);
  EXPECT_EQ(ProblemOf(daemon), "privacy.pseudonym_key_epoch: got 0, want 1 or more");
}

TEST(DaemonCheck, RefusesPatternsThatCannotServe) {
  for (const std::string& pattern :
       {std::string(), std::string("("), std::string("a{5000}"), std::string("(?=x)"),
        std::string("[0-9]*"), std::string(201, 'x')}) {
    Daemon daemon = Usable();
    daemon.mutable_privacy()->add_patient_number_patterns(pattern);
    EXPECT_THAT(ProblemOf(daemon), StartsWith("privacy.patient_number_patterns[0]: got "))
        << pattern;
  }
  Daemon daemon = Usable();
  daemon.mutable_privacy()->add_patient_number_patterns("^[12][0-9]{12,14}$");
  EXPECT_EQ(ProblemOf(daemon), "");
}

TEST(DaemonCheck, RefusesTooManyPatterns) {
  Daemon daemon = Usable();
  for (int i = 0; i < 33; ++i) daemon.mutable_privacy()->add_patient_number_patterns("x");
  EXPECT_EQ(ProblemOf(daemon), "privacy.patient_number_patterns: got 33 patterns, want at most 32");
}

TEST(DaemonCheck, HoldsEveryLimitToTheRangeOfTheSchema) {
  struct Case {
    void (*set)(config::v1::Limits*, int64_t);
    int64_t least;
    int64_t most;
  };
  const std::vector<Case> cases = {
      {[](auto* limits, int64_t n) { limits->set_max_scopes(static_cast<int32_t>(n)); }, 1,
       1000000},
      {[](auto* limits, int64_t n) { limits->set_max_queued_events(static_cast<int32_t>(n)); },
       4096, 10000000},
      {[](auto* limits, int64_t n) { limits->set_max_quarantined_events(static_cast<int32_t>(n)); },
       0, 10000000},
      {[](auto* limits, int64_t n) { limits->set_block_cache_bytes(n); }, 1048576, 68719476736},
      {[](auto* limits, int64_t n) { limits->set_disk_reserve_bytes(n); }, 16777216, 1099511627776},
      {[](auto* limits, int64_t n) { limits->set_scrub_bytes_per_second(n); }, 65536, 1073741824},
  };
  for (const Case& limit : cases) {
    for (const auto& [value, accepted] : {std::pair<int64_t, bool>{limit.least - 1, false},
                                          {limit.least, true},
                                          {limit.most, true},
                                          {limit.most + 1, false}}) {
      Daemon daemon = Usable();
      limit.set(daemon.mutable_limits(), value);
      EXPECT_EQ(ValidateDaemon(daemon).ok(), accepted) << value;
    }
  }
}

TEST(DaemonCheck, LetsTheDiskReserveAndTheScrubBeOff) {
  Daemon daemon = Usable();
  daemon.mutable_limits()->set_disk_reserve_bytes(0);
  daemon.mutable_limits()->set_scrub_bytes_per_second(0);
  EXPECT_TRUE(ValidateDaemon(daemon).ok());
}

TEST(DaemonCheck, Row26_HoldsTheRetentionCorridor) {
  struct Case {
    int32_t floor_days;
    int32_t ceiling_days;
    const char* legal_hold;
    const char* problem;  // Empty = accepted.
  };
  for (const Case& tried : std::vector<Case>{
           {182, 0, "", "retention.floor_days: got 182, want 183 to 1096"},
           {183, 0, "", ""},
           {183, 365, "", ""},
           {183, 182, "", "retention.ceiling_days: got 182, want 0"},
           {183, -1, "", "retention.ceiling_days: got -1, want 0"},
           {365, 364, "", "retention.ceiling_days: got 364, want 0"},
           {183, 1096, "", ""},
           {183, 1097, "", "retention.ceiling_days: got 1097, want at most 1096"},
           {183, 1200, "claim 7 is pending", ""},
           {183, 365, "no", "retention.legal_hold: got 2 characters, want 3 to 200"}}) {
    Daemon daemon = Usable();
    daemon.mutable_retention()->set_floor_days(tried.floor_days);
    daemon.mutable_retention()->set_ceiling_days(tried.ceiling_days);
    daemon.mutable_retention()->set_legal_hold(tried.legal_hold);
    EXPECT_THAT(ProblemOf(daemon), StartsWith(tried.problem)) << tried.ceiling_days;
    EXPECT_EQ(ValidateDaemon(daemon).ok(), std::string(tried.problem).empty());
  }
}

TEST_F(DaemonConfig, KeepsEverythingUnlessACeilingIsSet) {
  const Daemon daemon = Load("reflection: true\n").value();
  EXPECT_EQ(daemon.retention().floor_days(), 183);
  EXPECT_EQ(daemon.retention().ceiling_days(), 0);
  EXPECT_THAT(LoadError("retention:\n  floor_days: 90\n"),
              HasSubstr(":2:15: retention.floor_days: got 90, want 183 to 1096: the AI Act"));
}

}  // namespace
}  // namespace vigie
