// SPDX-License-Identifier: Apache-2.0
// A past period judged again under another policy, from the log.
#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <set>

#include "absl/cleanup/cleanup.h"
#include "absl/container/flat_hash_map.h"
#include "base/cat.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "decision/reasons.h"
#include "decision/verdict.h"
#include "engine/event_facts.h"
#include "oversight/decision_scan.h"
#include "oversight/kept_records.h"
#include "oversight/oversight.h"
#include "oversight/summary.h"
#include "policy/policy.h"
#include "privacy/suppression.h"
#include "store/block.h"
#include "store/digest.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators and messages.
using decision::Tally;

constexpr size_t kMaxPolicyYamlBytes = size_t{256} << 10;
constexpr int kReasonBits = 128;
static_assert(Reason_MAX < kReasonBits);

// What the live fold found of one decision, as far as the difference needs it.
struct Judged {
  Degree degree = DEGREE_UNSPECIFIED;
  std::bitset<kReasonBits> reasons;
  bool again = false;  // It closed under the tried policy too.
};

std::bitset<kReasonBits> ReasonsOf(const decision::Finding& finding) {
  std::bitset<kReasonBits> reasons;
  for (const Reason reason : finding.reasons) reasons.set(static_cast<size_t>(reason));
  return reasons;
}

// Scope names as the answer shows them; numbers of the live fold and of the new one differ.
using NamedKey = std::array<std::string, 4>;

NamedKey NameScope(const decision::ScopeKey& scope, const engine::Names& names) {
  return {names.Name(scope.organisation), names.Name(scope.system), names.Name(scope.version),
          names.Name(scope.unit)};
}

// Judges the decisions of one period again. Lives for one call.
class Retrial {
 public:
  Retrial(const policy::LoadedPolicy& tried, const TryPolicyRequest& request)
      : tried_(tried),
        request_(request),
        fold_(&views_,
              {.max_scopes = 1'000'000,
               .on_close = [this](const engine::DecisionState& state) { Compare(state); }}) {}

  // Every baseline that is closed by now may be named by the tried policy.
  absl::Status UseCalibrations(const std::vector<sv::CalibrationView>& calibrations);
  [[nodiscard]] bool empty() const { return live_.empty(); }
  // The decisions as they were judged. `names` are those of the live fold.
  absl::Status ReadLive(const store::Store::Reader& reader, decision::NameIndex organisation,
                        const engine::Names& names);
  // Folds the log again, up to `as_of`; first `kept`, which stands for what was purged.
  absl::Status ReadLog(const store::Store& store, int64_t as_of,
                       const std::vector<KeptRecord>& kept);
  void Answer(const vigie::config::v1::Policy& live, const decision::Standings& standings,
              TryPolicyResponse* response);

 private:
  absl::Status FoldAgain(const sv::Block& block);
  absl::Status FoldEvent(const sv::RecordedEvent& recorded, int64_t position);
  void Compare(const engine::DecisionState& state);

  const policy::LoadedPolicy& tried_;
  const TryPolicyRequest& request_;
  std::string organisation_id_;
  engine::NoViews views_;
  engine::Fold fold_;
  bool activated_ = false;
  absl::flat_hash_map<std::string, Judged> live_;  // By decision_id.
  std::map<NamedKey, Tally> before_;
  std::set<int32_t> epochs_;
  struct Move {
    int64_t count = 0;
    std::array<int64_t, kReasonBits> gained{};
    std::array<int64_t, kReasonBits> lost{};
  };
  std::map<std::pair<Degree, Degree>, Move> moves_;
};

absl::Status Retrial::UseCalibrations(const std::vector<sv::CalibrationView>& calibrations) {
  for (const sv::CalibrationView& view : calibrations) {
    sv::Record record;
    *record.mutable_calibration() = view.calibration();
    VIGIE_RETURN_IF_ERROR(fold_.ApplyRecord(record, /*position=*/0));
  }
  return absl::OkStatus();
}

absl::Status Retrial::ReadLive(const store::Store::Reader& reader, decision::NameIndex organisation,
                               const engine::Names& names) {
  organisation_id_ = names.Name(organisation);
  return ForEachDecision(
      reader, organisation, store::IdSpace::kDecision, "",
      [&](std::string_view, const engine::DecisionState& state) -> absl::Status {
        const bool counts =
            state.stage == engine::Stage::kClosed && !state.test && state.plan == 0 &&
            InSpan(state.finding.decisive_at_ms, request_.from_ms(), request_.to_ms());
        if (!counts) return absl::OkStatus();
        if (live_.size() >= base::kMaxTriedDecisions) {
          return absl::ResourceExhaustedError(
              base::Cat("from_ms: got more than ", base::kMaxTriedDecisions,
                        " decisions, want fewer; ask for a shorter period"));
        }
        epochs_.insert(state.epoch);
        live_[state.id] = {.degree = state.finding.degree, .reasons = ReasonsOf(state.finding)};
        const decision::ScopeKey finest = {.organisation = organisation,
                                           .system = state.system,
                                           .version = state.finding.version,
                                           .unit = state.finding.unit};
        for (const decision::ScopeKey& scope : decision::ScopesOf(finest)) {
          AddDecision(state, before_[NameScope(scope, names)]);
        }
        return absl::OkStatus();
      });
}

absl::Status Retrial::ReadLog(const store::Store& store, int64_t as_of,
                              const std::vector<KeptRecord>& kept) {
  for (const KeptRecord& record : kept) {
    sv::Block block;
    block.set_first_position(record.position);
    block.set_recorded_at_ms(record.recorded_at_ms);
    *block.add_records() = record.record;
    VIGIE_RETURN_IF_ERROR(FoldAgain(block));
  }
  bool first = kept.empty();
  return store.ForEachBlock(1, [&](int64_t first_position, std::string_view bytes) -> absl::Status {
    if (std::exchange(first, false) && first_position != 1) {
      return absl::FailedPreconditionError(
          base::Cat("from_ms: the log begins at position ", first_position,
                    ", so the period is partly erased and cannot be judged again"));
    }
    if (first_position > as_of) return absl::OkStatus();
    VIGIE_ASSIGN_OR_RETURN(const sv::Block block, store::DecodeBlock(bytes));
    return FoldAgain(block);
  });
}

absl::Status Retrial::FoldAgain(const sv::Block& block) {
  VIGIE_RETURN_IF_ERROR(fold_.BeginBlock(block.recorded_at_ms()).status());
  int64_t position = block.first_position();
  for (const sv::Record& record : block.records()) {
    const int64_t here = position++;
    switch (record.body_case()) {
      case sv::Record::kEvent:
        VIGIE_RETURN_IF_ERROR(FoldEvent(record.event(), here));
        break;
      case sv::Record::kPolicyActivated: {
        // One policy for the whole of it: the tried one, from the first epoch on.
        if (std::exchange(activated_, true)) break;
        sv::Record tried;
        *tried.mutable_policy_activated()->mutable_policy() = tried_.policy;
        tried.mutable_policy_activated()->set_sha256(tried_.sha256);
        VIGIE_RETURN_IF_ERROR(fold_.ApplyRecord(tried, here));
        break;
      }
      case sv::Record::kRefusedEvent:
      case sv::Record::kQuarantineReleased:
      case sv::Record::kCalibration:
      case sv::Record::kLogPurge:
        break;
      default:
        VIGIE_RETURN_IF_ERROR(fold_.ApplyRecord(record, here));
    }
  }
  fold_.EndBlock(position - 1, std::string());
  return absl::OkStatus();
}

absl::Status Retrial::FoldEvent(const sv::RecordedEvent& recorded, int64_t position) {
  std::optional<engine::EventFacts> event = engine::ReadFacts(recorded.event());
  if (!event.has_value()) return absl::DataLossError("log record: not an event");
  const engine::EventHead& head = event->head;
  const bool of_batch =
      event->fact.payload == PAYLOAD_KIND_EVIDENCE_OPENED && !event->fact.group.empty();
  const bool wanted = head.organisation_id == organisation_id_ && !head.decision_id.empty() &&
                      live_.contains(base::ToAbsl(head.decision_id));
  if (!wanted) {
    if (of_batch) fold_.RememberBatchEvidence(*std::move(event), position);
    return absl::OkStatus();
  }
  return fold_
      .OfferEvent({.event = &*event,
                   .source_id = recorded.source_id(),
                   .event_hash = store::StableHash(head.event_id),
                   .content_hash = store::StableHash(recorded.event()),
                   .sent_at_ms = store::SentAtMs(recorded, head.occurred_at_ms),
                   .position = position})
      .status();
}

void Retrial::Compare(const engine::DecisionState& state) {
  const auto found = live_.find(state.id);
  if (found == live_.end() || state.space != store::IdSpace::kDecision) return;
  Judged& judged = found->second;
  judged.again = true;
  const auto reasons = ReasonsOf(state.finding);
  Move& move = moves_[{judged.degree, state.finding.degree}];
  ++move.count;
  for (size_t i = 0; i < kReasonBits; ++i) {
    move.gained[i] += reasons[i] && !judged.reasons[i];
    move.lost[i] += judged.reasons[i] && !reasons[i];
  }
}

void PutReasons(const std::array<int64_t, kReasonBits>& counts,
                google::protobuf::RepeatedPtrField<ReasonCount>* out) {
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const auto reason = static_cast<Reason>(i);
    ReasonCount* row = out->Add();
    row->set_reason(reason);
    row->set_rule(std::string(decision::RuleOf(reason)));
    row->set_count(counts[i]);
  }
}

void PutShare(const decision::TrialCounts& counts, Proportion* out) {
  out->set_successes(counts.successes);
  out->set_trials(counts.trials);
}

void Retrial::Answer(const vigie::config::v1::Policy& live, const decision::Standings& standings,
                     TryPolicyResponse* response) {
  response->set_decision_count(static_cast<int64_t>(live_.size()));
  response->add_caveats(
      "Seeded items, open alarms and test decisions are left out on both sides; draws count by "
      "their response today.");
  if (epochs_.size() > 1) {
    response->add_caveats(
        "The period spans several policies: verdicts as judged weigh the degrees given then "
        "against the thresholds in force now.");
  }
  response->set_unmatched_count(std::count_if(
      live_.begin(), live_.end(), [](const auto& entry) { return !entry.second.again; }));
  for (const auto& [degrees, move] : moves_) {
    if (degrees.first != degrees.second) {
      response->set_moved_count(response->moved_count() + move.count);
    }
    DegreeMove* row = response->add_moves();
    row->set_from(degrees.first);
    row->set_to(degrees.second);
    row->set_count(move.count);
    PutReasons(move.gained, row->mutable_gained());
    PutReasons(move.lost, row->mutable_lost());
  }
  // Scopes of both folds are matched by name.
  std::map<NamedKey, decision::ScopeKey> keys;
  for (const decision::ScopeKey& scope : fold_.scopes()) {
    if (!scope.test) keys[NameScope(scope, fold_.names())] = scope;
  }
  std::vector<std::pair<const NamedKey*, const Tally*>> shown;
  std::vector<privacy::Cell> cells;
  for (const auto& [named, tally] : before_) {
    const auto key = keys.find(named);
    if (key == keys.end()) continue;
    shown.emplace_back(&named, &tally);
    cells.push_back({.scope = key->second, .count = tally.closed});
  }
  const auto suppressed = privacy::Suppress(cells, live.disclosure().minimum_cell_count());
  for (size_t i = 0; i < shown.size(); ++i) {
    if (suppressed[i] != SUPPRESSION_NONE) {
      response->set_withheld_count(response->withheld_count() + 1);
      continue;
    }
    const Tally* after = fold_.FindTally({.epoch = 1, .scope = cells[i].scope, .period = {}});
    if (after == nullptr) continue;
    const bool single_unit = cells[i].scope.unit != 0;
    ScopeMove* row = response->add_scopes();
    *row->mutable_scope() = NamedScope(cells[i].scope, fold_.names());
    row->set_closed_count(shown[i].second->closed);
    row->set_before(decision::Conclude(*shown[i].second, live, standings, single_unit).verdict);
    row->set_after(decision::Conclude(*after, tried_.policy, standings, single_unit).verdict);
    PutShare(shown[i].second->concrete_examination, row->mutable_examined_before());
    PutShare(after->concrete_examination, row->mutable_examined_after());
  }
}

}  // namespace

absl::StatusOr<TryPolicyResponse> Oversight::TryPolicy(const TryPolicyRequest& request) {
  const double started = base::MonotonicSeconds();
  if (request.policy_yaml().size() > kMaxPolicyYamlBytes) {
    return absl::InvalidArgumentError(base::Cat("policy_yaml: got ", request.policy_yaml().size(),
                                                " bytes, want at most ", kMaxPolicyYamlBytes));
  }
  VIGIE_RETURN_IF_ERROR(CheckSpan(request.from_ms(), request.to_ms()));
  VIGIE_ASSIGN_OR_RETURN(const policy::LoadedPolicy tried,
                         policy::LoadPolicy(request.policy_yaml(), "policy"));
  VIGIE_ASSIGN_OR_RETURN(const std::string organisation,
                         ResolveOrganisation(request.organisation_id()));
  // It keeps one worker busy for long; a second one would leave none for others.
  if (trying_.exchange(true)) {
    return absl::ResourceExhaustedError("policy_yaml: another trial is under way; retry later");
  }
  const absl::Cleanup done = [this] { trying_ = false; };
  VIGIE_ASSIGN_OR_RETURN(const Fresh fresh, ReadFresh());
  engine::Names names;
  sv::PolicyEpoch live;
  std::vector<sv::CalibrationView> calibrations;
  std::shared_ptr<const decision::Standings> standings;
  const LogPurge purged = engine_->retention().purged();
  if (purged.last_position() > 0 && request.from_ms() < purged.before_ms()) {
    return absl::FailedPreconditionError(base::Cat("from_ms: got ", request.from_ms(), ", want ",
                                                   purged.before_ms(),
                                                   " or later; what is older was purged"));
  }
  std::vector<KeptRecord> kept;
  engine_->published().Read([&](const engine::PublishedState& state) {
    names = state.names;
    live = state.epochs.back();
    calibrations = state.calibrations;
    if (purged.last_position() > 0) kept = KeptRecords(state, purged.last_position());
    standings = state.StandingsOf(state.names.Find(organisation));
  });
  const decision::NameIndex number = names.Find(organisation);
  if (number == 0) return absl::NotFoundError("organisation_id: nothing of it is recorded");
  const auto retrial = std::make_unique<Retrial>(tried, request);
  VIGIE_RETURN_IF_ERROR(retrial->UseCalibrations(calibrations));
  VIGIE_RETURN_IF_ERROR(retrial->ReadLive(*fresh.reader, number, names));
  if (retrial->empty()) {
    return absl::NotFoundError("from_ms: no decision is closed in this period");
  }
  VIGIE_RETURN_IF_ERROR(retrial->ReadLog(engine_->store(), fresh.as_of, kept));
  TryPolicyResponse response;
  retrial->Answer(live.activated().policy(), *standings, &response);
  PolicyReference* reference = response.mutable_tried();
  reference->set_id(tried.policy.id());
  reference->set_version(tried.policy.version());
  reference->set_sha256(policy::HexSha256(tried.sha256));
  reference->set_approver(tried.policy.approver());
  reference->set_review_by(tried.policy.review_by());
  response.set_as_of(fresh.as_of);
  response.set_duration_ms(static_cast<int64_t>((base::MonotonicSeconds() - started) * 1000));
  return response;
}

}  // namespace vigie::oversight
