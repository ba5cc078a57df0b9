// SPDX-License-Identifier: Apache-2.0
#include "decision/degree.h"

namespace vigie::decision {
namespace {

using namespace vigie::v1;  // Enumerators only.

struct Advice {
  Reason reason;
  const char* english;
  const char* french;
};

constexpr const char* kActFirst = "a person's final act (Decided or Edited) before the effect";
constexpr const char* kActFirstFr =
    "un acte final d'une personne (Decided ou Edited) avant l'effet";
constexpr const char* kTime = "active time at or over the minimum of the policy";
constexpr const char* kTimeFr = "un temps actif au moins égal au minimum de la politique";

// Names of events stay those of the contract in both languages.
constexpr Advice kAdvice[] = {
    {REASON_SYSTEM_ACTION, kActFirst, kActFirstFr},
    {REASON_TIMEOUT_DEFAULT, kActFirst, kActFirstFr},
    {REASON_BYPASS_WINDOW, kActFirst, kActFirstFr},
    {REASON_APPLIED_BEFORE_ACT, "the effect (Applied) after the person's act, not before it",
     "l'effet (Applied) après l'acte de la personne, non avant"},
    {REASON_EFFECT_NOT_CHOSEN,
     "an effect (Applied.codes) equal to what the last final Decided chose",
     "un effet (Applied.codes) égal à ce que le dernier Decided final a choisi"},
    {REASON_NO_AUTHORITY, "an actor whose role may change the outcome",
     "un acteur dont le rôle permet de changer l'issue"},
    {REASON_GRADE_TOO_LOW,
     "a source that declares and sends Opened, and what else the policy requires",
     "une source qui déclare et envoie Opened, et ce que la politique exige d'autre"},
    {REASON_SPAN_MISSING, "the span or record that a TelemetryGap or an impossible length left out",
     "la durée ou la trace qu'un TelemetryGap ou une longueur impossible a laissée de côté"},
    {REASON_CLOCK_INCONSISTENT,
     "events from one source, or sources whose clocks differ less than their order needs",
     "des événements d'une seule source, ou des horloges assez proches pour les ordonner"},
    {REASON_NEVER_OPENED, "Opened before the effect", "Opened avant l'effet"},
    {REASON_REQUIRED_EVIDENCE_MISSING,
     "EvidenceOpened of each kind the policy requires, before the effect",
     "EvidenceOpened de chaque genre que la politique exige, avant l'effet"},
    {REASON_NO_INDEPENDENT_EVIDENCE, "EvidenceOpened of independent origin, before the effect",
     "EvidenceOpened d'origine indépendante, avant l'effet"},
    {REASON_TOO_FAST, kTime, kTimeFr},
    {REASON_TOO_FAST_BUT_OPENED, kTime, kTimeFr},
    {REASON_BATCH_WITHOUT_EVIDENCE,
     "Opened or EvidenceOpened of the item, or EvidenceOpened with its batch_id",
     "Opened ou EvidenceOpened de l'élément, ou EvidenceOpened avec son batch_id"},
    {REASON_NO_DECISION, "an act (Decided) or an effect (Applied)",
     "un acte (Decided) ou un effet (Applied)"},
    {REASON_SUPPRESSED_BEFORE_DISPLAY, "the suggestion being shown",
     "l'affichage de la suggestion"},
};

}  // namespace

std::vector<std::string> MissingForNext(const Finding& finding, Language language) {
  const bool french = language == LANGUAGE_FRENCH;
  std::vector<std::string> missing;
  for (const Reason reason : finding.reasons) {
    for (const Advice& advice : kAdvice) {
      if (advice.reason == reason) missing.emplace_back(french ? advice.french : advice.english);
    }
  }
  if (finding.degree == DEGREE_CONCRETE) {
    missing.emplace_back(french ? "une issue changée par la personne, quand le cas l'appelle"
                                : "an outcome changed by the person, where the case calls for it");
  }
  return missing;
}

}  // namespace vigie::decision
