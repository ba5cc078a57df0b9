// SPDX-License-Identifier: Apache-2.0
#include "oversight/estimand.h"

#include "oversight/say.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

std::string PopulationText(const Speaker& say, const Summary& summary) {
  const Scope& scope = summary.scope();
  std::string text =
      base::Cat(say("Closed decisions with an AI suggestion, organisation ",
                    "Décisions closes comportant une suggestion d'IA, organisation "),
                scope.organisation_id());
  const auto add = [&text](std::string_view what, const std::string& name) {
    if (!name.empty()) text += base::Cat(", ", what, " ", name);
  };
  add(say("system", "système"), scope.system_id());
  add(say("version", "version"), scope.system_version());
  add(say("unit", "unité"), scope.unit_id());
  if (scope.environment() == ENVIRONMENT_TEST) {
    text += say(", from test sources only", ", issues de sources de test seulement");
  }
  if (summary.period().kind() == PERIOD_KIND_CUMULATIVE) {
    return text + std::string(say(", since the policy epoch began.",
                                  ", depuis le début de l'époque de la politique."));
  }
  return base::Cat(text, say(", decided in the period from ", ", décidées dans la période du "),
                   summary.period().first_day(), ".");
}

std::string FrameText(const Speaker& say, const SourceFrame& sources) {
  return base::Cat(
      say("Events of ", "Événements de "), sources.declared,
      say(" declared and ", " sources déclarées et "), sources.undeclared,
      say(" undeclared sources; decisions that no source sent are not in it.",
          " non déclarées ; les décisions qu'aucune source n'a envoyées n'y figurent pas."));
}

std::string SelectionText(const Speaker& say, const Summary& summary) {
  std::string text(
      say("Indicators I1 and I2 and coverage: every closed decision, no sampling. "
          "Vigilance (I3): ",
          "Indicateurs I1, I2 et couverture : toutes les décisions closes, sans "
          "échantillonnage. Vigilance (I3) : "));
  bool any = false;
  for (const IndicatorEvidence& indicator : summary.indicators()) {
    if (indicator.indicator() != INDICATOR_VIGILANCE || indicator.trials() == 0) continue;
    if (any) text += "; ";
    any = true;
    text += base::Cat(NameOf(say, indicator.origin()), indicator.origin_id().empty() ? "" : " ",
                      indicator.origin_id());
  }
  if (!any) text += say("no decision with counted truth", "aucune décision à vérité comptée");
  return text + std::string(say("; origins are never pooled (N2).",
                                " ; les origines ne sont jamais mêlées (N2)."));
}

void PutExclusions(const Speaker& say, const Summary& summary, const SourceFrame& sources,
                   Estimand* out) {
  const auto add = [out](std::string_view why, int64_t count) {
    if (count == 0) return;
    Exclusion* row = out->add_exclusions();
    row->set_why(std::string(why));
    row->set_count(count);
  };
  const Description& description = summary.description();
  add(say("decided without the suggestion having been shown (R0)",
          "décidées sans que la suggestion ait été affichée (R0)"),
      description.independent_count());
  add(say("expired without effect or act (L4)", "expirées sans effet ni acte (L4)"),
      description.no_decision_count());
  add(say("hidden before display and never decided (L4)",
          "masquées avant affichage et jamais décidées (L4)"),
      description.suppressed_count());
  add(say("came after their period was final (L10)",
          "arrivées après clôture de leur période (L10)"),
      description.period_late_count());
  add(say("truths of an origin that does not count (N2)", "vérités d'une origine non comptée (N2)"),
      description.truth_uncounted_count());
  add(say("events refused, over all scopes", "événements refusés, tous périmètres"),
      sources.refused_events);
  add(say("events that sources declared lost, over all scopes",
          "événements déclarés perdus par les sources, tous périmètres"),
      sources.lost_events);
}

}  // namespace

SourceFrame DescribeSources(const engine::PublishedState& state) {
  SourceFrame frame;
  for (const auto& source : state.sources) {
    ++(source.declared() ? frame.declared : frame.undeclared);
    frame.lost_events += source.lost_count();
    frame.refused_events += source.refused_count();
  }
  return frame;
}

Estimand EstimandOf(const Summary& summary, const vigie::config::v1::Policy& policy,
                    const SourceFrame& sources, Language language) {
  const Speaker say(language);
  Estimand out;
  out.set_population(PopulationText(say, summary));
  out.set_frame(FrameText(say, sources));
  out.set_selection(SelectionText(say, summary));
  PutExclusions(say, summary, sources, &out);
  if (summary.has_coverage() && summary.coverage().trials() > 0) {
    out.set_undetermined_ratio(1 - static_cast<double>(summary.coverage().successes()) /
                                       static_cast<double>(summary.coverage().trials()));
  }
  // Calendar periods and the epoch are fixed before anyone looks (V5).
  out.set_period_fixed_in_advance(true);
  const auto limit = [&out](std::string_view text) { out.add_limits(std::string(text)); };
  limit(say("Averages over the decisions made, not predictions of others.",
            "Des moyennes sur les décisions prises, non des prévisions sur d'autres."));
  limit(
      say("Deficits smaller than the indifference zone may never be found (.8 points at a "
          "threshold of 80 %, 1.25 at 50 %, .25 at 95 %).",
          "Des écarts inférieurs à la zone d'indifférence peuvent n'être jamais trouvés (0,8 point "
          "pour un seuil de 80 %, 1,25 à 50 %, 0,25 à 95 %)."));
  limit(say("Examination is what the records show, not what a person thought.",
            "L'examen est ce que montrent les traces, non ce qu'une personne a pensé."));
  limit(say("No figure is about one person, and none ranks persons.",
            "Aucun chiffre ne porte sur une personne, et aucun ne classe des personnes."));
  const std::string chance = PercentText(policy.evidence().alpha_below());
  const bool cumulative = summary.period().kind() == PERIOD_KIND_CUMULATIVE;
  std::string guarantee = base::Cat(
      say("For this scope and policy, looked at cumulatively, and as far as the recorded events "
          "classify decisions correctly and truth is returned without regard to the outcome: if "
          "human intervention really met the policy threshold over the decisions made so far, the "
          "chance that this system would ever have declared it effectively automated is at most ",
          "Pour ce périmètre et cette politique, en regard cumulé, et pour autant que les "
          "événements "
          "enregistrés classent correctement les décisions et que la vérité revienne sans égard à "
          "l'issue : si l'intervention humaine atteignait réellement le seuil de la politique sur "
          "les décisions prises jusqu'ici, la probabilité que ce système l'ait jamais déclarée de "
          "fait automatisée est d'au plus "),
      chance, ".");
  if (!cumulative) {
    guarantee += say(" This is the verdict of a period: a separate look (V5).",
                     " Ceci est le verdict d'une période : un regard distinct (V5).");
  }
  guarantee +=
      say(" 'Undetermined' means that the records do not suffice; it is not a finding of "
          "compliance. Thresholds are the policy's, not the law's.",
          " « Indéterminé » signifie que les traces ne suffisent pas ; ce n'est pas un "
          "constat de conformité. Les seuils sont ceux de la politique, non de la loi.");
  out.set_guarantee(guarantee);
  return out;
}

}  // namespace vigie::oversight
