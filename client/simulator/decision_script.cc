// SPDX-License-Identifier: Apache-2.0
#include "simulator/decision_script.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace vigie::simulator {
namespace {

namespace v1 = vigie::v1;

// Of decisions in units where people look.
constexpr double kHurriedRatio = 0.025;
constexpr double kOwnJudgementFirstRatio = 0.08;
constexpr double kPostponedRatio = 0.02;
constexpr double kMistakeRatio = 0.01;
constexpr double kSuppressedRatio = 0.006;
constexpr double kRefinedRatio = 0.05;
constexpr double kOpportunisticTruthRatio = 0.1;
constexpr double kPatientInformedRatio = 0.15;

// Wrong suggestions caught, and right ones rejected.
constexpr double kCarefulCatchRatio = 0.95;
constexpr double kAgreeingCatchRatio = 0.57;
constexpr double kGlanceCatchRatio = 0.02;
constexpr double kExaminedRejectRatio = 0.04;
constexpr double kGlanceRejectRatio = 0.005;
// The person's other answer is the right one.
constexpr double kCorrectionRightRatio = 0.9;

constexpr double kActiveMedianMs = 42'000;
constexpr double kActiveSigma = 0.55;
constexpr int64_t kLeastActiveMs = 10'000;
constexpr int64_t kActivePerItemMs = 2'000;
constexpr int64_t kMostActiveMs = 8 * kMinuteMs;
constexpr int64_t kLongestSegmentMs = 90'000;  // Under the usual idle cap of two minutes.

}  // namespace

DecisionScript::DecisionScript(const UnitSetting& setting, std::string_view version, Random& random,
                               std::vector<Happening>& out)
    : setting_(setting), version_(version), random_(random), out_(out), first_(out.size()) {
  decision_id_ = absl::StrCat("d-", random_.Hex128());
}

void DecisionScript::Write(const Moment& start) {
  const Manner manner = DrawManner(start.shift_ratio);
  const size_t shift_staff = setting_.staff.size() / 2;
  if (manner != Manner::kNobody) {
    actor_ = &setting_.staff.at(2 * random_.Index(shift_staff) +
                                static_cast<size_t>(start.shift_index % 2));
  }
  DrawCase(manner);
  int64_t at_ms = start.at_ms;
  if (random_.Chance(kPatientInformedRatio)) {
    AddPatientInformed(at_ms);
    at_ms += random_.Between(30 * kSecondMs, 5 * kMinuteMs);
  }
  AddIssued(at_ms);
  switch (manner) {
    case Manner::kNobody:
      WriteWithoutPerson(at_ms);
      break;
    case Manner::kStamped:
    case Manner::kHurried:
      WriteAtAGlance(at_ms + random_.Between(5 * kSecondMs, 2 * kMinuteMs), manner);
      break;
    case Manner::kExamined:
      if (!Poor() && !probe_ && random_.Chance(kSuppressedRatio)) {
        WriteSuppressed(at_ms);
      } else {
        WriteExamined(at_ms + random_.Between(5 * kSecondMs, 2 * kMinuteMs));
      }
      break;
  }
  LoseTelemetry(manner);
  Impoverish();
}

void DecisionScript::WriteBatchItem(int64_t issued_at_ms, int64_t signed_at_ms,
                                    const v1::Actor& actor, const std::string& batch_id,
                                    int batch_item_count) {
  actor_ = &actor;
  DrawCase(Manner::kStamped);
  final_ = suggestion_;
  AddIssued(issued_at_ms);
  v1::Shown& shown = *Add(signed_at_ms - random_.Between(3'000, 20'000)).mutable_shown();
  shown.set_screen_version("list-2");
  shown.set_preselected(true);
  v1::Decided& decided = AddDecided(signed_at_ms);
  decided.set_batch_id(batch_id);
  decided.set_batch_item_count(batch_item_count);
  AddApplied(signed_at_ms + random_.Between(20, 400), v1::EFFECT_CAUSE_PERSON);
  AddTruth(signed_at_ms);
  Impoverish();
}

DecisionScript::Manner DecisionScript::DrawManner(double shift_ratio) {
  switch (setting_.plan.habit) {
    case Habit::kAutoApplied:
      return Manner::kNobody;
    case Habit::kRubberStamping:
    case Habit::kBulk:
      return Manner::kStamped;
    case Habit::kFading:
      // Attention holds for the first three tenths of a shift and is gone after seven.
      if (random_.Chance(std::clamp((shift_ratio - 0.3) / 0.4, 0.0, 1.0))) return Manner::kStamped;
      break;
    case Habit::kCareful:
    case Habit::kCarefulButAgreeing:
      break;
  }
  return random_.Chance(kHurriedRatio) ? Manner::kHurried : Manner::kExamined;
}

void DecisionScript::DrawCase(Manner manner) {
  const HospitalOptions& options = setting_.options;
  const bool told = TruthReturned(setting_.plan, options);
  item_count_ = random_.Between(1, 6);
  probe_ = told && manner != Manner::kNobody && random_.Chance(options.probe_ratio);
  audited_ = random_.Chance(options.audit_ratio) && told && !probe_;
  truth_ = std::string(setting_.system->codes.at(random_.Index(setting_.system->codes.size())));
  const double error_ratio = std::min(1.0, options.ai_error_ratio * setting_.system->error_factor);
  suggestion_ = probe_ || random_.Chance(error_ratio) ? OtherCode(truth_) : truth_;
  final_ = DrawFinal(manner);
}

std::string DecisionScript::OtherCode(std::string_view code) {
  std::vector<std::string_view> others;
  for (const std::string_view other : setting_.system->codes) {
    if (other != code) others.push_back(other);
  }
  return std::string(others.at(random_.Index(others.size())));
}

std::string DecisionScript::DrawFinal(Manner manner) {
  if (manner == Manner::kNobody) return suggestion_;
  const bool examined = manner == Manner::kExamined;
  if (suggestion_ == truth_) {
    return random_.Chance(examined ? kExaminedRejectRatio : kGlanceRejectRatio)
               ? OtherCode(suggestion_)
               : suggestion_;
  }
  const bool agreeing = setting_.plan.habit == Habit::kCarefulButAgreeing;
  const double looking = agreeing ? kAgreeingCatchRatio : kCarefulCatchRatio;
  if (!random_.Chance(examined ? looking : kGlanceCatchRatio)) return suggestion_;
  return random_.Chance(kCorrectionRightRatio) ? truth_ : OtherCode(suggestion_);
}

void DecisionScript::WriteExamined(int64_t at_ms) {
  if (random_.Chance(kOwnJudgementFirstRatio)) AddOwnJudgement(at_ms);
  v1::Shown& shown = *Add(at_ms).mutable_shown();
  shown.set_screen_version("detail-4");
  shown.set_auto_launched(random_.Chance(0.2));
  int64_t now_ms = AddLook(at_ms + random_.Between(500, 6'000));
  if (random_.Chance(kPostponedRatio)) now_ms = AddPostponement(now_ms);
  if (!Poor() && random_.Chance(kMistakeRatio)) now_ms = AddMistake(now_ms);
  AddEdit(now_ms);
  now_ms += random_.Between(300, 2'500);
  AddDecided(now_ms);
  const bool dispensed = setting_.dispenses && !probe_;
  if (dispensed) {
    // Far beyond the tolerance within which two clocks cannot be ordered.
    AddApplied(now_ms + random_.Between(30 * kSecondMs, 75 * kSecondMs), v1::EFFECT_CAUSE_SYSTEM);
    out_.back().source = kDispensingSource;
    out_.back().event.clear_actor();
  } else {
    AddApplied(now_ms + random_.Between(30, 900), v1::EFFECT_CAUSE_PERSON);
  }
  AddTruth(now_ms);
}

void DecisionScript::WriteSuppressed(int64_t at_ms) {
  audited_ = false;
  v1::Event& hidden = Add(at_ms + random_.Between(10, 200));
  hidden.clear_actor();
  v1::Code& reason = *hidden.mutable_suppressed_before_display()->add_reasons();
  reason.set_system("suppression");
  reason.set_code("alert-limit");
  if (random_.Chance(0.5)) return;  // Nobody ever decided.
  final_ = random_.Chance(0.8) ? truth_ : OtherCode(truth_);
  const int64_t decided_at_ms = at_ms + random_.Between(5 * kMinuteMs, 40 * kMinuteMs);
  v1::Decided& decided = AddDecided(decided_at_ms);
  decided.set_outcome(v1::DECISION_OUTCOME_INDEPENDENT);
  decided.clear_reasons();
  AddApplied(decided_at_ms + random_.Between(30, 900), v1::EFFECT_CAUSE_PERSON);
}

void DecisionScript::WriteAtAGlance(int64_t at_ms, Manner manner) {
  const bool stamped = manner == Manner::kStamped;
  v1::Shown& shown = *Add(at_ms).mutable_shown();
  shown.set_screen_version("detail-4");
  shown.set_preselected(stamped);
  shown.set_auto_launched(stamped);
  const int64_t decided_at_ms =
      at_ms + (stamped ? random_.Between(250, 980) : random_.Between(1'500, 4'000));
  v1::ActiveSegment& segment = *Add(decided_at_ms - 20).mutable_active_segment();
  segment.set_start_ms(at_ms + 10);
  segment.set_length_ms(decided_at_ms - 20 - segment.start_ms());
  v1::Decided& decided = AddDecided(decided_at_ms);
  decided.set_one_click(stamped && final_ == suggestion_);
  AddApplied(decided_at_ms + random_.Between(20, 300), v1::EFFECT_CAUSE_PERSON);
  AddTruth(decided_at_ms);
}

void DecisionScript::WriteWithoutPerson(int64_t at_ms) {
  const double kind = random_.Uniform();
  int64_t applied_at_ms = at_ms + random_.Between(50, 900);
  v1::EffectCause cause = v1::EFFECT_CAUSE_SYSTEM;
  if (kind < 0.10) {
    cause = v1::EFFECT_CAUSE_TIMEOUT;
    applied_at_ms = at_ms + 15 * kMinuteMs;
  } else if (kind < 0.15) {
    cause = v1::EFFECT_CAUSE_BYPASS_WINDOW;
  }
  AddApplied(applied_at_ms, cause);
  AddTruth(applied_at_ms);
}

void DecisionScript::AddPatientInformed(int64_t at_ms) {
  v1::PatientInformed& informed = *Add(at_ms).mutable_patient_informed();
  informed.set_before_use(true);
  informed.set_interpretation_given(random_.Chance(0.3));
}

void DecisionScript::AddIssued(int64_t at_ms) {
  static constexpr std::array<std::string_view, 3> kGroups = {"child", "adult", "older-adult"};
  v1::Event& event = Add(at_ms);
  event.clear_actor();
  v1::Issued& issued = *event.mutable_issued();
  *issued.add_suggestions() = CodeOf(suggestion_);
  // The system is a little less sure of itself when it is wrong.
  const int64_t low = suggestion_ == truth_ ? 620 : 540;
  issued.set_confidence_ratio(static_cast<double>(random_.Between(low, 990)) / 1000);
  issued.set_content_item_count(item_count_);
  issued.set_patient_group(std::string(kGroups.at(random_.Index(kGroups.size()))));
  issued.set_patient_id(absl::StrCat("p-", random_.Hex128()));
}

void DecisionScript::AddOwnJudgement(int64_t shown_at_ms) {
  v1::InitialJudgement& judgement =
      *Add(shown_at_ms - random_.Between(100, 900)).mutable_initial_judgement();
  // Who ends up right was mostly right before.
  const bool right = random_.Chance(final_ == truth_ ? 0.85 : 0.35);
  *judgement.add_codes() = CodeOf(right ? truth_ : OtherCode(truth_));
  judgement.set_timing(v1::JUDGEMENT_TIMING_BEFORE_DISPLAY);
  judgement.set_elapsed_ms(
      std::clamp<int64_t>(static_cast<int64_t>(random_.LogNormal(30'000, 0.4)), 8'000, 120'000));
}

int64_t DecisionScript::AddLook(int64_t at_ms) {
  Add(at_ms).mutable_opened();
  const int64_t least_ms = kLeastActiveMs + kActivePerItemMs * item_count_;
  const int64_t active_ms =
      std::clamp(static_cast<int64_t>(random_.LogNormal(kActiveMedianMs, kActiveSigma)), least_ms,
                 kMostActiveMs);
  const int64_t end_ms = AddSegments(at_ms, active_ms);
  struct View {
    v1::EvidenceKind kind;
    v1::EvidenceOrigin origin;
    double probability;
  };
  const std::array<View, 4> views = {{
      {v1::EVIDENCE_KIND_RECORD, v1::EVIDENCE_ORIGIN_INDEPENDENT, 1.0},
      {v1::EVIDENCE_KIND_IMAGE, v1::EVIDENCE_ORIGIN_INDEPENDENT,
       setting_.system->has_image ? 1.0 : 0.0},
      {v1::EVIDENCE_KIND_EXPLANATION, v1::EVIDENCE_ORIGIN_AI, 0.4},
      {v1::EVIDENCE_KIND_GUIDELINE, v1::EVIDENCE_ORIGIN_INDEPENDENT, 0.1},
  }};
  for (const View& view : views) {
    if (!random_.Chance(view.probability)) continue;
    v1::EvidenceOpened& opened =
        *Add(at_ms + random_.Between(300, active_ms / 2)).mutable_evidence_opened();
    opened.set_kind(view.kind);
    opened.set_origin(view.origin);
    opened.set_length_ms(random_.Between(active_ms / 8, active_ms / 3));
  }
  return end_ms;
}

int64_t DecisionScript::AddSegments(int64_t at_ms, int64_t active_ms) {
  int64_t now_ms = at_ms;
  int64_t left_ms = active_ms;
  bool first = true;
  while (left_ms > 0) {
    int64_t length_ms = std::min(left_ms, kLongestSegmentMs);
    if (length_ms > 30'000 && random_.Chance(0.3)) length_ms = random_.Between(10'000, length_ms);
    if (!first) now_ms += random_.Between(1'000, 15'000);  // Looked away.
    v1::ActiveSegment& segment = *Add(now_ms + length_ms).mutable_active_segment();
    segment.set_start_ms(now_ms);
    segment.set_length_ms(length_ms);
    if (first && random_.Chance(0.1)) {
      // A second window over the first: the same time, to be counted once.
      v1::ActiveSegment& second = *Add(now_ms + length_ms / 2).mutable_active_segment();
      second.set_start_ms(now_ms + length_ms / 4);
      second.set_length_ms(length_ms / 2 - length_ms / 4);
    }
    now_ms += length_ms;
    left_ms -= length_ms;
    first = false;
  }
  return now_ms;
}

int64_t DecisionScript::AddPostponement(int64_t at_ms) {
  const bool escalated = random_.Chance(0.4);
  v1::Decided& decided = *Add(at_ms + 500).mutable_decided();
  decided.set_outcome(escalated ? v1::DECISION_OUTCOME_ESCALATED : v1::DECISION_OUTCOME_DEFERRED);
  v1::Code& reason = *decided.add_reasons();
  reason.set_system("decision-reason");
  reason.set_code(escalated ? "senior-opinion" : "awaiting-result");
  if (escalated) actor_ = &setting_.staff.front();
  return AddLook(at_ms + random_.Between(20 * kMinuteMs, 4 * kHourMs));
}

int64_t DecisionScript::AddMistake(int64_t at_ms) {
  v1::Event& mistake = Add(at_ms + 400);
  mistake.mutable_decided()->set_outcome(v1::DECISION_OUTCOME_OVERRIDDEN);
  *mistake.mutable_decided()->add_final_codes() = CodeOf(OtherCode(suggestion_));
  const std::string mistaken_id = mistake.event_id();
  const int64_t noticed_at_ms = at_ms + random_.Between(4'000, 25'000);
  Add(noticed_at_ms).mutable_voided()->set_voided_event_id(mistaken_id);
  return noticed_at_ms;
}

void DecisionScript::AddEdit(int64_t at_ms) {
  const bool substituting = final_ != suggestion_ && random_.Chance(0.25);
  const bool refining = final_ == suggestion_ && random_.Chance(kRefinedRatio);
  if (!substituting && !refining) return;
  v1::Edited& edited = *Add(at_ms + random_.Between(50, 250)).mutable_edited();
  edited.set_manner(substituting ? v1::EDIT_MANNER_SUBSTITUTING : v1::EDIT_MANNER_REFINING);
  edited.set_changed_permille(
      static_cast<int32_t>(substituting ? random_.Between(400, 1'000) : random_.Between(10, 90)));
}

v1::Decided& DecisionScript::AddDecided(int64_t at_ms) {
  static constexpr std::array<std::string_view, 3> kReasons = {
      "clinical-findings", "record-contradicts", "suggestion-not-applicable"};
  const bool edited = out_.size() > first_ && out_.back().event.has_edited();
  v1::Decided& decided = *Add(at_ms).mutable_decided();
  *decided.add_final_codes() = CodeOf(final_);
  if (final_ == suggestion_) {
    decided.set_outcome(v1::DECISION_OUTCOME_ACCEPTED);
    return decided;
  }
  decided.set_outcome(edited ? v1::DECISION_OUTCOME_MODIFIED : v1::DECISION_OUTCOME_OVERRIDDEN);
  v1::Code& reason = *decided.add_reasons();
  reason.set_system("decision-reason");
  reason.set_code(std::string(kReasons.at(random_.Index(kReasons.size()))));
  return decided;
}

void DecisionScript::AddApplied(int64_t at_ms, v1::EffectCause cause) {
  if (probe_) return;  // Planted suggestions never reach a patient.
  v1::Event& event = Add(at_ms);
  if (cause != v1::EFFECT_CAUSE_PERSON) event.clear_actor();
  event.mutable_applied()->set_applied_by(cause);
  *event.mutable_applied()->add_codes() = CodeOf(final_);
}

void DecisionScript::AddTruth(int64_t acted_at_ms) {
  const bool told = TruthReturned(setting_.plan, setting_.options);
  // Where no audit runs, truth still comes back now and then after an override. It may not count:
  // overridden cases get truth more often.
  const bool opportunistic =
      !told && final_ != suggestion_ && random_.Chance(kOpportunisticTruthRatio);
  if (!probe_ && !audited_ && !opportunistic) return;
  // Less than the bound by more than any decision lasts.
  const int64_t delay_ms = probe_ ? random_.Between(20 * kMinuteMs, 4 * kHourMs)
                                  : random_.Between(2 * kHourMs, kLongestTruthDelayMs - kDayMs / 2);
  v1::Event& event = Add(acted_at_ms + delay_ms);
  event.clear_actor();
  v1::TruthEstablished& truth = *event.mutable_truth_established();
  *truth.add_codes() = CodeOf(truth_);
  if (probe_) {
    truth.set_origin(v1::TRUTH_ORIGIN_SEEDED);
    truth.set_origin_id("simulated-plan");
  } else if (audited_) {
    truth.set_origin(v1::TRUTH_ORIGIN_ASSERTED_AUDIT);
    truth.set_inclusion_ratio(setting_.options.audit_ratio);
  } else {
    truth.set_origin(v1::TRUTH_ORIGIN_OPPORTUNISTIC);
  }
}

void DecisionScript::LoseTelemetry(Manner manner) {
  const bool careful =
      setting_.plan.habit == Habit::kCareful || setting_.plan.habit == Habit::kCarefulButAgreeing;
  if (manner == Manner::kNobody || Poor()) return;
  if (!random_.Chance(setting_.options.missing_ratio * (careful ? kCarefulGapShare : 1.0))) return;
  struct Loss {
    v1::Event::PayloadCase payload;
    v1::PayloadKind kind;
  };
  static constexpr std::array<Loss, 3> kLosses = {
      {{v1::Event::kOpened, v1::PAYLOAD_KIND_OPENED},
       {v1::Event::kActiveSegment, v1::PAYLOAD_KIND_ACTIVE_SEGMENT},
       {v1::Event::kEvidenceOpened, v1::PAYLOAD_KIND_EVIDENCE_OPENED}}};
  // At a glance there is only activity to lose.
  const Loss& loss =
      manner == Manner::kExamined ? kLosses.at(random_.Index(kLosses.size())) : kLosses.at(1);
  const auto lost = [&loss](const Happening& happening) {
    return happening.event.payload_case() == loss.payload;
  };
  const auto begin = out_.begin() + static_cast<std::ptrdiff_t>(first_);
  const auto first_lost = std::find_if(begin, out_.end(), lost);
  if (first_lost == out_.end()) return;
  const int64_t lost_at_ms = first_lost->true_at_ms;
  out_.erase(std::remove_if(begin, out_.end(), lost), out_.end());
  v1::Event& event = Add(lost_at_ms);
  event.clear_actor();
  event.mutable_telemetry_gap()->set_missing(loss.kind);
}

void DecisionScript::Impoverish() {
  if (!Poor()) return;
  const auto begin = out_.begin() + static_cast<std::ptrdiff_t>(first_);
  out_.erase(std::remove_if(begin, out_.end(),
                            [](const Happening& happening) {
                              return !happening.event.has_decided() &&
                                     !happening.event.has_applied();
                            }),
             out_.end());
  for (size_t i = first_; i < out_.size(); ++i) {
    if (!out_[i].event.has_decided()) continue;
    v1::Decided& decided = *out_[i].event.mutable_decided();
    decided.clear_one_click();
    decided.clear_batch_id();
    decided.clear_batch_item_count();
  }
}

v1::Event& DecisionScript::Add(int64_t at_ms) {
  Happening& happening = out_.emplace_back();
  happening.true_at_ms = at_ms;
  happening.source = setting_.source;
  v1::Event& event = happening.event;
  event.set_event_id(random_.Hex128());
  event.set_organisation_id(setting_.options.organisation_id);
  event.set_decision_id(decision_id_);
  event.set_system_id(std::string(setting_.system->system_id));
  event.set_system_version(std::string(version_));
  event.set_unit_id(setting_.plan.unit_id);
  event.set_decision_kind(std::string(setting_.system->decision_kind));
  if (actor_ != nullptr) *event.mutable_actor() = *actor_;
  return event;
}

v1::Code DecisionScript::CodeOf(std::string_view code) const {
  v1::Code result;
  result.set_system(std::string(setting_.system->code_system));
  result.set_code(std::string(code));
  return result;
}

}  // namespace vigie::simulator
