// SPDX-License-Identifier: Apache-2.0
#include "simulation/slow_examination.h"

#include <algorithm>
#include <string>

namespace vigie::simulation {

using namespace vigie::v1;  // Enumerators and messages.

namespace {

// Examines one decision. Lives for one call.
class Examiner {
 public:
  explicit Examiner(const SlowStory& story) : story_(story), rule_(story.policy.examination()) {}

  SlowExamination Run() {
    const bool shown_counts = rule_.shown_counts_as_opened() || Broken(Mutation::kR3ShownIsOpened);
    const bool by_shown = shown_counts && !story_.Declares(PAYLOAD_KIND_OPENED);
    found_.opened = Delivered(by_shown ? PAYLOAD_KIND_SHOWN : PAYLOAD_KIND_OPENED,
                              [shown_counts](const Event& e) {
                                return e.has_opened() || (shown_counts && e.has_shown());
                              });
    found_.something_opened = SomethingOpened();
    found_.evidence = EvidenceOpenedAsRequired();
    found_.in_time = InTime();
    found_.own_judgement = OwnJudgement();
    found_.substantial_edit = SubstantialEdit();
    return found_;
  }

 private:
  bool Broken(Mutation mutation) const { return story_.mutation == mutation; }

  // Whether an event that `counts` came before the deadline; unknown where no source could tell.
  template <typename Counts>
  Known Delivered(PayloadKind payload, const Counts& counts) {
    Known delivered = false;
    for (const auto* events : {&story_.events, &story_.decision.batch_evidence}) {
      for (const SlowEvent& e : *events) {
        if (!counts(e.event)) continue;
        delivered = Any(delivered, Broken(Mutation::kR3LateOpeningCounts)
                                       ? Known(true)
                                       : story_.Before(e, *story_.deadline));
      }
    }
    if (!delivered.has_value()) found_.clock_inconsistent = true;
    if (delivered != false) return delivered;
    if (story_.HasGap(payload)) {
      found_.span_missing = true;
      return std::nullopt;
    }
    if (story_.Declares(payload)) return false;
    found_.grade_too_low = true;
    return std::nullopt;
  }

  bool SomethingOpened() const {
    for (const auto* events : {&story_.events, &story_.decision.batch_evidence}) {
      for (const SlowEvent& e : *events) {
        const bool opens = e.event.has_opened() || e.event.has_evidence_opened();
        if (opens && story_.Before(e, *story_.deadline) == true) return true;
      }
    }
    return false;
  }

  Known EvidenceOpenedAsRequired() {
    Known all = true;
    for (const std::string& kind : rule_.required_evidence()) {
      const Known opened = Delivered(PAYLOAD_KIND_EVIDENCE_OPENED, [&kind](const Event& e) {
        return e.has_evidence_opened() &&
               EvidenceKind_Name(e.evidence_opened().kind()) == "EVIDENCE_KIND_" + kind;
      });
      found_.kind_missing |= opened == false;
      all = All(all, opened);
    }
    if (!rule_.independent_evidence_required()) return all;
    const Known opened = Delivered(PAYLOAD_KIND_EVIDENCE_OPENED, [](const Event& e) {
      return e.has_evidence_opened() && e.evidence_opened().origin() == EVIDENCE_ORIGIN_INDEPENDENT;
    });
    found_.independent_missing = opened == false;
    return All(all, opened);
  }

  // R4, R9: 1000 t < permille * median is too fast.
  Known InTime() {
    if (Broken(Mutation::kR4NoMinimum)) return true;
    std::optional<int64_t> minimum;
    const auto raise = [&minimum](int64_t part) { minimum = std::max(minimum.value_or(0), part); };
    if (rule_.has_floor_ms()) raise(rule_.floor_ms());
    if (rule_.has_per_item_ms() && story_.issued != nullptr) {
      raise(rule_.per_item_ms() * story_.issued->event.issued().content_item_count());
    }
    if (story_.decision.unaided_median_ms.has_value() && !Broken(Mutation::kR9NoBaseline)) {
      const bool easy = (story_.OneClick() && story_.Outcome() == DECISION_OUTCOME_ACCEPTED) ||
                        story_.PreselectedUntouched();
      const int64_t product = *story_.decision.unaided_median_ms *
                              (easy ? rule_.one_click_permille() : rule_.unaided_permille());
      raise(product / 1000 + (product % 1000 != 0 ? 1 : 0));
    }
    found_.minimum_ms = minimum;
    if (!minimum.has_value()) return true;
    if (!story_.time.has_value()) {
      const bool declared = story_.Declares(PAYLOAD_KIND_ACTIVE_SEGMENT);
      const bool gap = story_.HasGap(PAYLOAD_KIND_ACTIVE_SEGMENT);
      found_.grade_too_low |= !declared;
      found_.span_missing |= gap;
      if (!declared || gap) return std::nullopt;
      return *minimum <= 0;
    }
    if (story_.time->certain_ms >= *minimum) return true;
    found_.span_missing |= story_.time->missing;
    found_.clock_inconsistent |= story_.time->possible_ms >= *minimum;
    if (story_.time->missing || story_.time->possible_ms >= *minimum) return std::nullopt;
    return false;
  }

  // R3 B: what no source can record was not recorded.
  Known OwnJudgement() {
    Known own = story_.own_judgement;
    found_.clock_inconsistent |= !own.has_value();
    if (own == false && story_.HasGap(PAYLOAD_KIND_INITIAL_JUDGEMENT)) {
      own = std::nullopt;
      found_.span_missing = true;
    }
    return rule_.accept_own_judgement_first() ? own : Known(false);
  }

  // R3 C.
  Known SubstantialEdit() {
    Known edit = false;
    for (const SlowEvent& e : story_.events) {
      if (!e.event.has_edited() ||
          e.event.edited().changed_permille() < rule_.substantial_edit_permille()) {
        continue;
      }
      edit = Any(edit, story_.Before(e, *story_.deadline));
    }
    found_.clock_inconsistent |= !edit.has_value();
    if (edit != false) return edit;
    if (story_.HasGap(PAYLOAD_KIND_EDITED)) {
      found_.span_missing = true;
      return std::nullopt;
    }
    if (story_.Outcome() == DECISION_OUTCOME_MODIFIED && story_.edited == nullptr &&
        !story_.Declares(PAYLOAD_KIND_EDITED)) {
      found_.grade_too_low = true;
      return std::nullopt;
    }
    return false;
  }

  const SlowStory& story_;
  const vigie::config::v1::Examination& rule_;
  SlowExamination found_;
};

}  // namespace

SlowExamination ExamineSlowly(const SlowStory& story) { return Examiner(story).Run(); }

}  // namespace vigie::simulation
