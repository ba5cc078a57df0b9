// SPDX-License-Identifier: Apache-2.0
// `vigie systems` and `vigie sources`: the register of who suggests and who sends.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "print.h"
#include "verb.h"
#include "vigie/v1/registry_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

std::string KindsText(const google::protobuf::RepeatedField<int>& kinds) {
  return absl::StrJoin(kinds, ", ", [](std::string* out, int kind) {
    absl::StrAppend(out, InWords(*v1::PayloadKind_descriptor(), kind));
  });
}

ExitCode RunSystems(const Session& session, const po::variables_map& /*arguments*/) {
  v1::ListSystemsResponse all;
  const absl::Status status = session.CallAllPages<v1::RegistryService>(
      &v1::RegistryService::Stub::ListSystems, v1::ListSystemsRequest(), &all);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(all));
    return ExitCode::kDone;
  }
  Table table({"ORGANISATION", "SYSTEM", "DECLARED", ">EVENTS", "STATE", "KIND", "TITLE"});
  for (const v1::SystemState& state : all.systems()) {
    const v1::System& system = state.system();
    table.Add({system.organisation_id(), system.system_id(), state.declared() ? "yes" : "NO",
               absl::StrCat(state.event_count()), state.stopped() ? "stopped" : "in use",
               system.decision_kind(), system.title()});
  }
  Write(table.Text());
  return ExitCode::kDone;
}

ExitCode RunSources(const Session& session, const po::variables_map& /*arguments*/) {
  v1::ListSourcesResponse all;
  const absl::Status status = session.CallAllPages<v1::RegistryService>(
      &v1::RegistryService::Stub::ListSources, v1::ListSourcesRequest(), &all);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(all));
    return ExitCode::kDone;
  }
  Table table({"SOURCE", "DECLARED", "GRADE", "ENVIRONMENT", "LIVE", ">SEQUENCE", ">LOST",
               ">REFUSED", ">LAG", ">SKEW", "LAST EVENT", "DECLARED, NEVER CAME",
               "CAME UNDECLARED"});
  for (const v1::SourceState& state : all.sources()) {
    table.Add(
        {state.source().source_id(), state.declared() ? "yes" : "NO", InWords(state.grade()),
         InWords(state.source().environment()), state.connected() ? "yes" : "no",
         absl::StrCat(state.last_sequence()), absl::StrCat(state.lost_count()),
         absl::StrCat(state.refused_count()), SpanText(static_cast<double>(state.lag_ms())),
         state.has_clock_skew_ms() ? SpanText(static_cast<double>(state.clock_skew_ms())) : "-",
         TimeText(state.last_recorded_at_ms()), KindsText(state.missing()),
         KindsText(state.undeclared())});
  }
  Write(table.Text());
  return ExitCode::kDone;
}

}  // namespace

Verb SystemsVerb() {
  return {
      .name = "systems",
      .arguments = "",
      .summary = "the AI systems, undeclared ones too",
      .manual =
          "Lists the AI systems that were declared or seen in events. One that is used without\n"
          "being in the register is a finding by itself.",
      .describe = DescribeNothing,
      .run = RunSystems,
  };
}

Verb SourcesVerb() {
  return {
      .name = "sources",
      .arguments = "",
      .summary = "the sources: what they declare and what they deliver",
      .manual =
          "Lists the systems that send events: grade, last sequence, lag (receipt of the last\n"
          "event minus when it occurred), clock skew, and where what was declared and what came\n"
          "differ.",
      .describe = DescribeNothing,
      .run = RunSources,
  };
}

}  // namespace vigie::cli
