// SPDX-License-Identifier: Apache-2.0
#include "engine/codec.h"

#include <algorithm>
#include <utility>

#include "store/wire.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;
using decision::Finding;
using decision::TrialCounts;
using google::protobuf::RepeatedField;
using store::wire::Fields;

std::string_view Bytes(const decision::Pseudonym& pseudonym) {
  if (pseudonym == decision::Pseudonym{}) return {};
  return {reinterpret_cast<const char*>(pseudonym.data()), pseudonym.size()};
}

decision::Pseudonym ReadPseudonym(const std::string& bytes) {
  decision::Pseudonym pseudonym{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), pseudonym.size()), pseudonym.begin());
  return pseudonym;
}

void Put(const TrialCounts& counts, RepeatedField<int64_t>* out) {
  out->Add(counts.successes);
  out->Add(counts.trials);
  out->Add(counts.unknown);
}

TrialCounts ReadCounts(const RepeatedField<int64_t>& in) {
  if (in.size() < 3) return {};
  return {.successes = in[0], .trials = in[1], .unknown = in[2]};
}

template <typename T>
std::optional<T> ReadOptional(bool has, T value) {
  if (!has) return std::nullopt;
  return value;
}

// In the order of field numbers, as the serialiser of sv::Closed would.
void PutFinding(const DecisionState& state, std::string* bytes) {
  using sv::Closed;
  const Finding& finding = state.finding;
  Fields out(bytes);
  const auto optional = [&out](int field, const std::optional<int64_t>& value) {
    if (value.has_value()) out.Present(field, *value);
  };
  out.Varint(Closed::kDegreeFieldNumber, finding.degree);
  out.PackedVarints(Closed::kReasonsFieldNumber, finding.reasons,
                    [](vigie::v1::Reason reason) { return static_cast<int64_t>(reason); });
  out.Varint(Closed::kUnitFieldNumber, finding.unit);
  out.Varint(Closed::kVersionFieldNumber, finding.version);
  out.Varint(Closed::kTestFieldNumber, state.test ? 1 : 0);
  out.Bytes(Closed::kActorFieldNumber, Bytes(finding.actor));
  out.Zigzag(Closed::kDecisiveBeforeMsFieldNumber, state.closed_at_ms - finding.decisive_at_ms);
  optional(Closed::kActiveMsFieldNumber, finding.active_ms);
  optional(Closed::kMinimumMsFieldNumber, finding.minimum_ms);
  out.Bytes(Closed::kSuggestedFieldNumber, finding.suggested);
  out.Bytes(Closed::kJudgedFieldNumber, finding.judged);
  out.Bytes(Closed::kChosenFieldNumber, finding.chosen);
  optional(Closed::kJudgementMsFieldNumber, finding.judgement_ms);
  out.Varint(Closed::kExposedFieldNumber, finding.exposed ? 1 : 0);
  out.Varint(Closed::kEpochFieldNumber, state.epoch);
  out.Varint(Closed::kPositiveActFieldNumber, static_cast<int>(finding.positive_act));
  out.Varint(Closed::kConcreteExaminationFieldNumber,
             static_cast<int>(finding.concrete_examination));
  out.Varint(Closed::kCoverageFieldNumber, static_cast<int>(finding.coverage));
  out.Varint(Closed::kBatchFieldNumber, finding.batch ? 1 : 0);
  out.Varint(Closed::kGradeFieldNumber, finding.grade);
  if (state.truth.has_value()) {
    out.Varint(Closed::kTruthOriginFieldNumber, state.truth->key.origin);
    out.Bytes(Closed::kTruthFieldNumber, state.truth->codes);
  }
  out.Varint(Closed::kClosedAtMsFieldNumber, state.closed_at_ms);
  if (state.truth.has_value()) {
    out.Bytes(Closed::kTruthOriginIdFieldNumber, state.truth->key.origin_id);
  }
  out.Varint(Closed::kPlanFieldNumber, state.plan);
  out.Varint(Closed::kLimitedTimeFieldNumber, finding.limited_time ? 1 : 0);
  out.Varint(Closed::kCalibrationFieldNumber, state.calibration);
}

void ReadFinding(const sv::Closed& in, DecisionState& state) {
  Finding& finding = state.finding;
  finding.degree = static_cast<vigie::v1::Degree>(in.degree());
  for (const int reason : in.reasons()) {
    finding.reasons.push_back(static_cast<vigie::v1::Reason>(reason));
  }
  finding.unit = in.unit();
  finding.version = in.version();
  state.test = in.test();
  finding.actor = ReadPseudonym(in.actor());
  finding.decisive_at_ms = in.closed_at_ms() - in.decisive_before_ms();
  finding.active_ms = ReadOptional(in.has_active_ms(), in.active_ms());
  finding.minimum_ms = ReadOptional(in.has_minimum_ms(), in.minimum_ms());
  finding.judgement_ms = ReadOptional(in.has_judgement_ms(), in.judgement_ms());
  finding.suggested = in.suggested();
  finding.judged = in.judged();
  finding.chosen = in.chosen();
  finding.exposed = in.exposed();
  finding.batch = in.batch();
  state.epoch = in.epoch();
  finding.positive_act = static_cast<decision::Trial>(in.positive_act());
  finding.concrete_examination = static_cast<decision::Trial>(in.concrete_examination());
  finding.coverage = static_cast<decision::Trial>(in.coverage());
  finding.grade = static_cast<vigie::v1::Grade>(in.grade());
  state.closed_at_ms = in.closed_at_ms();
  finding.limited_time = in.limited_time();
  state.plan = in.plan();
  state.calibration = in.calibration();
  if (in.truth_origin() != 0) {
    const auto origin = static_cast<vigie::v1::TruthOrigin>(in.truth_origin());
    state.truth = decision::CountedTruth{
        .key = {.origin = origin, .origin_id = in.truth_origin_id()}, .codes = in.truth()};
  }
}

void PutOrigin(const decision::OriginTally& origin, sv::OriginTallyView* out) {
  out->set_origin(origin.key.origin);
  out->set_origin_id(origin.key.origin_id);
  out->set_unknown(origin.wrong_unknown);
  for (const auto& row : origin.cells) {
    for (const int64_t cell : row) out->add_cells(cell);
  }
  Put(origin.rair, out->mutable_rair());
  Put(origin.rsr, out->mutable_rsr());
}

decision::OriginTally ReadOrigin(const sv::OriginTallyView& in) {
  decision::OriginTally origin;
  origin.key = {static_cast<vigie::v1::TruthOrigin>(in.origin()), in.origin_id()};
  origin.wrong_unknown = in.unknown();
  for (int i = 0; i < std::min(in.cells_size(), 4); ++i) {
    origin.cells[static_cast<size_t>(i / 2)][static_cast<size_t>(i % 2)] = in.cells(i);
  }
  origin.rair = ReadCounts(in.rair());
  origin.rsr = ReadCounts(in.rsr());
  return origin;
}

// In the order of field numbers, as the serialiser of sv::Fact would.
void PutFact(const decision::Fact& fact, std::string* bytes) {
  using sv::Fact;
  Fields out(bytes);
  out.Varint(Fact::kPayloadFieldNumber, fact.payload);
  out.Zigzag(Fact::kOccurredAtMsFieldNumber, fact.occurred_at_ms);
  out.Varint(Fact::kPositionFieldNumber, fact.position);
  out.Varint(Fact::kSourceFieldNumber, fact.source);
  out.Fixed64(Fact::kEventHashFieldNumber, fact.event_hash);
  out.Fixed64(Fact::kContentHashFieldNumber, fact.content_hash);
  out.Varint(Fact::kUnitFieldNumber, fact.unit);
  out.Varint(Fact::kVersionFieldNumber, fact.version);
  out.Varint(Fact::kRoleFieldNumber, fact.role);
  out.Bytes(Fact::kActorFieldNumber, Bytes(fact.actor));
  out.Varint(Fact::kKindFieldNumber, fact.kind);
  out.Varint(Fact::kOriginFieldNumber, fact.origin);
  out.Varint(Fact::kOneClickFieldNumber, fact.one_click ? 1 : 0);
  out.Varint(Fact::kPreselectedFieldNumber, fact.preselected ? 1 : 0);
  out.Zigzag(Fact::kStartMsFieldNumber, fact.start_ms);
  out.Zigzag(Fact::kAmountFieldNumber, fact.amount);
  out.Bytes(Fact::kCodesFieldNumber, fact.codes);
  out.Bytes(Fact::kGroupFieldNumber, fact.group);
  out.Fixed64(Fact::kVoidedHashFieldNumber, fact.voided_hash);
  out.Varint(Fact::kLimitedTimeFieldNumber, fact.limited_time ? 1 : 0);
}

void PutFacts(int field, const std::vector<decision::Fact>& facts, std::string* bytes) {
  Fields out(bytes);
  for (const decision::Fact& fact : facts) {
    out.NestedOf(field, [&] { PutFact(fact, bytes); });
  }
}

}  // namespace

std::string EncodeBatch(decision::NameIndex organisation, const std::string& batch_id,
                        const std::vector<decision::Fact>& facts, int64_t recorded_at_ms) {
  std::string bytes;
  Fields out(&bytes);
  out.Varint(sv::BatchEvidence::kOrganisationFieldNumber, organisation);
  out.Bytes(sv::BatchEvidence::kBatchIdFieldNumber, batch_id);
  PutFacts(sv::BatchEvidence::kFactsFieldNumber, facts, &bytes);
  out.Varint(sv::BatchEvidence::kRecordedAtMsFieldNumber, recorded_at_ms);
  return bytes;
}

decision::Fact DecodeFact(const sv::Fact& stored) {
  decision::Fact fact;
  fact.payload = static_cast<decision::Payload>(stored.payload());
  fact.occurred_at_ms = stored.occurred_at_ms();
  fact.position = stored.position();
  fact.source = stored.source();
  fact.event_hash = stored.event_hash();
  fact.content_hash = stored.content_hash();
  fact.unit = stored.unit();
  fact.version = stored.version();
  fact.role = stored.role();
  fact.actor = ReadPseudonym(stored.actor());
  fact.kind = stored.kind();
  fact.origin = stored.origin();
  fact.one_click = stored.one_click();
  fact.preselected = stored.preselected();
  fact.start_ms = stored.start_ms();
  fact.amount = stored.amount();
  fact.codes = stored.codes();
  fact.group = stored.group();
  fact.voided_hash = stored.voided_hash();
  fact.limited_time = stored.limited_time();
  return fact;
}

// In the order of field numbers, as the serialiser of sv::DecisionView would: rows are made for
// every decision, and a message in between would cost twice as much as the row. Most are of closed
// ones, and each byte of those is stored for ever: times are kept as what is between them.
void EncodeDecision(const DecisionState& state, std::string* row) {
  using sv::DecisionView;
  const bool closed = state.stage == Stage::kClosed;
  row->clear();
  Fields out(row);
  const auto itself = [](int64_t value) { return value; };
  out.Varint(DecisionView::kSystemFieldNumber, state.system);
  out.Varint(DecisionView::kKindFieldNumber, state.kind);
  out.Varint(DecisionView::kStateFieldNumber, static_cast<int>(state.stage));
  PutFacts(DecisionView::kFactsFieldNumber, state.facts, row);
  if (closed) {
    int64_t before = 0;
    const auto from_before = [&before](int64_t position) {
      return position - std::exchange(before, position);
    };
    out.PackedVarints(DecisionView::kPositionDeltasFieldNumber, state.positions, from_before);
  }
  out.PackedVarints(DecisionView::kSourcesFieldNumber, state.sources, itself);
  if (!closed) out.Varint(DecisionView::kDueRecordedMsFieldNumber, state.due_recorded_ms);
  if (closed) {
    out.NestedOf(DecisionView::kClosedFieldNumber, [&] { PutFinding(state, row); });
  }
  out.Varint(DecisionView::kLateCountFieldNumber, state.late_count);
  PutFacts(DecisionView::kAfterwardsFieldNumber, state.afterwards, row);
  if (closed) {
    out.PackedFixed64(DecisionView::kFingerprintsFieldNumber, state.fingerprints);
    out.Zigzag(DecisionView::kLastRecordedBeforeMsFieldNumber,
               state.closed_at_ms - state.last_recorded_ms);
    return;
  }
  out.Varint(DecisionView::kDueOccurredMsFieldNumber, state.due_occurred_ms);
  out.Varint(DecisionView::kClosingRecordedMsFieldNumber, state.closing_recorded_ms);
  out.Varint(DecisionView::kLastRecordedMsFieldNumber, state.last_recorded_ms);
  out.Varint(DecisionView::kSerialFieldNumber, state.serial);
}

absl::StatusOr<DecisionState> DecodeDecision(std::string_view key, std::string_view bytes) {
  sv::DecisionView in;
  const auto name = store::ReadDecisionKey(key);
  if (!name.has_value() || !in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("decision view: not a decision");
  }
  DecisionState state;
  state.id = name->id;
  state.organisation = name->organisation;
  state.space = name->space;
  state.hash = store::DecisionKeyHash(key);
  state.system = in.system();
  state.kind = in.kind();
  state.stage = static_cast<Stage>(in.state());
  for (const auto& fact : in.facts()) state.facts.push_back(DecodeFact(fact));
  for (const auto& fact : in.afterwards()) state.afterwards.push_back(DecodeFact(fact));
  state.fingerprints.assign(in.fingerprints().begin(), in.fingerprints().end());
  int64_t position = 0;
  for (const int64_t delta : in.position_deltas()) state.positions.push_back(position += delta);
  state.sources.assign(in.sources().begin(), in.sources().end());
  state.due_recorded_ms = in.due_recorded_ms();
  state.due_occurred_ms = in.due_occurred_ms();
  state.closing_recorded_ms = in.closing_recorded_ms();
  state.last_recorded_ms = in.last_recorded_ms();
  state.serial = in.serial();
  state.late_count = in.late_count();
  if (state.stage == Stage::kClosed) {
    ReadFinding(in.closed(), state);
    state.last_recorded_ms = state.closed_at_ms - in.last_recorded_before_ms();
  }
  return state;
}

std::string EncodeTally(const decision::Tally& tally) {
  sv::TallyView out;
  out.set_closed(tally.closed);
  for (const auto& entry : tally.reasons) {
    out.add_reason_keys(entry.degree * 256 + entry.reason);
    out.add_reason_counts(entry.count);
  }
  Put(tally.positive_act, out.mutable_positive_act());
  Put(tally.concrete_examination, out.mutable_concrete_examination());
  Put(tally.coverage, out.mutable_coverage());
  Put(tally.switches, out.mutable_switches());
  Put(tally.overrides, out.mutable_overrides());
  for (const auto& origin : tally.origins) {
    PutOrigin(origin, out.add_origins());
  }
  if (tally.opportunistic != decision::OriginTally{}) {
    PutOrigin(tally.opportunistic, out.mutable_opportunistic());
  }
  if (tally.rights != decision::Rights{}) {
    for (const int64_t count : tally.rights) out.add_rights(count);
  }
  out.set_batch(tally.batch);
  out.set_late_event(tally.late_event);
  out.set_period_late(tally.period_late);
  out.set_truth_revised(tally.truth_revised);
  out.set_truth_uncounted(tally.truth_uncounted);
  for (const auto& bucket : tally.active_time.Buckets()) {
    out.add_active_keys(bucket.key);
    out.add_active_counts(bucket.count);
  }
  for (const auto& bucket : tally.judgement_time.Buckets()) {
    out.add_judgement_keys(bucket.key);
    out.add_judgement_counts(bucket.count);
  }
  out.set_changed_at(tally.changed_at);
  if (tally.workload != TrialCounts{}) Put(tally.workload, out.mutable_workload());
  out.set_actor_hours(tally.actor_hours);
  out.set_overfull_hours(tally.overfull_hours);
  out.set_minimum_ms(tally.minimum_ms);
  out.set_limited_time(tally.limited_time);
  if (tally.reviews != decltype(tally.reviews){}) {
    for (const int examined : {1, 0}) {
      for (const int found : {1, 0}) out.add_reviews(tally.reviews[examined][found]);
    }
  }
  out.set_review_uncounted(tally.review_uncounted);
  return out.SerializeAsString();
}

absl::StatusOr<decision::Tally> DecodeTally(std::string_view bytes) {
  sv::TallyView in;
  if (!in.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("tally view: not a tally");
  }
  decision::Tally tally;
  tally.closed = in.closed();
  for (int i = 0; i < in.reason_keys_size(); ++i) {
    tally.reasons.push_back({static_cast<vigie::v1::Degree>(in.reason_keys(i) / 256),
                             static_cast<vigie::v1::Reason>(in.reason_keys(i) % 256),
                             in.reason_counts(i)});
  }
  tally.positive_act = ReadCounts(in.positive_act());
  tally.concrete_examination = ReadCounts(in.concrete_examination());
  tally.coverage = ReadCounts(in.coverage());
  tally.switches = ReadCounts(in.switches());
  tally.overrides = ReadCounts(in.overrides());
  for (const auto& stored : in.origins()) {
    tally.origins.push_back(ReadOrigin(stored));
  }
  if (in.has_opportunistic()) tally.opportunistic = ReadOrigin(in.opportunistic());
  if (in.rights_size() == static_cast<int>(decision::kRights)) {
    std::copy(in.rights().begin(), in.rights().end(), tally.rights.begin());
  }
  tally.batch = in.batch();
  tally.late_event = in.late_event();
  tally.period_late = in.period_late();
  tally.truth_revised = in.truth_revised();
  tally.truth_uncounted = in.truth_uncounted();
  for (int i = 0; i < in.active_keys_size(); ++i) {
    tally.active_time.AddKey(in.active_keys(i), in.active_counts(i));
  }
  for (int i = 0; i < in.judgement_keys_size(); ++i) {
    tally.judgement_time.AddKey(in.judgement_keys(i), in.judgement_counts(i));
  }
  tally.changed_at = in.changed_at();
  tally.workload = ReadCounts(in.workload());
  tally.actor_hours = in.actor_hours();
  tally.overfull_hours = in.overfull_hours();
  tally.minimum_ms = in.minimum_ms();
  tally.limited_time = in.limited_time();
  if (in.reviews_size() == 4) {
    tally.reviews = {{{in.reviews(3), in.reviews(2)}, {in.reviews(1), in.reviews(0)}}};
  }
  tally.review_uncounted = in.review_uncounted();
  return tally;
}

sv::ScopeView EncodeScope(const decision::ScopeKey& scope) {
  sv::ScopeView out;
  out.set_organisation(scope.organisation);
  out.set_system(scope.system);
  out.set_version(scope.version);
  out.set_unit(scope.unit);
  out.set_test(scope.test);
  return out;
}

decision::ScopeKey DecodeScope(const sv::ScopeView& stored) {
  return {.organisation = stored.organisation(),
          .system = stored.system(),
          .version = stored.version(),
          .unit = stored.unit(),
          .test = stored.test()};
}

}  // namespace vigie::engine
