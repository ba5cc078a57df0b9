// SPDX-License-Identifier: Apache-2.0
// `vigie check`: what a feed would be worth, without a server.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "baseline_policy.h"
#include "engine/event_facts.h"
#include "engine/fold.h"
#include "oversight/decision_view.h"
#include "policy/policy.h"
#include "print.h"
#include "replay_file.h"
#include "replay_mapping.h"
#include "store/digest.h"
#include "verb.h"
#include "words.h"

namespace vigie::cli {
namespace {

constexpr char kSourceId[] = "check";
constexpr int64_t kEndOfFeedMs = std::numeric_limits<int64_t>::max() / 4;

void Describe(po::options_description& options) {
  options.add_options()  //
      ("policy", po::value<std::string>()->value_name("FILE"),
       "judge under this policy (default: the baseline policy built in)");
}

// What a feed holds: its events, or why a line has none.
struct Feed {
  std::vector<v1::Event> events;
  std::vector<InvalidLine> invalid;
};

// A line that is a vigie.v1.Event in protobuf JSON.
absl::Status AddEvent(const std::string& line, std::vector<v1::Event>* events) {
  v1::Event event;
  const auto parsed = google::protobuf::util::JsonStringToMessage(line, &event);
  if (!parsed.ok()) return absl::InvalidArgumentError(std::string(parsed.message()));
  events->push_back(std::move(event));
  return absl::OkStatus();
}

absl::Status AddRecord(const std::string& line, int64_t index, std::vector<v1::Event>* events) {
  auto mapped = MapRecord(line, index);
  if (!mapped.ok()) return mapped.status();
  for (v1::Event& event : *mapped) events->push_back(std::move(event));
  return absl::OkStatus();
}

absl::StatusOr<Feed> ReadFeed(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  Feed feed;
  std::string line;
  int64_t index = 0;
  for (int64_t number = 1; std::getline(file, line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const bool is_event = line.find("\"eventId\"") != std::string::npos ||
                          line.find("\"event_id\"") != std::string::npos;
    const absl::Status added =
        is_event ? AddEvent(line, &feed.events) : AddRecord(line, index, &feed.events);
    if (!added.ok()) feed.invalid.push_back({number, std::string(added.message())});
    ++index;
  }
  return feed;
}

// Folds a feed in memory, as the daemon would.
class Checker {
 public:
  explicit Checker(const policy::LoadedPolicy& policy) : fold_(&views_, {}) {
    store::v1::Record created;
    created.mutable_store_created()->set_time_zone("UTC");
    Apply(created);
    store::v1::Record activated;
    *activated.mutable_policy_activated()->mutable_policy() = policy.policy;
    activated.mutable_policy_activated()->set_sha256(policy.sha256);
    Apply(activated);
  }

  // The feed's own payloads are what its source can send.
  void Declare(const std::vector<v1::Event>& events) {
    std::map<v1::PayloadKind, bool> kinds;
    for (const v1::Event& event : events) kinds[engine::KindOf(event)] = true;
    store::v1::Record declared;
    declared.mutable_source()->set_source_id(kSourceId);
    for (const auto& [kind, present] : kinds) {
      if (kind != v1::PAYLOAD_KIND_UNSPECIFIED) declared.mutable_source()->add_payloads(kind);
    }
    Apply(declared);
  }

  // Whether the event was taken; why not, otherwise.
  absl::Status Offer(v1::Event event) {
    const int64_t now_ms = absl::ToUnixMillis(absl::Now());
    if (event.organisation_id().empty()) event.set_organisation_id(kReplayOrganisation);
    if (const auto refusal = validator_.Check(event, now_ms)) return engine::ToStatus(*refusal);
    event.DiscardUnknownFields();
    const std::string bytes = event.SerializeAsString();
    auto facts = engine::ReadFacts(bytes);
    if (!facts.has_value()) return engine::ToStatus(engine::NotAnEvent());
    const auto offer = fold_.OfferEvent({.event = &*facts,
                                         .source_id = kSourceId,
                                         .event_hash = store::StableHash(event.event_id()),
                                         .content_hash = store::StableHash(bytes),
                                         .sent_at_ms = 0,
                                         .position = ++position_});
    if (!offer.ok()) return offer.status();
    if (offer->fate != v1::EVENT_FATE_REFUSED) return absl::OkStatus();
    return engine::ToStatus(*offer->refusal);
  }

  // Closes everything; the decisions, by identifier.
  std::map<std::string, v1::Decision> Finish() {
    store::v1::Record end;
    end.mutable_watermark()->set_source_id(kSourceId);
    end.mutable_watermark()->set_watermark_ms(kEndOfFeedMs);
    Apply(end);
    engine::PublishedState shown;
    shown.names = fold_.names();
    std::map<std::string, v1::Decision> decisions;
    fold_.ForEachDecision([&](const engine::DecisionState& state) {
      if (state.space != store::IdSpace::kDecision) return;
      decisions.emplace(state.id, oversight::DescribeDecision(state, shown));
    });
    return decisions;
  }

 private:
  // In memory nothing can fail.
  void Apply(const store::v1::Record& record) {
    static_cast<void>(fold_.ApplyRecord(record, ++position_));
  }

  engine::NoViews views_;
  engine::Fold fold_;
  engine::Validator validator_{"", {}};
  int64_t position_ = 0;
};

std::string ReasonsText(const v1::Decision& decision) {
  std::vector<std::string> parts;
  for (const v1::ReasonFound& reason : decision.reasons()) {
    parts.push_back(absl::StrCat(InWords(reason.reason()), " (", reason.rule(), ")"));
  }
  return absl::StrJoin(parts, ", ");
}

std::string DegreeText(const v1::Decision& decision) {
  if (decision.state() == v1::DECISION_STATE_PENDING) return "never opened as a decision";
  return decision.degree() == v1::DEGREE_UNSPECIFIED ? "no degree" : InWords(decision.degree());
}

void PrintTable(const std::map<std::string, v1::Decision>& decisions) {
  Table table({"DECISION", "DEGREE", "REASONS", "MISSING FOR THE NEXT"});
  std::map<std::string, int64_t> counts;
  for (const auto& [id, decision] : decisions) {
    ++counts[DegreeText(decision)];
    table.Add(
        {id, DegreeText(decision), ReasonsText(decision), absl::StrJoin(decision.missing(), "; ")});
  }
  Write(table.Text());
  Table totals({"DEGREE", ">DECISIONS"});
  for (const auto& [degree, count] : counts) totals.Add({degree, absl::StrCat(count)});
  Write("\n");
  Write(totals.Text());
}

absl::StatusOr<policy::LoadedPolicy> FindPolicy(const std::string& path) {
  if (!path.empty()) return policy::LoadPolicyFile(path);
  return policy::LoadPolicy(kBaselinePolicy, "baseline.yaml");
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.size() != 1) return FailUsage("check: want exactly one FILE");
  const auto policy = FindPolicy(TextOf(arguments, "policy"));
  if (!policy.ok()) return FailUsage(std::string(policy.status().message()));
  auto feed = ReadFeed(operands[0]);
  if (!feed.ok()) return FailUsage(std::string(feed.status().message()));
  Checker checker(*policy);
  checker.Declare(feed->events);
  int64_t refused = 0;
  for (v1::Event& event : feed->events) {
    const absl::Status status = checker.Offer(std::move(event));
    if (status.ok()) continue;
    ++refused;
    std::fprintf(stderr, "refused: %s\n", std::string(status.message()).c_str());
  }
  for (const InvalidLine& line : feed->invalid) {
    std::fprintf(stderr, "%s:%lld: %s\n", operands[0].c_str(),
                 static_cast<long long>(line.line_number), line.problem.c_str());
  }
  const auto decisions = checker.Finish();
  if (session.json()) {
    for (const auto& [id, decision] : decisions) Write(ToJsonLine(decision));
  } else {
    PrintTable(decisions);
  }
  return refused == 0 && feed->invalid.empty() ? ExitCode::kDone : ExitCode::kRefused;
}

}  // namespace

Verb CheckVerb() {
  return {
      .name = "check",
      .arguments = "FILE",
      .summary = "say what a feed would be worth, without a server",
      .manual =
          "Says for each decision of FILE which degree it would reach, by which rules, and what "
          "is\n"
          "missing for the next degree. FILE holds one JSON object a line: a recorded decision as\n"
          "`vigie replay` takes it, or an event (vigie.v1.Event in protobuf JSON). The feed is "
          "taken\n"
          "to declare exactly the payloads that occur in it, and to be complete: everything "
          "closes\n"
          "at its end.\n"
          "\n"
          "Nothing is sent. Events that a daemon would refuse are listed; the exit code is then 4.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
