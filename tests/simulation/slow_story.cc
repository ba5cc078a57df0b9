// SPDX-License-Identifier: Apache-2.0
#include "simulation/slow_story.h"

#include <algorithm>
#include <utility>

namespace vigie::simulation {

using namespace vigie::v1;  // Enumerators and messages.

namespace {

constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;

// Length of the milliseconds that at least one of the stretches covers, or of all together.
int64_t Covered(std::vector<std::pair<int64_t, int64_t>> stretches, bool count_overlaps) {
  std::sort(stretches.begin(), stretches.end());
  int64_t length = 0;
  int64_t reached = INT64_MIN;
  for (auto [from, to] : stretches) {
    if (!count_overlaps) from = std::max(from, reached);
    if (to <= from) continue;
    length += to - from;
    reached = std::max(reached, to);
  }
  return length;
}

}  // namespace

Known All(Known a, Known b) {
  if (a == false || b == false) return false;
  return a.has_value() && b.has_value() ? Known(true) : Known();
}

Known Any(Known a, Known b) {
  if (a == true || b == true) return true;
  return a.has_value() && b.has_value() ? Known(false) : Known();
}

SlowStory::SlowStory(const SlowCase& of, const vigie::config::v1::Policy& rules, Mutation broken)
    : decision(of), policy(rules), mutation(broken), events(InOrder(of.events)) {
  FindPoints();
  if (issued != nullptr) suggested = CodesOf(issued->event.issued().suggestions());
  FindChoice();
  FindOwnJudgement();
  FindTime();
}

bool SlowStory::HasGap(PayloadKind missing) const {
  return std::any_of(events.begin(), events.end(), [missing](const SlowEvent& e) {
    return e.event.has_telemetry_gap() && e.event.telemetry_gap().missing() == missing;
  });
}

Known SlowStory::Before(const SlowEvent& a, const SlowEvent& b) const {
  const int64_t lead_ms = b.event.occurred_at_ms() - a.event.occurred_at_ms();
  if (a.source == b.source || mutation == Mutation::kL8NoTolerance) return lead_ms >= 0;
  const int64_t tolerance_ms = policy.closing().clock_tolerance_ms();
  if (lead_ms > tolerance_ms) return true;
  if (lead_ms < -tolerance_ms) return false;
  return std::nullopt;
}

void SlowStory::FindPoints() {
  for (const SlowEvent& e : events) {
    if (e.event.has_issued() && issued == nullptr) issued = &e;
    if (e.event.has_suppressed_before_display()) suppressed = true;
    if (e.event.has_shown() && shown == nullptr) shown = &e;
    if (e.event.has_edited()) edited = decisive = &e;
    if (e.event.has_decided() && IsFinalOutcome(e.event.decided().outcome())) decisive = &e;
    if (!e.event.has_applied()) continue;
    if (first_effect == nullptr) first_effect = &e;
    last_effect = &e;
    if (e.event.applied().applied_by() == EFFECT_CAUSE_PERSON) decisive = &e;
  }
  const bool nothing = decisive == nullptr && first_effect == nullptr;
  decided = LastDecided(events, decision.expired && nothing);
  if (nothing) decisive = decided;
  deadline = first_effect != nullptr ? first_effect : decisive;
}

CodeSet SlowStory::FinalCodes() const {
  if (decided == nullptr) return {};
  const Decided& act = decided->event.decided();
  const CodeSet codes = CodesOf(act.final_codes());
  return codes.empty() && act.outcome() == DECISION_OUTCOME_ACCEPTED ? suggested : codes;
}

// Caught: the final or the applied codes differ from the suggestion (N1).
void SlowStory::FindChoice() {
  const CodeSet final_codes = FinalCodes();
  const CodeSet applied =
      last_effect == nullptr ? final_codes : CodesOf(last_effect->event.applied().codes());
  chosen = final_codes.empty() ? applied : final_codes;
  for (const CodeSet& codes : {applied, final_codes}) {
    if (!codes.empty() && codes != suggested) chosen = codes;
  }
}

// R3 B. A claim that the clocks deny is not refuted by them alone.
void SlowStory::FindOwnJudgement() {
  for (const SlowEvent& e : events) {
    if (!e.event.has_initial_judgement()) continue;
    const InitialJudgement& judgement = e.event.initial_judgement();
    if (judgement.timing() != JUDGEMENT_TIMING_BEFORE_DISPLAY) continue;
    Known first = true;
    if (shown != nullptr && Before(e, *shown) != true) first = std::nullopt;
    if (deadline != nullptr) first = All(first, Before(e, *deadline));
    own_judgement = Any(own_judgement, first);
    if (first == true) judged = CodesOf(judgement.codes());
  }
}

// L7: before the decisive act, and before the effect (L8).
void SlowStory::FindTime() {
  const SlowEvent* act = decisive != nullptr ? decisive : first_effect;
  if (act == nullptr) return;
  const bool effect_first =
      first_effect != nullptr && first_effect->event.occurred_at_ms() < act->event.occurred_at_ms();
  if (effect_first) act = first_effect;
  const bool any = std::any_of(events.begin(), events.end(),
                               [](const SlowEvent& e) { return e.event.has_active_segment(); });
  if (any) {
    time = SumSegments(*act);
  } else if (policy.examination().elapsed_counts_as_active() && shown != nullptr &&
             shown->source == act->source) {
    const int64_t elapsed_ms = act->event.occurred_at_ms() - shown->event.occurred_at_ms();
    if (elapsed_ms >= 0 && elapsed_ms <= kDayMs) {
      time = SlowTime{.certain_ms = elapsed_ms, .possible_ms = elapsed_ms};
    }
  }
  if (time.has_value()) time->missing |= HasGap(PAYLOAD_KIND_ACTIVE_SEGMENT);
}

SlowTime SlowStory::SumSegments(const SlowEvent& act) const {
  std::vector<std::pair<int64_t, int64_t>> certain;
  std::vector<std::pair<int64_t, int64_t>> possible;
  SlowTime sum;
  const int64_t act_ms = act.event.occurred_at_ms();
  for (const SlowEvent& e : events) {
    if (!e.event.has_active_segment()) continue;
    const ActiveSegment& segment = e.event.active_segment();
    if (segment.length_ms() < 0 || segment.length_ms() > kDayMs) {
      sum.missing = true;
      continue;
    }
    const int64_t end =
        segment.start_ms() + std::min(segment.length_ms(), policy.examination().idle_cap_ms());
    const bool exact = e.source == act.source || mutation == Mutation::kL8NoTolerance;
    const int64_t slack_ms = exact ? 0 : policy.closing().clock_tolerance_ms();
    certain.emplace_back(segment.start_ms(), std::min(end, act_ms - slack_ms));
    possible.emplace_back(segment.start_ms(), std::min(end, act_ms + slack_ms));
  }
  const bool twice = mutation == Mutation::kL7OverlapsCountTwice;
  sum.certain_ms = Covered(certain, twice);
  sum.possible_ms = Covered(possible, twice);
  return sum;
}

Known SlowStory::WasShown() const {
  const bool opened = std::any_of(events.begin(), events.end(),
                                  [](const SlowEvent& e) { return e.event.has_opened(); });
  if (shown != nullptr || opened) return true;
  if (HasGap(PAYLOAD_KIND_SHOWN)) return std::nullopt;
  if (suppressed || Declares(PAYLOAD_KIND_SHOWN)) return false;
  return std::nullopt;
}

int SlowStory::Outcome() const {
  if (decided != nullptr) return decided->event.decided().outcome();
  if (edited != nullptr) return DECISION_OUTCOME_MODIFIED;
  const bool known = !chosen.empty() && !suggested.empty();
  return known && chosen != suggested ? DECISION_OUTCOME_OVERRIDDEN : DECISION_OUTCOME_ACCEPTED;
}

bool SlowStory::OneClick() const {
  return decided != nullptr && decided->event.decided().one_click();
}

bool SlowStory::PreselectedUntouched() const {
  return shown != nullptr && shown->event.shown().preselected() &&
         Outcome() == DECISION_OUTCOME_ACCEPTED;
}

bool SlowStory::IsBatch() const {
  if (decided == nullptr) return false;
  const Decided& act = decided->event.decided();
  return act.batch_item_count() > 1 || (!act.batch_id().empty() && act.batch_item_count() != 1);
}

}  // namespace vigie::simulation
