// SPDX-License-Identifier: Apache-2.0
// What every gRPC server offers, and that every RPC says who may call it.
#include "grpc/raw_call.h"
#include "grpc/scene.h"
#include "rpc/roles.h"

namespace vigie::testing {
namespace {

// HealthCheckResponse with status 1 and 2 of the standard protocol.
const std::string kServing("\x08\x01", 2);
const std::string kNotServing("\x08\x02", 2);

using StandardServices = DaemonTest;

TEST_F(StandardServices, TellHealthUntilTheDaemonStops) {
  RawCall check(channel(), "/grpc.health.v1.Health/Check");
  check.Write("");
  check.WritesDone();
  EXPECT_EQ(check.Read(), kServing);
  EXPECT_TRUE(check.Finish().ok());

  RawCall watch(channel(), "/grpc.health.v1.Health/Watch");
  watch.Write("");
  watch.WritesDone();
  EXPECT_EQ(watch.Read(), kServing);
  daemon().AskToStop();
  EXPECT_EQ(watch.Read(), kNotServing);
  EXPECT_EQ(daemon().Stop(), 0);
}

TEST_F(StandardServices, ReflectTheServicesOfTheDaemon) {
  RawCall call(channel(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  call.Write(std::string("\x3a\x00", 2));  // list_services = ""
  const auto listed = call.Read();
  ASSERT_TRUE(listed.has_value());
  for (const char* service :
       {"vigie.v1.IngestService", "vigie.v1.OversightService", "vigie.v1.RegistryService",
        "vigie.v1.AdminService", "grpc.health.v1.Health"}) {
    EXPECT_NE(listed->find(service), std::string::npos) << service;
  }
}

TEST(Roles, AreDeclaredForEveryRpc) {
  EXPECT_TRUE(rpc::CheckEveryMethodHasARole().ok()) << rpc::CheckEveryMethodHasARole();
}

TEST(Roles, MissingForOneRpcAreRefusedByItsName) {
  for (size_t i = 0; i < rpc::MethodRoles().size(); ++i) {
    std::vector<rpc::MethodRole> rows = rpc::MethodRoles();
    const std::string method(rows[i].method);
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
    const absl::Status status = rpc::CheckRoles(rows);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(status.ToString().find(method), std::string::npos) << status;
  }
}

TEST(Roles, OfWhatIsNoRpcAreRefused) {
  std::vector<rpc::MethodRole> rows = rpc::MethodRoles();
  rows.push_back({"vigie.v1.AdminService/DropEverything", rpc::Role::kAdmin});
  EXPECT_EQ(rpc::CheckRoles(rows).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Roles, LetOnlyIndividualOversightAskAboutAPerson) {
  for (const rpc::MethodRole& row : rpc::MethodRoles()) {
    EXPECT_EQ(row.role == rpc::Role::kIndividualOversight,
              row.method == "vigie.v1.OversightService/GetActorSummary")
        << row.method;
  }
}

}  // namespace
}  // namespace vigie::testing
