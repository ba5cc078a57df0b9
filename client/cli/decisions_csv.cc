// SPDX-License-Identifier: Apache-2.0
#include "decisions_csv.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "csv.h"
#include "print.h"
#include "progress.h"
#include "vigie/v1/oversight_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

constexpr int kPageSize = 1000;
constexpr int kMaxCsvRows = 1'000'000;

// Part of what scripts rely on: columns are only ever added, at the end.
const std::vector<std::string>& CsvColumns() {
  static const std::vector<std::string>& columns = *new std::vector<std::string>{
      "decision_id",    "organisation_id", "system_id",       "system_version",   "unit_id",
      "environment",    "decision_kind",   "state",           "degree",           "reasons",
      "rules",          "grade",           "decisive_act_at", "active_ms",        "minimum_ms",
      "truth_origin",   "ai_wrong",        "caught",          "late_event_count", "policy_epoch",
      "calibration_id", "first_position",
  };
  return columns;
}

// Empty for what is unspecified or absent.
template <typename Enum>
std::string CsvEnum(Enum value) {
  return value == 0 ? "" : CsvWord(InWords(value));
}

}  // namespace

std::string DecisionCsvRow(const v1::Decision& decision) {
  const auto flag = [](bool present, bool value) {
    return std::string(!present ? "" : value ? "true" : "false");
  };
  const auto reasons =
      absl::StrJoin(decision.reasons(), ";", [](std::string* out, const v1::ReasonFound& reason) {
        absl::StrAppend(out, CsvEnum(reason.reason()));
      });
  const int64_t act_ms = decision.decisive_act_at_ms();
  return CsvRow({decision.decision_id(),
                 decision.scope().organisation_id(),
                 decision.scope().system_id(),
                 decision.scope().system_version(),
                 decision.scope().unit_id(),
                 CsvEnum(decision.scope().environment()),
                 decision.decision_kind(),
                 CsvEnum(decision.state()),
                 CsvEnum(decision.degree()),
                 reasons,
                 absl::StrJoin(decision.rules(), ";"),
                 CsvEnum(decision.grade()),
                 act_ms == 0 ? ""
                             : absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                                                absl::FromUnixMillis(act_ms), absl::UTCTimeZone()),
                 decision.has_active_ms() ? absl::StrCat(decision.active_ms()) : "",
                 decision.has_minimum_ms() ? absl::StrCat(decision.minimum_ms()) : "",
                 CsvEnum(decision.truth_origin()),
                 flag(decision.has_ai_wrong(), decision.ai_wrong()),
                 flag(decision.has_caught(), decision.caught()),
                 absl::StrCat(decision.late_event_count()),
                 absl::StrCat(decision.policy_epoch()),
                 decision.calibration_id(),
                 absl::StrCat(decision.first_position())});
}

ExitCode WriteDecisionsCsv(const Session& session, v1::ListDecisionsRequest request,
                           std::optional<int> asked) {
  const int limit = asked.value_or(kMaxCsvRows);
  Progress progress(limit, "decisions at most", session.progress());
  Write(CsvRow(CsvColumns()));
  int written = 0;
  do {
    request.set_page_size(std::min(kPageSize, limit - written));
    v1::ListDecisionsResponse page;
    const absl::Status status = session.Call<v1::OversightService>(
        &v1::OversightService::Stub::ListDecisions, request, &page);
    if (!status.ok()) return session.Fail(status);
    for (const v1::Decision& decision : page.decisions()) Write(DecisionCsvRow(decision));
    written += page.decisions_size();
    progress.Update(written);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && written < limit);
  progress.End();
  if (request.page_token().empty() || asked.has_value()) return ExitCode::kDone;
  std::fprintf(stderr, "vigie: there are more than %d decisions; ask for a narrower scope\n",
               limit);
  return ExitCode::kFailed;
}

}  // namespace vigie::cli
