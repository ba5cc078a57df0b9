// SPDX-License-Identifier: Apache-2.0
#include "simulation/slow_model.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "simulation/slow_contract.h"
#include "vigie/v1/error.pb.h"
#include "vigie/v1/ingest_service.pb.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::simulation {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators and messages.

constexpr int kAlreadyExists = 6;  // Canonical status codes.
constexpr int kFailedPrecondition = 9;

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) std::abort();
  return zone;
}

std::string SpaceOf(const Event& event) {
  if (event.has_unaided_decision()) return "u";
  return event.decision_id().empty() ? "s" : "d";
}

std::tuple<std::string, std::string, std::string> KeyOf(const Event& event) {
  const std::string space = SpaceOf(event);
  return {event.organisation_id(), space, space == "s" ? event.event_id() : event.decision_id()};
}

bool Opens(const Event& event) {
  return event.has_issued() || event.has_suppressed_before_display() || event.has_shown() ||
         event.has_decided();
}

// L5.
bool IsExpectedLater(const Event& event) {
  return event.has_truth_established() || event.has_expert_reviewed() || event.has_reversed() ||
         event.has_contested() || event.has_recourse_reviewed() || event.has_patient_informed();
}

std::string ContentOf(Event event) {
  event.clear_sent_at_ms();
  return event.SerializeAsString();
}

std::string LineOfEvent(const Event& event, const std::string& source) {
  return absl::StrCat("event ", event.event_id(), " of ", source);
}
std::string LineOfRefused(const std::string& source, int reason) {
  return absl::StrCat("refused ", RefusalReason_Name(static_cast<RefusalReason>(reason)), " of ",
                      source);
}
std::string LineOfWatermark(const std::string& source, int64_t watermark_ms) {
  return absl::StrCat("watermark ", watermark_ms, " of ", source);
}
std::string LineOfPolicy(const vigie::config::v1::Policy& policy) {
  return absl::StrCat("policy ", policy.id(), " ", policy.version());
}
std::string LineOfLost(const std::string& source, int64_t first, int64_t last) {
  return absl::StrCat("lost ", first, " to ", last, " of ", source);
}

}  // namespace

std::string SlowModel::LineOf(const sv::Record& record) {
  switch (record.body_case()) {
    case sv::Record::kEvent: {
      Event event;
      if (!event.ParseFromString(record.event().event())) return "an event that is none";
      return LineOfEvent(event, record.event().source_id());
    }
    case sv::Record::kRefusedEvent:
      return LineOfRefused(record.refused_event().source_id(),
                           record.refused_event().violation().reason());
    case sv::Record::kTick:
      return "tick";
    case sv::Record::kWatermark:
      return LineOfWatermark(record.watermark().source_id(), record.watermark().watermark_ms());
    case sv::Record::kPolicyActivated:
      return LineOfPolicy(record.policy_activated().policy());
    case sv::Record::kSource:
      return absl::StrCat("source ", record.source().source_id());
    case sv::Record::kSequenceLost:
      return LineOfLost(record.sequence_lost().source_id(), record.sequence_lost().first_sequence(),
                        record.sequence_lost().last_sequence());
    case sv::Record::kStoreCreated:
      return "store";
    case sv::Record::kCalibration:
      return absl::StrCat("calibration ", record.calibration().baseline().calibration_id());
    default:
      return "a record that nothing asked for";
  }
}

SlowModel::SlowModel(std::string time_zone, Mutation mutation)
    : zone_(ZoneOf(time_zone)), mutation_(mutation) {}

int64_t SlowModel::LastSequence(const std::string& source, const std::string& incarnation) const {
  const auto found = sources_.find(source);
  if (found == sources_.end() || found->second.incarnation != incarnation) return 0;
  return found->second.last_sequence;
}

TurnAnswer SlowModel::Take(const TurnPlan& plan) {
  TurnAnswer answer;
  BeginTurn(plan.clock_ms);
  for (const TurnItem& item : plan.items) {
    if (const auto* batch = std::get_if<SentBatch>(&item)) {
      answer.push_back(Take(*batch, plan.clock_ms));
    } else if (const auto* lost = std::get_if<LostSequences>(&item)) {
      records_.push_back(LineOfLost(lost->source_id, lost->first, lost->last));
      Source& source = sources_[lost->source_id];
      source.incarnation = lost->source_incarnation;
      source.last_sequence = lost->last;
      progress_in_turn_ = true;
    } else if (const auto* declared = std::get_if<vigie::v1::Source>(&item)) {
      records_.push_back(absl::StrCat("source ", declared->source_id()));
      Source& source = sources_[declared->source_id()];
      source.declared = true;
      source.payloads = {declared->payloads().begin(), declared->payloads().end()};
      source.test = declared->environment() == ENVIRONMENT_TEST;
    } else if (const auto* policy = std::get_if<vigie::config::v1::Policy>(&item)) {
      Activate(*policy);
    } else if (const auto* calibration = std::get_if<sv::Calibration>(&item)) {
      records_.push_back(absl::StrCat("calibration ", calibration->baseline().calibration_id()));
      calibrations_.push_back(*calibration);
    }
  }
  EndTurn();
  return answer;
}

void SlowModel::TakeOpening(int64_t clock_ms, const vigie::config::v1::Policy& policy) {
  BeginTurn(clock_ms);
  if (records_.empty()) records_.emplace_back("store");
  const bool same =
      !policies_.empty() && policies_.back().SerializeAsString() == policy.SerializeAsString();
  if (!same) Activate(policy);
  EndTurn();
}

// L6: what became due closes first.
void SlowModel::BeginTurn(int64_t clock_ms) {
  now_ms_ = std::max(recorded_at_ms_, clock_ms);
  closed_in_turn_ = progress_in_turn_ = false;
  records_before_turn_ = records_.size();
  for (auto& [key, decision] : decisions_) {
    if (!decision.with_ai || decision.closed || decision.due_recorded_ms > now_ms_) continue;
    Close(decision);
    closed_in_turn_ = true;
  }
}

// Time that closed something, and progress, must be in the log: a tick says so where nothing else
// does.
void SlowModel::EndTurn() {
  const bool empty = records_.size() == records_before_turn_;
  if (empty && (closed_in_turn_ || progress_in_turn_)) records_.emplace_back("tick");
  // What wrote nothing has not happened.
  if (records_.size() == records_before_turn_) return;
  recorded_at_ms_ = now_ms_;
  const auto& closing = policies_.back().closing();
  const int64_t kept_ms = closing.expiry_ms() + closing.settle_delay_ms();
  std::erase_if(batches_,
                [&](const auto& entry) { return entry.second.noted_ms + kept_ms < now_ms_; });
}

BatchAnswer SlowModel::Take(const SentBatch& batch, int64_t clock_ms) {
  BatchAnswer answer;
  const bool sequenced = !batch.source_incarnation.empty();
  const int64_t last = sequenced ? LastSequence(batch.source_id, batch.source_incarnation) : 0;
  answer.durable_sequence = last;
  if (sequenced && batch.first_sequence > last + 1) {
    answer.refused = true;
    return answer;
  }
  for (size_t i = 0; i < batch.events.size(); ++i) {
    const int64_t sequence = batch.first_sequence + static_cast<int64_t>(i);
    const bool repeated = sequenced && sequence <= last;
    answer.events.push_back(TakeEvent(batch, batch.events[i], sequence, repeated, clock_ms));
  }
  if (!batch.validate_only) {
    if (batch.watermark_ms.has_value()) TakeWatermark(batch.source_id, *batch.watermark_ms);
    if (sequenced) {
      // A source whose events left no record must have one, to be numbered by.
      if (!sources_.contains(batch.source_id)) TakeWatermark(batch.source_id, INT64_MIN);
      const int64_t end = batch.first_sequence + static_cast<int64_t>(batch.events.size()) - 1;
      Source& source = sources_[batch.source_id];
      source.incarnation = batch.source_incarnation;
      source.last_sequence = answer.durable_sequence = std::max(last, end);
      progress_in_turn_ = true;
    }
  }
  answer.log_position = static_cast<int64_t>(records_.size());
  return answer;
}

// L9, L10.
EventAnswer SlowModel::TakeEvent(const SentBatch& batch, const Event& event, int64_t sequence,
                                 bool repeated, int64_t clock_ms) {
  EventAnswer answer{.sequence = sequence, .fate = EVENT_FATE_RECORDED};
  const SlowDecision* decision = nullptr;
  auto refusal = RefuseAtTheDoor(event, clock_ms);
  if (!refusal.has_value()) {
    const auto found = decisions_.find(KeyOf(event));
    if (found != decisions_.end()) decision = &found->second;
    const bool known = decision != nullptr && decision->contents.contains(event.event_id());
    if (known && decision->contents.at(event.event_id()) == ContentOf(event)) {
      answer.fate = mutation_ == Mutation::kL9DuplicatesAreRecorded && !batch.validate_only
                        ? EVENT_FATE_RECORDED
                        : EVENT_FATE_DUPLICATE;
      return answer;
    }
    refusal = Refuse(event, decision);
  }
  if (refusal.has_value()) {
    answer = {.sequence = sequence,
              .fate = EVENT_FATE_REFUSED,
              .reason = refusal->first,
              .status_code = refusal->second};
    if (batch.validate_only || repeated) return answer;
    sources_[batch.source_id];
    records_.push_back(LineOfRefused(batch.source_id, refusal->first));
    return answer;
  }
  if (batch.validate_only) {
    answer.fate = EVENT_FATE_VALID;
  } else {
    Record(event, batch.source_id);
  }
  return answer;
}

std::optional<std::pair<int, int>> SlowModel::Refuse(const Event& event,
                                                     const SlowDecision* decision) const {
  if (decision == nullptr) return std::nullopt;
  if (decision->contents.contains(event.event_id())) {
    return std::pair(REFUSAL_REASON_CONTENT_CHANGED, kAlreadyExists);
  }
  const bool other_kind = !event.decision_kind().empty() && !decision->kind.empty() &&
                          event.decision_kind() != decision->kind;
  if (event.system_id() != decision->system || other_kind) {
    return std::pair(REFUSAL_REASON_DECISION_DISAGREES, kFailedPrecondition);
  }
  return std::nullopt;
}

void SlowModel::Record(const Event& event, const std::string& source) {
  records_.push_back(LineOfEvent(event, source));
  ++event_count_;
  sources_[source];
  const auto [at, fresh] = decisions_.try_emplace(KeyOf(event));
  SlowDecision& decision = at->second;
  if (fresh) {
    decision.organisation = event.organisation_id();
    decision.id = std::get<2>(at->first);
    decision.system = event.system_id();
    decision.with_ai = std::get<1>(at->first) == "d";
    decision.first_epoch = epochs();
  }
  if (decision.kind.empty()) decision.kind = event.decision_kind();
  decision.events.push_back({.event = event,
                             .source = source,
                             .position = static_cast<int64_t>(records_.size()),
                             .recorded_at_ms = now_ms_});
  decision.contents[event.event_id()] = ContentOf(event);
  if (event.has_evidence_opened() && !event.evidence_opened().batch_id().empty()) {
    Batch& batch = batches_[{event.organisation_id(), event.evidence_opened().batch_id()}];
    batch.evidence.push_back(decision.events.back());
    batch.noted_ms = now_ms_;
  }
  if (!decision.with_ai) return;
  if (decision.closed) return AddLate(decision, decision.events.back());
  decision.sources.insert(source);
  decision.opened |= Opens(event);
  SetDue(decision);
}

// L4, L1.
void SlowModel::SetDue(SlowDecision& decision) const {
  const auto& closing = policies_.back().closing();
  std::optional<int64_t> first_occurred_ms;
  for (const SlowEvent& e : InOrder(decision.events)) {
    if (!IsClosingAct(e.event)) continue;
    first_occurred_ms = std::min(first_occurred_ms.value_or(INT64_MAX), e.event.occurred_at_ms());
  }
  decision.expires = !first_occurred_ms.has_value();
  if (!decision.expires) {
    // Cancelling the first act does not start the wait again while there is another.
    if (!decision.closing_recorded_ms.has_value()) decision.closing_recorded_ms = now_ms_;
    const int64_t settle_ms =
        closing.settle_delay_ms() * (mutation_ == Mutation::kL4SettlesTwiceAsLong ? 2 : 1);
    decision.due_recorded_ms = *decision.closing_recorded_ms + settle_ms;
    decision.due_occurred_ms = *first_occurred_ms + settle_ms;
    return;
  }
  if (decision.opened) decision.closing_recorded_ms.reset();
  int64_t last_occurred_ms = 0;
  for (const SlowEvent& e : decision.events) {
    last_occurred_ms = std::max(last_occurred_ms, e.event.occurred_at_ms());
  }
  const bool never = mutation_ == Mutation::kL4NeverExpires;
  const int64_t wait_ms = decision.opened ? closing.expiry_ms() : closing.pending_ttl_ms();
  decision.due_recorded_ms = never ? INT64_MAX : now_ms_ + wait_ms;
  decision.due_occurred_ms = decision.opened ? last_occurred_ms + wait_ms : INT64_MAX;
}

void SlowModel::TakeWatermark(const std::string& source, int64_t watermark_ms) {
  records_.push_back(LineOfWatermark(source, watermark_ms));
  sources_[source].watermark_ms = std::max(sources_[source].watermark_ms, watermark_ms);
  for (auto& [key, decision] : decisions_) {
    if (!decision.with_ai || decision.closed || !decision.sources.contains(source)) continue;
    if (decision.due_occurred_ms == INT64_MAX) continue;
    const auto passed = [&, due_ms = decision.due_occurred_ms](const std::string& other) {
      return sources_[other].watermark_ms >= due_ms;
    };
    const bool closes = mutation_ == Mutation::kL4OneWatermarkSuffices
                            ? passed(source)
                            : std::all_of(decision.sources.begin(), decision.sources.end(), passed);
    if (closes) Close(decision);
  }
}

void SlowModel::Activate(const vigie::config::v1::Policy& policy) {
  records_.push_back(LineOfPolicy(policy));
  policies_.push_back(policy);
  auto& medians = medians_.emplace_back();
  const auto& named = policy.examination().calibrations();
  for (const sv::Calibration& calibration : calibrations_) {
    const Baseline& baseline = calibration.baseline();
    if (std::find(named.begin(), named.end(), baseline.calibration_id()) == named.end()) continue;
    medians.try_emplace({calibration.organisation_id(), baseline.decision_kind()},
                        baseline.median_ms());
  }
}

void SlowModel::Close(SlowDecision& decision) {
  decision.closed = true;
  decision.closed_at_ms = now_ms_;
  decision.epoch = mutation_ == Mutation::kV6EpochOfFirstEvent ? decision.first_epoch : epochs();
  decision.present = decision.events.size();
  SlowCase found;
  found.events = decision.events;
  found.expired = decision.expires;
  for (const std::string& name : decision.sources) {
    const Source& source = sources_[name];
    if (source.declared) {
      found.declared.insert(source.payloads.begin(), source.payloads.end());
    } else {
      found.declared.insert({PAYLOAD_KIND_DECIDED, PAYLOAD_KIND_APPLIED});
    }
    decision.test |= source.test && mutation_ != Mutation::kL11TestCounts;
  }
  const auto& medians = medians_[static_cast<size_t>(decision.epoch) - 1];
  const auto median = medians.find({decision.organisation, decision.kind});
  if (median != medians.end()) found.unaided_median_ms = median->second;
  // A Decided that was cancelled, or is not final, still tells of its batch.
  for (const SlowEvent& e : found.events) {
    const auto batch = batches_.find({decision.organisation, e.event.decided().batch_id()});
    if (batch != batches_.end()) found.batch_evidence = batch->second.evidence;
  }
  decision.finding =
      JudgeSlowly(found, policies_[static_cast<size_t>(decision.epoch) - 1], mutation_);
  if (!decision.opened) {
    decision.truth = std::nullopt;
    decision.aside = AsideOf(decision);
    return;
  }
  SlowDecision::Moment moment{.close = true};
  for (const SlowEvent& e : decision.events) {
    const bool truth = e.event.has_truth_established();
    if (truth && !Counts(e.event.truth_established(), decision.epoch)) ++moment.truth_uncounted;
    if (e.event.has_expert_reviewed()) ++moment.review_uncounted;
  }
  Reconsider(decision, moment, /*truth_too=*/true);
}

// L5.
void SlowModel::AddLate(SlowDecision& decision, const SlowEvent& event) {
  SlowDecision::Moment moment;
  if (!IsExpectedLater(event.event)) {
    ++decision.late_count;
    moment.at_ms = now_ms_;
    moment.late = mutation_ == Mutation::kL5LateEventsCountNowhere ? 0 : 1;
    decision.moments.push_back(moment);
    return;
  }
  if (event.event.has_expert_reviewed()) moment.review_uncounted = 1;
  const bool truth = event.event.has_truth_established();
  const bool counts = truth && Counts(event.event.truth_established(), decision.epoch);
  if (truth && !counts) moment.truth_uncounted = 1;
  Reconsider(decision, moment, counts);
}

void SlowModel::Reconsider(SlowDecision& decision, SlowDecision::Moment moment, bool truth_too) {
  moment.at_ms = now_ms_;
  moment.aside_before = decision.aside;
  moment.aside_after = decision.aside = AsideOf(decision);
  const auto strongest = truth_too ? StrongestTruth(decision) : decision.truth;
  moment.truth_changed = strongest != decision.truth;
  moment.truth_before = decision.truth;
  moment.truth_after = decision.truth = strongest;
  const bool changes = moment.close || moment.truth_changed || moment.truth_uncounted > 0 ||
                       moment.review_uncounted > 0 || moment.aside_before != moment.aside_after;
  if (changes) decision.moments.push_back(moment);
}

std::vector<SlowEvent> SlowModel::Afterwards(const SlowDecision& decision) {
  std::vector<SlowEvent> kept;
  for (size_t i = 0; i < decision.events.size(); ++i) {
    const Event& event = decision.events[i].event;
    // A Voided that comes after close takes nothing back.
    const bool cancels = event.has_voided() && i < decision.present;
    if (cancels || IsExpectedLater(event)) kept.push_back(decision.events[i]);
  }
  return InOrder(kept);
}

// N2. Nothing is drawn or seeded by plan here, so only an asserted audit can count.
bool SlowModel::Counts(const TruthEstablished& truth, int epoch) const {
  if (mutation_ == Mutation::kN2OpportunisticCounts &&
      truth.origin() == TRUTH_ORIGIN_OPPORTUNISTIC) {
    return true;
  }
  return truth.origin() == TRUTH_ORIGIN_ASSERTED_AUDIT &&
         policies_[static_cast<size_t>(epoch) - 1].truth().accept_asserted_audit();
}

// N3.
std::optional<SlowTruth> SlowModel::StrongestTruth(const SlowDecision& decision) const {
  std::optional<SlowTruth> strongest;
  for (const SlowEvent& e : Afterwards(decision)) {
    if (!e.event.has_truth_established()) continue;
    const TruthEstablished& truth = e.event.truth_established();
    if (!Counts(truth, decision.epoch)) continue;
    if (strongest.has_value() && strongest->origin < truth.origin()) continue;
    if (strongest.has_value() && mutation_ == Mutation::kN3FirstTruthStays) continue;
    strongest = SlowTruth{.origin = truth.origin(), .codes = CodesOf(truth.codes())};
  }
  return strongest;
}

SlowAside SlowModel::AsideOf(const SlowDecision& decision) const {
  SlowAside aside;
  for (const SlowEvent& e : Afterwards(decision)) {
    if (e.event.has_truth_established() &&
        e.event.truth_established().origin() == TRUTH_ORIGIN_OPPORTUNISTIC) {
      aside.opportunistic = SlowTruth{.origin = TRUTH_ORIGIN_OPPORTUNISTIC,
                                      .codes = CodesOf(e.event.truth_established().codes())};
    }
    if (e.event.has_reversed()) aside.rights[0] = 1;
    if (e.event.has_contested()) aside.rights[1] = 1;
    if (e.event.has_recourse_reviewed()) {
      aside.rights[2] = 1;
      const std::string& reviewer = e.event.actor().id();
      if (!reviewer.empty() && reviewer == decision.finding.actor) aside.rights[3] = 1;
    }
    if (e.event.has_patient_informed()) aside.rights[4] = 1;
  }
  return aside;
}

}  // namespace vigie::simulation
