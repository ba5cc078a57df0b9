// SPDX-License-Identifier: Apache-2.0
#include "decision/examination.h"

#include <algorithm>
#include <string>

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

// Evaluates one subject. Lives for one call.
class Examiner {
 public:
  explicit Examiner(const ExaminationSubject& subject)
      : subject_(subject),
        policy_(*subject.rules->policy),
        timeline_(*subject.timeline),
        tolerance_ms_(policy_.closing().clock_tolerance_ms()) {}

  Examination Run() {
    LookForOpening();
    LookForEvidence();
    LookForTime();
    LookForOwnJudgement();
    LookForEdit();
    return examination_;
  }

 private:
  // Whether some fact that `counts` occurred before the deadline; absence is false where `payload`
  // is declared, unknown elsewhere.
  template <typename Counts>
  Truth Delivered(Payload payload, const Counts& counts) {
    Truth delivered = Truth::kFalse;
    const auto weigh = [&](const Fact& fact) {
      if (counts(fact))
        delivered = Or(delivered, Before(fact, *timeline_.Deadline(), tolerance_ms_));
    };
    for (const Fact* fact : timeline_.facts) weigh(*fact);
    for (const Fact& fact : subject_.decision->batch_evidence) weigh(fact);
    if (delivered == Truth::kUnknown) examination_.clock_inconsistent = true;
    if (delivered != Truth::kFalse) return delivered;
    if (timeline_.HasGap(payload)) {
      examination_.span_missing = true;
      return Truth::kUnknown;
    }
    if (subject_.decision->declared.Has(payload)) return Truth::kFalse;
    examination_.grade_too_low = true;
    return Truth::kUnknown;
  }

  void LookForOpening() {
    const bool shown_counts = policy_.examination().shown_counts_as_opened();
    const Payload shows = shown_counts && !subject_.decision->declared.Has(PAYLOAD_KIND_OPENED)
                              ? PAYLOAD_KIND_SHOWN
                              : PAYLOAD_KIND_OPENED;
    examination_.opened = Delivered(shows, [shown_counts](const Fact& fact) {
      return fact.payload == PAYLOAD_KIND_OPENED ||
             (shown_counts && fact.payload == PAYLOAD_KIND_SHOWN);
    });
    const auto opened_before_deadline = [this](const Fact& fact) {
      return (fact.payload == PAYLOAD_KIND_OPENED ||
              fact.payload == PAYLOAD_KIND_EVIDENCE_OPENED) &&
             Before(fact, *timeline_.Deadline(), tolerance_ms_) == Truth::kTrue;
    };
    examination_.something_opened =
        std::any_of(timeline_.facts.begin(), timeline_.facts.end(),
                    [&](const Fact* fact) { return opened_before_deadline(*fact); }) ||
        std::any_of(subject_.decision->batch_evidence.begin(),
                    subject_.decision->batch_evidence.end(), opened_before_deadline);
  }

  void LookForEvidence() {
    for (const std::string& required : policy_.examination().required_evidence()) {
      EvidenceKind kind = EVIDENCE_KIND_UNSPECIFIED;
      EvidenceKind_Parse("EVIDENCE_KIND_" + required, &kind);
      const Truth opened = Delivered(PAYLOAD_KIND_EVIDENCE_OPENED, [kind](const Fact& fact) {
        return fact.payload == PAYLOAD_KIND_EVIDENCE_OPENED && fact.kind == kind;
      });
      examination_.kind_missing |= opened == Truth::kFalse;
      examination_.evidence = And(examination_.evidence, opened);
    }
    if (!policy_.examination().independent_evidence_required()) return;
    const Truth opened = Delivered(PAYLOAD_KIND_EVIDENCE_OPENED, [](const Fact& fact) {
      return fact.payload == PAYLOAD_KIND_EVIDENCE_OPENED &&
             fact.origin == EVIDENCE_ORIGIN_INDEPENDENT;
    });
    examination_.independent_missing = opened == Truth::kFalse;
    examination_.evidence = And(examination_.evidence, opened);
  }

  // R4: the largest of the parts that exist.
  [[nodiscard]] std::optional<int64_t> Minimum() const {
    const auto& rule = policy_.examination();
    std::optional<int64_t> minimum;
    const auto raise = [&minimum](int64_t part) { minimum = std::max(minimum.value_or(0), part); };
    if (rule.has_floor_ms()) raise(rule.floor_ms());
    if (rule.has_per_item_ms() && timeline_.issued != nullptr) {
      raise(rule.per_item_ms() * timeline_.issued->amount);
    }
    if (subject_.decision->unaided_median_ms.has_value()) {
      const bool one_click_acceptance =
          subject_.one_click && subject_.outcome == DECISION_OUTCOME_ACCEPTED;
      const int64_t permille = one_click_acceptance || subject_.preselected_untouched
                                   ? rule.one_click_permille()
                                   : rule.unaided_permille();
      // Rounded up, so that t < minimum exactly when 1000 t < permille * median.
      raise((permille * *subject_.decision->unaided_median_ms + 999) / 1000);
    }
    return minimum;
  }

  void LookForTime() {
    examination_.minimum_ms = Minimum();
    if (!examination_.minimum_ms.has_value()) return;
    const std::optional<ActiveTime>& time = subject_.time;
    if (!time.has_value()) {
      const bool declared = subject_.decision->declared.Has(PAYLOAD_KIND_ACTIVE_SEGMENT);
      const bool gap = timeline_.HasGap(PAYLOAD_KIND_ACTIVE_SEGMENT);
      if (!declared) examination_.grade_too_low = true;
      if (gap) examination_.span_missing = true;
      examination_.in_time =
          declared && !gap ? Known(*examination_.minimum_ms <= 0) : Truth::kUnknown;
      return;
    }
    if (time->certain_ms >= *examination_.minimum_ms) return;
    if (time->missing) examination_.span_missing = true;
    const bool maybe = time->possible_ms >= *examination_.minimum_ms;
    if (maybe) examination_.clock_inconsistent = true;
    examination_.in_time = maybe || time->missing ? Truth::kUnknown : Truth::kFalse;
  }

  // R3 B. Where no source can record an own judgement none is recorded: false, not unknown, so that
  // leaving a payload undeclared shields nobody from R7.
  void LookForOwnJudgement() {
    examination_.own_judgement = subject_.own_judgement;
    if (subject_.own_judgement == Truth::kUnknown) examination_.clock_inconsistent = true;
    if (subject_.own_judgement == Truth::kFalse &&
        timeline_.HasGap(PAYLOAD_KIND_INITIAL_JUDGEMENT)) {
      examination_.own_judgement = Truth::kUnknown;
      examination_.span_missing = true;
    }
    if (!policy_.examination().accept_own_judgement_first()) {
      examination_.own_judgement = Truth::kFalse;
    }
  }

  // R3 C. Unknown only where the outcome says that content changed and no source tells how much.
  void LookForEdit() {
    const int64_t substantial = policy_.examination().substantial_edit_permille();
    for (const Fact* fact : timeline_.facts) {
      if (fact->payload != PAYLOAD_KIND_EDITED || fact->amount < substantial) continue;
      examination_.substantial_edit =
          Or(examination_.substantial_edit, Before(*fact, *timeline_.Deadline(), tolerance_ms_));
    }
    if (examination_.substantial_edit == Truth::kUnknown) examination_.clock_inconsistent = true;
    if (examination_.substantial_edit != Truth::kFalse) return;
    if (timeline_.HasGap(PAYLOAD_KIND_EDITED)) {
      examination_.span_missing = true;
      examination_.substantial_edit = Truth::kUnknown;
    } else if (subject_.outcome == DECISION_OUTCOME_MODIFIED && timeline_.edited == nullptr &&
               !subject_.decision->declared.Has(PAYLOAD_KIND_EDITED)) {
      examination_.grade_too_low = true;
      examination_.substantial_edit = Truth::kUnknown;
    }
  }

  const ExaminationSubject& subject_;
  const vigie::config::v1::Policy& policy_;
  const Timeline& timeline_;
  const int64_t tolerance_ms_;
  Examination examination_;
};

}  // namespace

Examination Examine(const ExaminationSubject& subject) { return Examiner(subject).Run(); }

}  // namespace vigie::decision
