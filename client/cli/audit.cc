// SPDX-License-Identifier: Apache-2.0
// `vigie audit`: decisions drawn for expert truth, and the truth that comes back.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "choice.h"
#include "print.h"
#include "scope_options.h"
#include "sha256.h"
#include "summary_text.h"
#include "vigie/v1/audit_service.grpc.pb.h"
#include "vigie/v1/ingest_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

constexpr size_t kEventIdDigits = 32;
constexpr int kTruthsInACall = 1000;

void WriteSample(const google::protobuf::RepeatedPtrField<v1::DrawnDecision>& decisions) {
  std::string text = "decision_id,system_id,stratum\n";
  for (const v1::DrawnDecision& decision : decisions) {
    absl::StrAppend(&text, decision.decision_id(), ",", decision.system_id(), ",",
                    decision.stratum(), "\n");
  }
  Write(text);
}

ExitCode Draw(const Session& session, const std::vector<std::string>& /*operands*/,
              const po::variables_map& arguments) {
  const absl::StatusOr<int64_t> from = ReadTime(arguments, "from");
  if (!from.ok()) return FailUsage(std::string(from.status().message()));
  const absl::StatusOr<int64_t> to = ReadTime(arguments, "to");
  if (!to.ok()) return FailUsage(std::string(to.status().message()));
  if (arguments.count("fraction") == 0) {
    return FailUsage("audit draw: --fraction is missing; say which share to draw, such as 0.05");
  }
  v1::DrawAuditRequest request;
  *request.mutable_scope() = ScopeFrom(arguments);
  request.set_from_ms(*from);
  request.set_to_ms(*to);
  request.set_fraction(arguments["fraction"].as<double>());
  request.set_seed(TextOf(arguments, "seed"));
  request.set_draw_id(TextOf(arguments, "id"));
  if (const std::string by = TextOf(arguments, "stratify"); !by.empty()) {
    const std::optional<int> value = FromWords(*v1::Stratification_descriptor(), by);
    if (!value.has_value()) {
      return FailUsage(absl::StrCat("--stratify: got \"", by, "\", want unit or degree"));
    }
    request.set_stratification(static_cast<v1::Stratification>(*value));
  }
  v1::DrawAuditResponse response;
  const absl::Status status =
      session.Call<v1::AuditService>(&v1::AuditService::Stub::DrawAudit, request, &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  const v1::AuditDraw& draw = response.draw();
  Table table({"STRATUM", ">POPULATION", ">DRAWN", ">PROBABILITY"});
  for (const v1::Stratum& stratum : draw.strata()) {
    table.Add({stratum.name().empty() ? "all" : stratum.name(),
               absl::StrCat(stratum.population_count()), absl::StrCat(stratum.sample_count()),
               absl::StrCat(stratum.inclusion_ratio())});
  }
  Write(absl::StrCat("Draw ", draw.draw_id(), ", seed ", draw.seed(), ", recorded at log position ",
                     response.log_position(), "; the decisions: vigie audit show ", draw.draw_id(),
                     "\n\n", table.Text()));
  return ExitCode::kDone;
}

ExitCode List(const Session& session, const std::vector<std::string>& /*operands*/,
              const po::variables_map& /*arguments*/) {
  v1::ListDrawsResponse response;
  const absl::Status status = session.Call<v1::AuditService>(&v1::AuditService::Stub::ListDraws,
                                                             v1::ListDrawsRequest(), &response);
  if (!status.ok()) return session.Fail(status);
  if (session.json()) {
    Write(ToJson(response));
    return ExitCode::kDone;
  }
  Table table({"DRAW", "STRATUM", "RESPONSE", "COUNTS", "DRAWN AT"});
  for (const v1::DrawState& draw : response.draws()) {
    for (const v1::DrawResponse& stratum : draw.strata()) {
      table.Add({draw.draw().draw_id(), stratum.stratum().empty() ? "all" : stratum.stratum(),
                 ProportionText(true, stratum.response()), stratum.counted() ? "yes" : "not yet",
                 TimeText(draw.drawn_at_ms())});
    }
  }
  Write(table.Text());
  return ExitCode::kDone;
}

absl::StatusOr<v1::GetDrawResponse> Get(const Session& session, const std::string& draw_id,
                                        const po::variables_map& arguments) {
  v1::GetDrawRequest request;
  request.set_organisation_id(TextOf(arguments, "organisation"));
  request.set_draw_id(draw_id);
  v1::GetDrawResponse response;
  const absl::Status status =
      session.Call<v1::AuditService>(&v1::AuditService::Stub::GetDraw, request, &response);
  if (!status.ok()) return status;
  return response;
}

ExitCode Show(const Session& session, const std::vector<std::string>& operands,
              const po::variables_map& arguments) {
  const absl::StatusOr<v1::GetDrawResponse> response = Get(session, operands[0], arguments);
  if (!response.ok()) return session.Fail(response.status());
  if (session.json()) {
    Write(ToJson(*response));
  } else {
    WriteSample(response->decisions());
  }
  return ExitCode::kDone;
}

// A truth of a draw. The same row gives the same event, so that a file may be sent again.
v1::Event TruthOf(const std::vector<std::string>& row, const v1::DrawState& draw, int64_t now_ms) {
  v1::Event event;
  event.set_event_id(
      Sha256Hex(absl::StrCat(draw.draw().draw_id(), "\n", row[0], "\n", row[2], "\n", row[3]))
          .substr(0, kEventIdDigits));
  event.set_organisation_id(draw.organisation_id());
  event.set_decision_id(row[0]);
  event.set_system_id(row[1]);
  event.set_occurred_at_ms(now_ms);
  v1::TruthEstablished* truth = event.mutable_truth_established();
  truth->set_origin(v1::TRUTH_ORIGIN_DRAWN_AUDIT);
  truth->set_origin_id(draw.draw().draw_id());
  v1::Code* code = truth->add_codes();
  code->set_system(row[2]);
  code->set_code(row[3]);
  return event;
}

ExitCode Return(const Session& session, const std::vector<std::string>& operands,
                const po::variables_map& arguments) {
  const absl::StatusOr<v1::GetDrawResponse> draw = Get(session, operands[0], arguments);
  if (!draw.ok()) return session.Fail(draw.status());
  const auto rows = ReadCsv(operands[1], "decision_id,system_id,code_system,code");
  if (!rows.ok()) return session.Fail(rows.status());
  // Not the clock's: what is sent again must be the same event.
  const int64_t at_ms = draw->state().drawn_at_ms();
  v1::RecordEventsRequest request;
  int64_t recorded = 0;
  int64_t duplicate = 0;
  int64_t refused = 0;
  for (size_t i = 0; i < rows->size(); ++i) {
    *request.add_events() = TruthOf((*rows)[i], draw->state(), at_ms);
    if (request.events_size() < kTruthsInACall && i + 1 < rows->size()) continue;
    request.set_source_id("vigie-audit");
    v1::RecordEventsResponse response;
    const absl::Status status =
        session.Call<v1::IngestService>(&v1::IngestService::Stub::RecordEvents, request, &response);
    if (!status.ok()) return session.Fail(status);
    for (const v1::EventResult& result : response.results()) {
      recorded += result.fate() == v1::EVENT_FATE_RECORDED;
      duplicate += result.fate() == v1::EVENT_FATE_DUPLICATE;
      if (result.fate() != v1::EVENT_FATE_REFUSED) continue;
      ++refused;
      Write(absl::StrCat("refused: ", result.violation().field(), ": got ",
                         result.violation().got(), ", want ", result.violation().want(), "\n"));
    }
    request.clear_events();
  }
  Write(absl::StrCat(recorded, " truths recorded, ", duplicate, " known already, ", refused,
                     " refused.\n"));
  return refused > 0 ? ExitCode::kRefused : ExitCode::kDone;
}

void Describe(po::options_description& options) {
  DescribeScope(options);
  DescribeSpan(options);
  options.add_options()                                                                        //
      ("fraction", po::value<double>()->value_name("SHARE"), "share of each stratum to draw")  //
      ("stratify", po::value<std::string>()->value_name("BY"), "unit or degree")               //
      ("seed", po::value<std::string>()->value_name("SEED"), "random when left out")           //
      ("id", po::value<std::string>()->value_name("ID"), "its name; made up when left out");
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  return RunChoice("audit",
                   {{"list", 0, List}, {"draw", 0, Draw}, {"show", 1, Show}, {"return", 2, Return}},
                   session, arguments);
}

}  // namespace

Verb AuditVerb() {
  return {
      .name = "audit",
      .arguments = "[list|draw --fraction SHARE|show DRAW|return DRAW FILE]",
      .summary = "draw closed decisions for expert truth, and follow what comes back",
      .manual =
          "`audit draw` records a random sample with its seed and the one probability of each\n"
          "stratum: the decisions with the smallest SHA-256 of seed, a line feed and decision_id.\n"
          "`audit show` prints them as CSV for the experts. `audit return` sends their answers, a\n"
          "CSV file headed `decision_id,system_id,code_system,code`; sending it again changes\n"
          "nothing. A draw counts once the policy's share of its truths is back.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
