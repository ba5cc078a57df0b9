// SPDX-License-Identifier: Apache-2.0
#include "replay_mapping.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "json_record.h"

namespace vigie::cli {
namespace {

using google::protobuf::RepeatedPtrField;

// A record of a file, read and not yet judged. Names as in the file.
struct Record {
  std::string decision_id, clinician_id, system_id, unit_id, kind, act;
  int64_t shown_ms = 0, decided_ms = 0;
  std::optional<int64_t> dwell_ms, initial_ms;
  std::vector<std::string> initial, suggestion, final_codes, truth;
  std::optional<double> suggestion_p, initial_elapsed, duration, confidence_initial,
      confidence_final;
  bool suggestion_seen = true;

  [[nodiscard]] bool delegated() const { return act == "delegated"; }
};

// Shown and decided may each be missing: then the one follows from the other and from how long the
// suggestion was visible, so that what was seen always lies before the decision.
void ReadTimes(JsonRecord& json, int64_t index, Record& record) {
  const std::optional<int64_t> shown_ms = json.Milliseconds("t_shown_ms");
  const std::optional<int64_t> decided_ms = json.Milliseconds("t_decided_ms");
  const int64_t span_ms = std::max(
      {int64_t{0}, record.dwell_ms.value_or(0), json.Milliseconds("duration_ms").value_or(0)});
  if (shown_ms.has_value()) {
    record.shown_ms = *shown_ms;
  } else {
    record.shown_ms = decided_ms.has_value() ? *decided_ms - span_ms : index * 1000;
  }
  record.decided_ms = decided_ms.value_or(record.shown_ms + span_ms);
}

absl::StatusOr<Record> ReadRecord(absl::string_view line, int64_t index) {
  absl::StatusOr<JsonRecord> json = JsonRecord::Parse(line);
  if (!json.ok()) return json.status();
  Record record;
  record.decision_id = json->RequiredText("decision_id");
  record.system_id = json->RequiredText("system_id");
  record.clinician_id = json->Text("clinician_id");
  record.unit_id = json->Text("unit_id");
  record.kind = json->Text("kind");
  if (record.kind.empty()) record.kind = "unspecified";
  record.act = json->Text("act");
  record.dwell_ms = json->Milliseconds("dwell_ms");
  record.initial_ms = json->Milliseconds("initial_ms");
  ReadTimes(*json, index, record);
  record.initial = json->Codes("initial");
  record.suggestion = json->Codes("suggestion");
  record.suggestion_seen = json->Flag("suggestion_seen", true);
  record.final_codes = json->Codes("final");
  record.truth = json->Codes("truth");
  record.suggestion_p = json->Number("suggestion_p");
  record.initial_elapsed = json->Number("initial_ms");
  record.duration = json->Number("duration_ms");
  record.confidence_initial = json->Number("confidence_initial");
  record.confidence_final = json->Number("confidence_final");
  if (!record.suggestion.empty() && record.final_codes.empty() && !record.delegated()) {
    json->Refuse("final", "the recorded decision (only `truth` may be unknown)");
  }
  if (!json->status().ok()) return json->status();
  return record;
}

void SetCodes(const std::vector<std::string>& codes, RepeatedPtrField<v1::Code>& field) {
  for (const std::string& code : codes) field.Add()->set_code(code);
}

bool SameCodes(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

void Keep(const std::string& name, const std::optional<double>& value, v1::Event& event) {
  if (!value.has_value()) return;
  v1::Attribute& attribute = *event.add_attributes();
  attribute.set_name(name);
  attribute.set_value(*value);
}

// Collects the events of one record. `Add` returns a reference that the next Add invalidates.
class Events {
 public:
  explicit Events(const Record& record) : record_(record) {}

  v1::Event& Add(absl::string_view payload_name, int64_t occurred_at_ms) {
    v1::Event& event = events_.emplace_back();
    event.set_event_id(absl::StrCat(record_.decision_id, "/", payload_name));
    event.set_organisation_id(kReplayOrganisation);
    event.set_decision_id(record_.decision_id);
    event.set_system_id(record_.system_id);
    event.set_unit_id(record_.unit_id);
    event.set_decision_kind(record_.kind);
    if (!record_.clinician_id.empty()) event.mutable_actor()->set_id(record_.clinician_id);
    event.set_occurred_at_ms(occurred_at_ms);
    return event;
  }
  std::vector<v1::Event> Take() { return std::move(events_); }

 private:
  const Record& record_;
  std::vector<v1::Event> events_;
};

std::vector<v1::Event> MapUnaided(const Record& record) {
  Events events(record);
  v1::Event& event = events.Add("unaided_decision", record.decided_ms);
  v1::UnaidedDecision& unaided = *event.mutable_unaided_decision();
  if (record.dwell_ms.has_value()) unaided.set_active_ms(*record.dwell_ms);
  SetCodes(record.final_codes, *unaided.mutable_final_codes());
  SetCodes(record.truth, *unaided.mutable_truth_codes());
  Keep("initial_ms", record.initial_elapsed, event);
  Keep("duration_ms", record.duration, event);
  Keep("confidence_initial", record.confidence_initial, event);
  Keep("confidence_final", record.confidence_final, event);
  return events.Take();
}

void AddSuggestion(const Record& record, Events& events) {
  v1::Event& issued = events.Add("issued", record.shown_ms);
  SetCodes(record.suggestion, *issued.mutable_issued()->mutable_suggestions());
  if (record.suggestion_p.has_value()) {
    issued.mutable_issued()->set_confidence_ratio(*record.suggestion_p);
  }
  if (record.initial.empty()) {
    Keep("initial_ms", record.initial_elapsed, issued);
    Keep("confidence_initial", record.confidence_initial, issued);
    return;
  }
  v1::Event& judged = events.Add("initial_judgement", record.shown_ms);
  v1::InitialJudgement& judgement = *judged.mutable_initial_judgement();
  SetCodes(record.initial, *judgement.mutable_codes());
  judgement.set_timing(v1::JUDGEMENT_TIMING_BEFORE_DISPLAY);
  judgement.set_elapsed_ms(record.initial_ms.value_or(0));
  Keep("initial_ms", record.initial_elapsed, judged);
  Keep("confidence_initial", record.confidence_initial, judged);
}

void AddLook(const Record& record, Events& events) {
  if (record.suggestion_seen && !record.delegated()) {
    events.Add("shown", record.shown_ms).mutable_shown();
  }
  if (record.dwell_ms.has_value()) {
    v1::Event& active = events.Add("active_segment", record.shown_ms);
    active.mutable_active_segment()->set_start_ms(record.shown_ms);
    active.mutable_active_segment()->set_length_ms(*record.dwell_ms);
  } else {
    v1::Event& gap = events.Add("telemetry_gap", record.shown_ms);
    gap.mutable_telemetry_gap()->set_missing(v1::PAYLOAD_KIND_ACTIVE_SEGMENT);
  }
}

v1::DecisionOutcome OutcomeOf(const Record& record) {
  if (!record.suggestion_seen) return v1::DECISION_OUTCOME_INDEPENDENT;
  return SameCodes(record.final_codes, record.suggestion) ? v1::DECISION_OUTCOME_ACCEPTED
                                                          : v1::DECISION_OUTCOME_OVERRIDDEN;
}

void AddAct(const Record& record, Events& events) {
  if (!record.delegated()) {
    v1::Event& act = events.Add("decided", record.decided_ms);
    v1::Decided& decided = *act.mutable_decided();
    decided.set_outcome(OutcomeOf(record));
    SetCodes(record.final_codes, *decided.mutable_final_codes());
    decided.set_one_click(record.act == "cloned");
    Keep("duration_ms", record.duration, act);
    Keep("confidence_final", record.confidence_final, act);
  }
  v1::Event& effect = events.Add("applied", record.decided_ms);
  v1::Applied& applied = *effect.mutable_applied();
  applied.set_applied_by(record.delegated() ? v1::EFFECT_CAUSE_SYSTEM : v1::EFFECT_CAUSE_PERSON);
  SetCodes(record.final_codes, *applied.mutable_codes());
  if (!record.delegated()) return;
  Keep("duration_ms", record.duration, effect);
  Keep("confidence_final", record.confidence_final, effect);
}

void AddTruth(const Record& record, Events& events) {
  if (record.truth.empty()) return;
  v1::TruthEstablished& truth =
      *events.Add("truth_established", record.decided_ms).mutable_truth_established();
  SetCodes(record.truth, *truth.mutable_codes());
  truth.set_origin(v1::TRUTH_ORIGIN_ASSERTED_AUDIT);
  truth.set_inclusion_ratio(1.0);
}

}  // namespace

absl::StatusOr<std::vector<v1::Event>> MapRecord(absl::string_view line, int64_t index) {
  const absl::StatusOr<Record> record = ReadRecord(line, index);
  if (!record.ok()) return record.status();
  if (record->suggestion.empty()) return MapUnaided(*record);
  Events events(*record);
  AddSuggestion(*record, events);
  AddLook(*record, events);
  AddAct(*record, events);
  AddTruth(*record, events);
  return events.Take();
}

v1::PayloadKind PayloadKindOf(const v1::Event& event) {
  if (event.payload_case() == v1::Event::PAYLOAD_NOT_SET) return v1::PAYLOAD_KIND_UNSPECIFIED;
  // The kinds are numbered in the order of the payloads.
  return static_cast<v1::PayloadKind>(event.payload_case() - v1::Event::kIssued +
                                      v1::PAYLOAD_KIND_ISSUED);
}

}  // namespace vigie::cli
