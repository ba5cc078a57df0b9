// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "oversight/explain.h"
#include "oversight/say.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

struct ReasonText {
  Reason reason;
  std::string_view english;
  std::string_view french;
};

constexpr ReasonText kReasonTexts[] = {
    {REASON_INDEPENDENT, "the suggestion was never shown, and a person decided without it",
     "la suggestion n'a jamais été affichée, et une personne a décidé sans elle"},
    {REASON_NO_DECISION, "it expired without an act and without an effect",
     "elle a expiré sans acte et sans effet"},
    {REASON_SUPPRESSED_BEFORE_DISPLAY,
     "it was hidden before anyone could see it, and never decided",
     "elle a été masquée avant que quiconque puisse la voir, et jamais décidée"},
    {REASON_SYSTEM_ACTION, "the system applied it without a person's final act",
     "le système l'a appliquée sans acte final d'une personne"},
    {REASON_TIMEOUT_DEFAULT, "it took effect because time ran out",
     "elle a pris effet parce que le délai était écoulé"},
    {REASON_BYPASS_WINDOW, "it took effect in a window in which review is bypassed",
     "elle a pris effet dans une fenêtre où la revue est contournée"},
    {REASON_APPLIED_BEFORE_ACT, "it took effect before the person acted",
     "elle a pris effet avant que la personne agisse"},
    {REASON_EFFECT_NOT_CHOSEN, "what took effect is not what the last final decision chose",
     "ce qui a pris effet n'est pas ce que la dernière décision finale a choisi"},
    {REASON_NO_AUTHORITY, "the person's role may not change the outcome",
     "le rôle de la personne ne lui permet pas de changer l'issue"},
    {REASON_OWN_JUDGEMENT_FIRST, "the person recorded a judgement of their own before display",
     "la personne a noté son propre jugement avant l'affichage"},
    {REASON_EXAMINED_SUGGESTION,
     "the suggestion and the required evidence were opened, long enough",
     "la suggestion et les éléments exigés ont été ouverts, assez longtemps"},
    {REASON_SUBSTANTIAL_EDIT, "the person changed a substantial part of the content",
     "la personne a modifié une part substantielle du contenu"},
    {REASON_PRESELECTED_UNTOUCHED, "a preselected suggestion was left as it was",
     "une suggestion présélectionnée a été laissée telle quelle"},
    {REASON_BASELINE_ABSENT,
     "no unaided baseline applies, so that part of the time minimum is absent",
     "aucune référence sans aide ne s'applique : cette part du temps minimal est absente"},
    {REASON_CHANGED_OUTCOME, "the outcome was changed, put off, handed on or withheld",
     "l'issue a été modifiée, différée, transmise ou non retenue"},
    {REASON_OUTCOME_CONTRADICTED, "the codes contradict the outcome that the source claims",
     "les codes contredisent l'issue déclarée par la source"},
    {REASON_GRADE_TOO_LOW, "no source of this decision declares what would show it",
     "aucune source de cette décision ne déclare ce qui le montrerait"},
    {REASON_SPAN_MISSING, "a span or a record is missing", "une durée ou une trace manque"},
    {REASON_CLOCK_INCONSISTENT, "the clocks of the sources cannot order the events",
     "les horloges des sources ne permettent pas d'ordonner les événements"},
    {REASON_NEVER_OPENED, "the suggestion was never opened before the effect",
     "la suggestion n'a jamais été ouverte avant l'effet"},
    {REASON_REQUIRED_EVIDENCE_MISSING, "evidence that the policy requires was not opened",
     "un élément exigé par la politique n'a pas été ouvert"},
    {REASON_NO_INDEPENDENT_EVIDENCE, "nothing independent of the AI was opened",
     "rien d'indépendant de l'IA n'a été ouvert"},
    {REASON_TOO_FAST, "the active time is under the minimum",
     "le temps actif est inférieur au minimum"},
    {REASON_ONE_CLICK, "one click sufficed", "un seul clic a suffi"},
    {REASON_REFLEX_OVERRIDE, "it was rejected without examination",
     "elle a été rejetée sans examen"},
    {REASON_TOO_FAST_BUT_OPENED, "only the time is short, though something was opened",
     "seul le temps est court, bien que quelque chose ait été ouvert"},
    {REASON_BATCH_WITHOUT_EVIDENCE, "it was signed in a batch without evidence of its own",
     "elle a été signée dans un lot sans élément propre"},
};

std::string_view TextOf(const Speaker& say, Reason reason) {
  for (const ReasonText& text : kReasonTexts) {
    if (text.reason == reason) return say(text.english, text.french);
  }
  return say("a reason of a newer version", "un motif d'une version plus récente");
}

struct EventName {
  Event::PayloadCase payload;
  std::string_view english;
  std::string_view french;
};

constexpr EventName kEventNames[] = {
    {Event::kIssued, "issued", "émise"},
    {Event::kSuppressedBeforeDisplay, "hidden before display", "masquée avant affichage"},
    {Event::kShown, "shown", "affichée"},
    {Event::kOpened, "opened", "ouverte"},
    {Event::kActiveSegment, "active time", "temps actif"},
    {Event::kEvidenceOpened, "evidence opened", "élément ouvert"},
    {Event::kInitialJudgement, "own judgement", "jugement propre"},
    {Event::kEdited, "edited", "modification"},
    {Event::kDecided, "decided", "décidée"},
    {Event::kApplied, "applied", "appliquée"},
    {Event::kTelemetryGap, "telemetry gap", "trace manquante"},
    {Event::kVoided, "voided", "annulation"},
    {Event::kTruthEstablished, "truth established", "vérité établie"},
    {Event::kExpertReviewed, "expert review", "revue d'expert"},
    {Event::kReversed, "reversed", "décision renversée"},
    {Event::kContested, "contested", "contestation"},
    {Event::kRecourseReviewed, "recourse reviewed", "recours examiné"},
    {Event::kPatientInformed, "patient informed", "patient informé"},
    {Event::kProfessionalInformed, "professional informed", "professionnel informé"},
};

std::string_view NameOf(const Speaker& say, Event::PayloadCase payload) {
  for (const EventName& name : kEventNames) {
    if (name.payload == payload) return say(name.english, name.french);
  }
  return say("event", "événement");
}

// `decided` at the time of day, with its log position.
std::string EventText(const Speaker& say, const RecordedEvent& recorded) {
  const std::string when =
      absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixMillis(recorded.event().occurred_at_ms()),
                       absl::UTCTimeZone());
  return base::Cat(NameOf(say, recorded.event().payload_case()), " ", when, "Z [",
                   recorded.position(), "]");
}

std::string EventsText(const Speaker& say, const GetDecisionResponse& response) {
  std::string list;
  for (const RecordedEvent& event : response.events()) {
    if (event.late() || event.voided()) continue;
    if (!list.empty()) list += ", ";
    list += EventText(say, event);
  }
  return base::Cat(say("Events read, in the order of rule L2 [log position]: ",
                       "Événements lus, dans l'ordre de la règle L2 [position du journal] : "),
                   list, ".");
}

std::string TimeText(const Speaker& say, const Decision& decision) {
  std::string text(say("Active time before the act: ", "Temps actif avant l'acte : "));
  text += decision.has_active_ms() ? SecondsText(decision.active_ms())
                                   : std::string(say("missing", "manquant"));
  text += say("; minimum of the policy: ", " ; minimum de la politique : ");
  if (!decision.has_minimum_ms()) return text + std::string(say("none (R4).", "aucun (R4)."));
  text += base::Cat(SecondsText(decision.minimum_ms()), " (R4");
  if (!decision.calibration_id().empty()) {
    text += base::Cat(say(", baseline ", ", référence "), decision.calibration_id());
  }
  return text + ").";
}

std::string TruthSentence(const Speaker& say, const Decision& decision) {
  const std::string_view caught =
      !decision.ai_wrong()     ? say("the suggestion was right", "la suggestion était juste")
      : !decision.has_caught() ? say("the suggestion was wrong, and no final answer is known",
                                     "la suggestion était fausse, et aucune réponse finale n'est "
                                     "connue")
      : decision.caught()
          ? say("the suggestion was wrong and not taken over",
                "la suggestion était fausse et n'a pas été reprise")
          : say("the suggestion was wrong and taken over", "la suggestion était fausse et reprise");
  std::string text = base::Cat(say("By ", "D'après "), NameOf(say, decision.truth_origin()), ", ",
                               caught, " (N1, N2).");
  if (decision.truth_contradicted()) {
    text +=
        say(" Truths that disagree were received; the strongest origin counts, then the latest "
            "(N3).",
            " Des vérités contradictoires ont été reçues ; compte l'origine la plus forte, puis "
            "la plus récente (N3).");
  }
  return text;
}

std::string ChainSentence(const Speaker& say, const Decision& decision) {
  return base::Cat(say("Its suggestion was derived from other decisions: a chain of ",
                       "Sa suggestion dérive d'autres décisions : une chaîne de "),
                   decision.chain_size() + 1,
                   say(", whose weakest link is ", ", dont le maillon faible est "),
                   NameOf(say, decision.chain_degree()), ".");
}

}  // namespace

std::vector<std::string> ExplainDecision(const GetDecisionResponse& response, int64_t purged_count,
                                         Language language) {
  const Speaker say(language);
  const Decision& decision = response.decision();
  std::vector<std::string> sentences;
  if (decision.state() != DECISION_STATE_CLOSED) {
    sentences.emplace_back(say("The decision is not closed; nothing is judged yet (L4).",
                               "La décision n'est pas close ; rien n'est encore jugé (L4)."));
    return sentences;
  }
  sentences.push_back(
      base::Cat(say("Degree of human intervention: ", "Degré d'intervention humaine : "),
                NameOf(say, decision.degree()), "."));
  for (const ReasonFound& reason : decision.reasons()) {
    sentences.push_back(base::Cat(say("Because ", "Parce que : "), TextOf(say, reason.reason()),
                                  " (", reason.rule(), ")."));
  }
  sentences.push_back(EventsText(say, response));
  if (purged_count > 0) {
    sentences.push_back(base::Cat(
        purged_count,
        say(" earlier events were purged at the end of their retention; the degree was given while "
            "they were there.",
            " événements antérieurs ont été purgés au terme de leur conservation ; le degré a été "
            "donné quand ils étaient là.")));
  }
  sentences.push_back(TimeText(say, decision));
  if (decision.has_ai_wrong()) sentences.push_back(TruthSentence(say, decision));
  if (decision.chain_size() > 0) sentences.push_back(ChainSentence(say, decision));
  if (decision.late_event_count() > 0) {
    sentences.push_back(base::Cat(decision.late_event_count(),
                                  say(" events came after close and changed nothing (L5).",
                                      " événements reçus après clôture n'ont rien changé (L5).")));
  }
  sentences.push_back(base::Cat(say("Judged under policy ", "Jugée selon la politique "),
                                response.policy().id(), " ", response.policy().version(),
                                ", SHA-256 ", response.policy().sha256(),
                                say("; thresholds are the policy's, not the law's.",
                                    " ; les seuils sont ceux de la politique, non de la loi.")));
  return sentences;
}

}  // namespace vigie::oversight
