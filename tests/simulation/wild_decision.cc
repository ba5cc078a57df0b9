// SPDX-License-Identifier: Apache-2.0
#include "simulation/wild_decision.h"

#include "absl/strings/str_cat.h"

namespace vigie::simulation {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

constexpr int64_t kSecondMs = 1000;
constexpr int64_t kMinuteMs = 60 * kSecondMs;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;

void SetCode(const std::string& code, google::protobuf::RepeatedPtrField<Code>* codes) {
  codes->Clear();
  if (!code.empty()) codes->Add()->set_code(code);
}

// Tells one story. Lives for one call.
class Story {
 public:
  Story(const std::string& id, int64_t start_ms, const std::vector<WildSource>& sources, Dice& dice,
        std::vector<Sending>& sendings)
      : id_(id), sources_(sources), dice_(dice), sendings_(sendings), now_ms_(start_ms) {
    organisation_ = dice_.Pick({"north", "north", "south"});
    system_ = dice_.Pick({"sepsis", "chest"});
    version_ = dice_.Pick({"", "1.0", "2.0"});
    unit_ = dice_.Pick({"", "icu", "ward", "desk"});
    actor_ = dice_.Pick({"", "ana", "bo", "cy"});
    role_ = dice_.Pick({"", "doctor", "doctor", "secretary"});
    kind_ = dice_.Pick({"", "triage", "reading"});
    batch_ = dice_.Percent(25) ? dice_.Pick({"round-1", "round-2"}) : "";
    suggested_ = AnyCode();
    home_ = AnySource();
  }

  void Tell() {
    Suggest();
    LookAtIt();
    Act();
    TakeEffect();
    if (dice_.Percent(6)) Gap();
    if (dice_.Percent(10)) Void();
    ComeBack();
    if (dice_.Percent(20)) SendFault();
    if (dice_.Percent(6)) Unaided();
  }

 private:
  std::string AnyCode() { return dice_.Pick({"A", "A", "B", "C"}); }
  size_t AnySource() {
    return static_cast<size_t>(dice_.Below(static_cast<int64_t>(sources_.size())));
  }
  void Pass() {
    static constexpr int64_t kLongest[] = {0, kSecondMs, 20 * kSecondMs, 3 * kMinuteMs,
                                           3 * kHourMs};
    now_ms_ += dice_.Between(0, kLongest[dice_.Weighted({15, 30, 35, 17, 3})]);
  }

  // An event that occurs now, mostly by the clock of the decision's own source.
  Event Begin() {
    source_ = dice_.Percent(80) ? home_ : AnySource();
    Event event;
    event.set_event_id(absl::StrCat(id_, "/", ++events_));
    event.set_organisation_id(organisation_);
    event.set_decision_id(id_);
    event.set_system_id(system_);
    event.set_system_version(dice_.Percent(80) ? version_ : "");
    event.set_unit_id(dice_.Percent(90) ? unit_ : dice_.Pick({"", "icu", "ward"}));
    event.set_decision_kind(dice_.Percent(60) ? kind_ : "");
    const std::string actor = dice_.Percent(80) ? actor_ : "";
    if (!actor.empty()) {
      event.mutable_actor()->set_id(actor);
      event.mutable_actor()->set_role(role_);
    }
    event.set_occurred_at_ms(now_ms_ + sources_[source_].clock_offset_ms);
    return event;
  }

  void Send(const Event& event, size_t source) {
    static constexpr int64_t kLongest[] = {2 * kSecondMs, 5 * kMinuteMs, 12 * kHourMs};
    const int64_t delay_ms = dice_.Between(0, kLongest[dice_.Weighted({75, 18, 7})]);
    sendings_.push_back({.source = source, .send_at_ms = now_ms_ + delay_ms, .event = event});
    if (dice_.Percent(30)) {
      sendings_.back().event.set_sent_at_ms(now_ms_ + delay_ms + sources_[source].clock_offset_ms);
    }
  }
  void Send(Event event) {
    Send(event, source_);
    sent_.push_back(std::move(event));
    // Another door brings it too.
    if (dice_.Percent(4)) Send(sent_.back(), AnySource());
    Pass();
  }

  void Suggest() {
    if (dice_.Percent(20)) Judge(JUDGEMENT_TIMING_BEFORE_DISPLAY);
    if (dice_.Percent(90)) {
      Event event = Begin();
      SetCode(suggested_, event.mutable_issued()->mutable_suggestions());
      if (dice_.Percent(15)) {
        event.mutable_issued()->add_suggestions()->set_code("D");
        event.mutable_issued()->mutable_suggestions(0)->set_system(dice_.Pick({"", "icd"}));
      }
      event.mutable_issued()->set_content_item_count(dice_.Below(5));
      Send(event);
    }
    if (dice_.Percent(8)) {
      Event event = Begin();
      event.mutable_suppressed_before_display();
      Send(event);
      if (dice_.Percent(70)) return;
    }
    if (dice_.Percent(82)) {
      Event event = Begin();
      event.mutable_shown()->set_preselected(dice_.Percent(25));
      Send(event);
    }
  }

  void Judge(JudgementTiming timing) {
    Event event = Begin();
    InitialJudgement* judgement = event.mutable_initial_judgement();
    SetCode(AnyCode(), judgement->mutable_codes());
    judgement->set_timing(timing);
    judgement->set_elapsed_ms(dice_.Below(90 * kSecondMs));
    Send(event);
  }

  void LookAtIt() {
    if (dice_.Percent(12))
      Judge(dice_.Pick({JUDGEMENT_TIMING_BEFORE_DISPLAY, JUDGEMENT_TIMING_AFTER_DISPLAY}));
    if (dice_.Percent(60)) {
      Event event = Begin();
      event.mutable_opened();
      Send(event);
    }
    for (int64_t i = dice_.Below(4); i > 0; --i) {
      Event event = Begin();
      ActiveSegment* segment = event.mutable_active_segment();
      segment->set_start_ms(
          std::max<int64_t>(0, event.occurred_at_ms() - dice_.Below(40 * kSecondMs)));
      segment->set_length_ms(dice_.Percent(94) ? dice_.Below(100 * kSecondMs)
                                               : dice_.Pick<int64_t>({-1, 2 * kDayMs, kDayMs}));
      Send(event);
    }
    for (int64_t i = dice_.Below(3); i > 0; --i) {
      Event event = Begin();
      EvidenceOpened* evidence = event.mutable_evidence_opened();
      evidence->set_kind(dice_.Pick({EVIDENCE_KIND_EXPLANATION, EVIDENCE_KIND_RECORD,
                                     EVIDENCE_KIND_RECORD, EVIDENCE_KIND_IMAGE}));
      evidence->set_origin(dice_.Pick({EVIDENCE_ORIGIN_AI, EVIDENCE_ORIGIN_INDEPENDENT}));
      if (dice_.Percent(30)) evidence->set_batch_id(dice_.Pick({"round-1", "round-2"}));
      Send(event);
    }
    if (dice_.Percent(12)) {
      Event event = Begin();
      event.mutable_edited()->set_changed_permille(static_cast<int32_t>(dice_.Below(600)));
      event.mutable_edited()->set_manner(EDIT_MANNER_REFINING);
      Send(event);
    }
  }

  void Decide(DecisionOutcome outcome) {
    Event event = Begin();
    Decided* decided = event.mutable_decided();
    decided->set_outcome(outcome);
    const bool rejects = outcome == DECISION_OUTCOME_OVERRIDDEN;
    chosen_ = dice_.Percent(85) ? (rejects ? dice_.Pick({"B", "C", "D"}) : suggested_) : AnyCode();
    if (dice_.Percent(75)) SetCode(chosen_, decided->mutable_final_codes());
    decided->set_one_click(dice_.Percent(25));
    decided->set_batch_id(batch_);
    decided->set_batch_item_count(
        batch_.empty() && dice_.Percent(95) ? 0 : static_cast<int32_t>(dice_.Below(4)));
    if (dice_.Percent(10)) SetCode("limited-time", decided->mutable_reasons());
    Send(event);
  }

  void Act() {
    if (dice_.Percent(8)) {
      Decide(dice_.Pick({DECISION_OUTCOME_DEFERRED, DECISION_OUTCOME_ESCALATED}));
    }
    if (dice_.Percent(82)) {
      Decide(dice_.Pick({DECISION_OUTCOME_ACCEPTED, DECISION_OUTCOME_ACCEPTED,
                         DECISION_OUTCOME_ACCEPTED, DECISION_OUTCOME_OVERRIDDEN,
                         DECISION_OUTCOME_OVERRIDDEN, DECISION_OUTCOME_MODIFIED,
                         DECISION_OUTCOME_ABSTAINED, DECISION_OUTCOME_INDEPENDENT}));
    }
    if (dice_.Percent(5)) {
      Decide(dice_.Pick({DECISION_OUTCOME_ACCEPTED, DECISION_OUTCOME_OVERRIDDEN}));
    }
  }

  void TakeEffect() {
    if (dice_.Percent(55)) return;
    // Some effects come at the very time of the act, or by a clock before it.
    if (dice_.Percent(15)) now_ms_ -= dice_.Between(0, 30 * kSecondMs);
    for (int64_t i = dice_.Percent(10) ? 2 : 1; i > 0; --i) {
      Event event = Begin();
      Applied* applied = event.mutable_applied();
      applied->set_applied_by(
          dice_.Pick({EFFECT_CAUSE_PERSON, EFFECT_CAUSE_SYSTEM, EFFECT_CAUSE_SYSTEM,
                      EFFECT_CAUSE_TIMEOUT, EFFECT_CAUSE_BYPASS_WINDOW}));
      if (dice_.Percent(70)) {
        SetCode(dice_.Percent(85) ? chosen_ : AnyCode(), applied->mutable_codes());
      }
      Send(event);
    }
  }

  void Gap() {
    Event event = Begin();
    event.mutable_telemetry_gap()->set_missing(WildHospital::AnyPayload(dice_));
    Send(event);
  }

  void Void() {
    if (sent_.empty()) return;
    Event event = Begin();
    event.mutable_voided()->set_voided_event_id(dice_.Pick(sent_).event_id());
    Send(event);
  }

  // Truths and what else is expected later.
  void ComeBack() {
    while (dice_.Percent(35)) {
      static constexpr int64_t kLongest[] = {kMinuteMs, 5 * kHourMs, 12 * kDayMs};
      now_ms_ += dice_.Between(0, kLongest[dice_.Weighted({40, 40, 20})]);
      Event event = Begin();
      switch (dice_.Weighted({60, 8, 8, 8, 8, 8})) {
        case 0:
          SetCode(AnyCode(), event.mutable_truth_established()->mutable_codes());
          event.mutable_truth_established()->set_origin(
              dice_.Pick({TRUTH_ORIGIN_ASSERTED_AUDIT, TRUTH_ORIGIN_ASSERTED_AUDIT,
                          TRUTH_ORIGIN_ASSERTED_AUDIT, TRUTH_ORIGIN_OPPORTUNISTIC,
                          TRUTH_ORIGIN_DRAWN_AUDIT, TRUTH_ORIGIN_SEEDED}));
          event.mutable_truth_established()->set_origin_id("unknown");
          break;
        case 1:
          event.mutable_expert_reviewed()->set_finding(EXPERT_FINDING_EXAMINED);
          break;
        case 2:
          event.mutable_reversed();
          break;
        case 3:
          event.mutable_contested();
          break;
        case 4:
          event.mutable_recourse_reviewed()->set_upheld(dice_.Percent(50));
          break;
        default:
          event.mutable_patient_informed();
          break;
      }
      Send(event);
    }
  }

  // One event with one fault, or one that contradicts what was sent.
  void SendFault() {
    Event event = Begin();
    event.mutable_opened();
    switch (dice_.Below(16)) {
      case 0:
        event.clear_event_id();
        break;
      case 1:
        event.set_event_id("not an identifier");
        break;
      case 2:
        event.set_unit_id(std::string(65, 'x'));
        break;
      case 3:
        event.clear_decision_id();
        break;
      case 4:
        event.clear_payload();
        break;
      case 5:
        event.mutable_decided();
        break;
      case 6:
        event.mutable_applied()->set_applied_by(static_cast<EffectCause>(99));
        break;
      case 7:
        event.set_occurred_at_ms(-1);
        break;
      case 8:
        event.set_occurred_at_ms(now_ms_ + 40 * kDayMs);
        break;
      case 9:
        event.mutable_edited()->set_changed_permille(1001);
        break;
      case 10:
        for (int i = 0; i < 9; ++i) {
          event.mutable_issued()->add_suggestions()->set_code(absl::StrCat("c", i));
        }
        break;
      case 11:
        event.mutable_truth_established()->set_origin(TRUTH_ORIGIN_ASSERTED_AUDIT);
        break;
      case 12:
        event.set_system_id("another");
        break;
      case 13:
        event.set_decision_kind("another");
        break;
      case 14:
        if (sent_.empty()) return;
        event = dice_.Pick(sent_);
        event.set_occurred_at_ms(event.occurred_at_ms() + 1);
        break;
      default:
        if (sent_.empty()) return;
        event = dice_.Pick(sent_);
        event.set_sent_at_ms(now_ms_);
        break;
    }
    Send(event, source_);
  }

  void Unaided() {
    Event event = Begin();
    event.set_decision_kind("reading");
    event.mutable_unaided_decision()->set_active_ms(dice_.Below(kMinuteMs));
    Send(event);
  }

  const std::string& id_;
  const std::vector<WildSource>& sources_;
  Dice& dice_;
  std::vector<Sending>& sendings_;
  int64_t now_ms_;
  size_t source_ = 0;
  size_t home_ = 0;
  int events_ = 0;
  std::string organisation_, system_, version_, unit_, actor_, role_, kind_, batch_;
  std::string suggested_, chosen_;
  std::vector<Event> sent_;
};

}  // namespace

void SendDecision(const std::string& id, int64_t start_ms, const std::vector<WildSource>& sources,
                  Dice& dice, std::vector<Sending>& sendings) {
  Story(id, start_ms, sources, dice, sendings).Tell();
}

}  // namespace vigie::simulation
