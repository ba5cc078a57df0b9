// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_format.h"
#include "oversight/explain.h"
#include "oversight/say.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

std::string VerdictSentence(const Speaker& say, const Summary& summary) {
  switch (summary.verdict()) {
    case VERDICT_CONCRETE_AND_SIGNIFICANT:
      return std::string(say("Human intervention is concrete and significant (V2).",
                             "L'intervention humaine est concrète et significative (V2)."));
    case VERDICT_EFFECTIVELY_AUTOMATED:
      return base::Cat(say("Decisions are effectively automated (V1), ",
                           "Les décisions sont de fait automatisées (V1), "),
                       summary.certainty() == CERTAINTY_CORROBORATED
                           ? say("corroborated by more than behaviour.",
                                 "ce que corrobore plus que le comportement.")
                           : say("provisional: only behaviour says so.",
                                 "à titre provisoire : seul le comportement le dit."));
    default:
      if (summary.change_alarm_open()) {
        return std::string(say(
            "Undetermined: a change alarm is open, and until it is acknowledged no good verdict "
            "is given (V4). This is not a finding of compliance.",
            "Indéterminé : une alarme de changement est ouverte, et aucun bon verdict n'est rendu "
            "avant son acquittement (V4). Ce n'est pas un constat de conformité."));
      }
      return std::string(
          say("Undetermined (V3): the records do not suffice. This is not a finding of compliance.",
              "Indéterminé (V3) : les traces ne suffisent pas. Ce n'est pas un constat de "
              "conformité."));
  }
}

std::string CountsText(const Speaker& say, const IndicatorEvidence& indicator) {
  std::string text(NameOf(say, indicator.indicator()));
  if (indicator.origin() != TRUTH_ORIGIN_UNSPECIFIED) {
    text += base::Cat(say(" by ", " d'après "), NameOf(say, indicator.origin()));
    if (!indicator.origin_id().empty()) text += base::Cat(" ", indicator.origin_id());
  }
  text += base::Cat(": ", OutOf(say, indicator.successes(), indicator.trials()));
  if (indicator.trials() > 0) {
    text += base::Cat(say(", between ", ", entre "), PercentText(indicator.interval().low()),
                      say(" and ", " et "), PercentText(indicator.interval().high()));
  }
  return base::Cat(text, say(", threshold ", ", seuil "), PercentText(indicator.threshold()));
}

std::string DriverSentence(const Speaker& say, const IndicatorEvidence& indicator) {
  return base::Cat(say("Driven by ", "Emporté par "), CountsText(say, indicator),
                   absl::StrFormat(", ln E- %.2f.", indicator.log_e_below()));
}

// What one indicator still needs for a verdict.
std::string NeedSentence(const Speaker& say, const IndicatorEvidence& indicator) {
  const std::string counts = CountsText(say, indicator);
  if (!indicator.has_further_trials()) {
    return base::Cat(counts,
                     say(": not reachable at this rate.", " : hors d'atteinte à ce rythme."));
  }
  if (indicator.further_trials() == 0) {
    return base::Cat(counts, say(": settled.", " : établi."));
  }
  const std::string_view what =
      indicator.indicator() == INDICATOR_VIGILANCE
          ? say(" more wrong suggestions with truth (seeded, drawn or audited)",
                " suggestions fausses de plus dont la vérité est connue (implantées, tirées ou "
                "auditées)")
          : say(" more decisions", " décisions de plus");
  const std::string_view side = indicator.further_direction() == DIRECTION_BELOW
                                    ? say(" would settle that it is below the threshold.",
                                          " établiraient qu'il est sous le seuil.")
                                    : say(" would settle that it is above the threshold.",
                                          " établiraient qu'il est au-dessus du seuil.");
  return base::Cat(counts, say(": at this rate ", " : à ce rythme "), indicator.further_trials(),
                   what, side);
}

bool Drives(const Summary& summary, const IndicatorEvidence& indicator) {
  for (const Driver& driver : summary.drivers()) {
    if (driver.indicator() == indicator.indicator() && driver.origin() == indicator.origin() &&
        driver.origin_id() == indicator.origin_id()) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> ExplainSummary(const Summary& summary, Language language) {
  const Speaker say(language);
  std::vector<std::string> sentences;
  if (summary.suppression() != SUPPRESSION_NONE) {
    sentences.emplace_back(
        say("Figures are withheld: the cell is too small, or would reveal one.",
            "Les chiffres sont retenus : la cellule est trop petite, ou en révélerait une."));
    return sentences;
  }
  sentences.push_back(VerdictSentence(say, summary));
  const bool red = summary.verdict() == VERDICT_EFFECTIVELY_AUTOMATED;
  for (const IndicatorEvidence& indicator : summary.indicators()) {
    if (red && !Drives(summary, indicator)) continue;
    sentences.push_back(red ? DriverSentence(say, indicator) : NeedSentence(say, indicator));
  }
  if (!red && summary.has_coverage()) {
    sentences.push_back(
        base::Cat(say("Coverage: ", "Couverture : "),
                  OutOf(say, summary.coverage().successes(), summary.coverage().trials()),
                  say(" decisions with a person's act could be determined.",
                      " décisions comportant un acte d'une personne ont pu être déterminées.")));
  }
  if (summary.workload().capacity_warning()) {
    sentences.emplace_back(say(
        "CAPACITY: there are more decisions than the hours hold at the minimum times (I5).",
        "CAPACITÉ : il y a plus de décisions que les heures n'en contiennent aux temps minimaux "
        "(I5)."));
  }
  for (const DrawResponse& draw : summary.draws()) {
    if (draw.counted()) continue;
    sentences.push_back(base::Cat(say("Drawn audit ", "Audit tiré "), draw.draw_id(),
                                  draw.stratum().empty() ? "" : "/", draw.stratum(), ": ",
                                  OutOf(say, draw.response().successes(), draw.response().trials()),
                                  say(" truths returned, too few to count (N2).",
                                      " vérités revenues, trop peu pour compter (N2).")));
  }
  return sentences;
}

}  // namespace vigie::oversight
