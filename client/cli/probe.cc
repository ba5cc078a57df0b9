// SPDX-License-Identifier: Apache-2.0
// `vigie probe`: wrong suggestions planted safely.
#include "absl/strings/str_cat.h"
#include "choice.h"
#include "print.h"
#include "sha256.h"
#include "vigie/v1/probe_service.grpc.pb.h"

namespace vigie::cli {
namespace {

std::string CodesText(const google::protobuf::RepeatedPtrField<v1::Code>& codes) {
  std::string text;
  for (const v1::Code& code : codes) {
    absl::StrAppend(&text, text.empty() ? "" : " ", code.system(), code.system().empty() ? "" : "|",
                    code.code());
  }
  return text;
}

// Calls and prints what `text` makes of the answer.
template <typename Method, typename Request, typename Response, typename Text>
ExitCode Ask(const Session& session, Method method, const Request& request, Response* response,
             Text text) {
  const absl::Status status = session.Call<v1::ProbeService>(method, request, response);
  if (!status.ok()) return session.Fail(status);
  Write(session.json() ? ToJson(*response) : text(*response));
  return ExitCode::kDone;
}

ExitCode List(const Session& session, const std::vector<std::string>& /*operands*/,
              const po::variables_map& /*arguments*/) {
  v1::ListPlansResponse response;
  return Ask(session, &v1::ProbeService::Stub::ListPlans, v1::ListPlansRequest(), &response,
             [](const v1::ListPlansResponse& plans) {
               Table table({"PLAN", "SYSTEM", "STATE", ">ITEMS", ">HANDED OUT", ">CLOSED",
                            ">APPLIED", "ETHICS", "MANIFEST SHA256"});
               for (const v1::PlanState& plan : plans.plans()) {
                 table.Add({plan.plan().plan_id(), plan.plan().system_id(),
                            plan.revealed_position() != 0  ? "revealed"
                            : plan.stopped_position() != 0 ? "stopped"
                                                           : "sealed",
                            absl::StrCat(plan.item_count()), absl::StrCat(plan.handed_out_count()),
                            absl::StrCat(plan.closed_count()), absl::StrCat(plan.applied_count()),
                            plan.plan().ethics_reference(), plan.manifest_sha256()});
               }
               return table.Text();
             });
}

ExitCode Commit(const Session& session, const std::vector<std::string>& operands,
                const po::variables_map& arguments) {
  const auto rows = ReadCsv(operands[1], "decision_id,suggestion,truth");
  if (!rows.ok()) return session.Fail(rows.status());
  const absl::StatusOr<int64_t> stop_at = ReadTime(arguments, "stop-at");
  if (!stop_at.ok()) return FailUsage(std::string(stop_at.status().message()));
  v1::CommitPlanRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  v1::ProbePlan* plan = request.mutable_plan();
  plan->set_plan_id(operands[0]);
  plan->set_system_id(TextOf(arguments, "system"));
  plan->set_ethics_reference(TextOf(arguments, "ethics"));
  plan->set_rate_permille(arguments["rate-permille"].as<int>());
  plan->set_limit_per_actor_day(arguments["per-actor-day"].as<int>());
  plan->set_stop_after_applied_count(arguments["stop-after"].as<int>());
  plan->set_stop_at_ms(*stop_at);
  for (const std::vector<std::string>& row : *rows) {
    v1::ProbeItem* item = request.add_items();
    item->set_decision_id(row[0]);
    item->add_suggestions()->set_code(row[1]);
    item->add_truth()->set_code(row[2]);
  }
  v1::CommitPlanResponse response;
  return Ask(session, &v1::ProbeService::Stub::CommitPlan, request, &response,
             [](const v1::CommitPlanResponse& committed) {
               return absl::StrCat("Committed at log position ", committed.log_position(),
                                   "; SHA-256 of the sealed manifest ", committed.manifest_sha256(),
                                   ".\nGive the hash to whoever will check the reveal.\n");
             });
}

ExitCode HandOut(const Session& session, const std::vector<std::string>& operands,
                 const po::variables_map& arguments) {
  v1::HandOutItemRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_plan_id(operands[0]);
  request.set_actor_id(TextOf(arguments, "actor"));
  v1::HandOutItemResponse response;
  return Ask(session, &v1::ProbeService::Stub::HandOutItem, request, &response,
             [](const v1::HandOutItemResponse& handed) {
               return absl::StrCat("Plant decision ", handed.item().decision_id(),
                                   " with suggestion ", CodesText(handed.item().suggestions()),
                                   "; it must never take effect. ", handed.remaining_count(),
                                   " items left.\n");
             });
}

ExitCode Stop(const Session& session, const std::vector<std::string>& operands,
              const po::variables_map& arguments) {
  v1::StopPlanRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_plan_id(operands[0]);
  request.set_reason(TextOf(arguments, "reason"));
  v1::StopPlanResponse response;
  return Ask(session, &v1::ProbeService::Stub::StopPlan, request, &response,
             [](const v1::StopPlanResponse& stopped) {
               return absl::StrCat("Stopped at log position ", stopped.log_position(), ".\n");
             });
}

ExitCode Reveal(const Session& session, const std::vector<std::string>& operands,
                const po::variables_map& arguments) {
  v1::RevealPlanRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_plan_id(operands[0]);
  v1::RevealPlanResponse response;
  return Ask(session, &v1::ProbeService::Stub::RevealPlan, request, &response,
             [&](const v1::RevealPlanResponse& revealed) {
               return absl::StrCat("Revealed at log position ", revealed.log_position(),
                                   "; see vigie probe manifest ", operands[0], "\n");
             });
}

// Hashes for itself, so that the server's word is not needed.
ExitCode Manifest(const Session& session, const std::vector<std::string>& operands,
                  const po::variables_map& arguments) {
  v1::GetManifestRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_plan_id(operands[0]);
  v1::GetManifestResponse response;
  bool matches = false;
  const ExitCode asked = Ask(
      session, &v1::ProbeService::Stub::GetManifest, request, &response,
      [&](const v1::GetManifestResponse& revealed) {
        matches = Sha256Hex(revealed.canonical()) == revealed.manifest_sha256();
        Table table({"DECISION", "SUGGESTION", "TRUTH"});
        // What was hashed is what is shown.
        v1::ProbeManifest manifest;
        matches = matches && manifest.ParseFromString(revealed.canonical());
        for (const v1::ProbeItem& item : manifest.items()) {
          table.Add({item.decision_id(), CodesText(item.suggestions()), CodesText(item.truth())});
        }
        return absl::StrCat(table.Text(), "SHA-256 ", revealed.manifest_sha256(),
                            matches ? ", as these items hash.\n" : ": THE ITEMS HASH OTHERWISE.\n");
      });
  if (asked != ExitCode::kDone || session.json()) return asked;
  return matches ? ExitCode::kDone : ExitCode::kFailed;
}

void Describe(po::options_description& options) {
  options.add_options()  //
      ("organisation", po::value<std::string>()->value_name("ID"),
       "may be left out where the store knows only one")                                          //
      ("system", po::value<std::string>()->value_name("ID"), "commit: the system that suggests")  //
      ("ethics", po::value<std::string>()->value_name("TEXT"),
       "commit: reference of the ethics body's approval")  //
      ("rate-permille", po::value<int>()->default_value(10)->value_name("N"),
       "commit: items per thousand closed decisions, at most 200")  //
      ("per-actor-day", po::value<int>()->default_value(1)->value_name("N"),
       "commit: items for one person on one day, at most 20")  //
      ("stop-after", po::value<int>()->default_value(1)->value_name("N"),
       "commit: stop when so many took effect, at most 10")                                   //
      ("stop-at", po::value<std::string>()->value_name("TIME"), "commit: stop at this time")  //
      ("actor", po::value<std::string>()->value_name("ID"),
       "hand-out: the person, as the source sends it")  //
      ("reason", po::value<std::string>()->value_name("TEXT"), "stop: why, 3 to 200 characters");
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  return RunChoice("probe",
                   {{"list", 0, List},
                    {"commit", 2, Commit},
                    {"hand-out", 1, HandOut},
                    {"stop", 1, Stop},
                    {"reveal", 1, Reveal},
                    {"manifest", 1, Manifest}},
                   session, arguments);
}

}  // namespace

Verb ProbeVerb() {
  return {
      .name = "probe",
      .arguments = "[list|commit PLAN FILE|hand-out PLAN|stop PLAN|reveal PLAN|manifest PLAN]",
      .summary = "wrong suggestions planted on purpose, to see whether anyone notices",
      .manual =
          "`probe commit` seals a plan: FILE is CSV headed `decision_id,suggestion,truth`. The\n"
          "items are in the log from then on, hidden; the SHA-256 of the manifest is public.\n"
          "`probe hand-out` gives the vendor the next item to plant for one person, within the\n"
          "plan's rate and limit. A seeded suggestion must never take effect: if one does, a\n"
          "critical alarm is raised and the plan stops. `probe reveal` opens a stopped plan, and\n"
          "`probe manifest` prints it and checks its hash.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
