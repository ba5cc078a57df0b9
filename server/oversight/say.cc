// SPDX-License-Identifier: Apache-2.0
#include "oversight/say.h"

#include "absl/strings/str_format.h"

namespace vigie::oversight {

using namespace vigie::v1;  // Enumerators only.

std::string PercentText(double ratio) { return absl::StrFormat("%.3g %%", ratio * 100); }

std::string SecondsText(int64_t ms) {
  return absl::StrFormat("%.1f s", static_cast<double>(ms) / 1000);
}

std::string OutOf(const Speaker& say, int64_t part, int64_t whole) {
  return base::Cat(part, say(" of ", " sur "), whole);
}

std::string_view NameOf(const Speaker& say, Degree degree) {
  switch (degree) {
    case DEGREE_AUTOMATED:
      return say("AUTOMATED (no person acted before the effect)",
                 "AUTOMATISÉE (aucune personne n'a agi avant l'effet)");
    case DEGREE_TOKEN:
      return say("TOKEN (a gesture without examination)", "SYMBOLIQUE (un geste sans examen)");
    case DEGREE_CONCRETE:
      return say("CONCRETE (examined and accepted)", "CONCRÈTE (examinée et acceptée)");
    case DEGREE_SIGNIFICANT:
      return say("SIGNIFICANT (examined, and the outcome changed)",
                 "SIGNIFICATIVE (examinée, et l'issue changée)");
    case DEGREE_UNDETERMINED:
      return say("UNDETERMINED (the records do not tell)",
                 "INDÉTERMINÉE (les traces ne permettent pas de conclure)");
    default:
      return say("no degree", "aucun degré");
  }
}

std::string_view NameOf(const Speaker& say, Indicator indicator) {
  switch (indicator) {
    case INDICATOR_POSITIVE_ACT:
      return say("positive act (I1)", "acte positif (I1)");
    case INDICATOR_CONCRETE_EXAMINATION:
      return say("concrete examination (I2)", "examen concret (I2)");
    case INDICATOR_VIGILANCE:
      return say("vigilance (I3)", "vigilance (I3)");
    case INDICATOR_FEASIBLE_WORKLOAD:
      return say("feasible workload (I5)", "charge de travail tenable (I5)");
    default:
      return say("indicator", "indicateur");
  }
}

std::string_view NameOf(const Speaker& say, TruthOrigin origin) {
  switch (origin) {
    case TRUTH_ORIGIN_SEEDED:
      return say("seeded items", "cas implantés");
    case TRUTH_ORIGIN_DRAWN_AUDIT:
      return say("a drawn audit", "un audit tiré au sort");
    case TRUTH_ORIGIN_ASSERTED_AUDIT:
      return say("an audit asserted by the source", "un audit déclaré par la source");
    case TRUTH_ORIGIN_OPPORTUNISTIC:
      return say("opportunistic truth", "une vérité d'opportunité");
    default:
      return say("no truth", "aucune vérité");
  }
}

}  // namespace vigie::oversight
