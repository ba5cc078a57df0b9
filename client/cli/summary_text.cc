// SPDX-License-Identifier: Apache-2.0
#include "summary_text.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "print.h"
#include "scope_options.h"
#include "words.h"

namespace vigie::cli {
namespace {

std::string Capitalised(std::string text) {
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

// `I3 vigilance (asserted audit)`.
std::string IndicatorText(v1::Indicator indicator, v1::TruthOrigin origin,
                          const std::string& origin_id) {
  std::string text = absl::StrCat("I", static_cast<int>(indicator), " ", InWords(indicator));
  if (origin != v1::TRUTH_ORIGIN_UNSPECIFIED) {
    absl::StrAppend(&text, " (", InWords(origin), origin_id.empty() ? "" : " ", origin_id, ")");
  }
  return text;
}

std::string Headline(const v1::Summary& summary) {
  std::string text = Capitalised(VerdictText(summary.verdict(), summary.certainty()));
  std::vector<std::string> drivers;
  for (const v1::Driver& driver : summary.drivers()) {
    drivers.push_back(IndicatorText(driver.indicator(), driver.origin(), driver.origin_id()));
  }
  const bool withheld =
      summary.change_alarm_open() && summary.verdict() == v1::VERDICT_UNDETERMINED;
  if (withheld) absl::StrAppend(&text, ": a change alarm is open (V4)");
  if (!drivers.empty()) absl::StrAppend(&text, ": driven by ", absl::StrJoin(drivers, ", "));
  return absl::StrCat(text, "\n");
}

std::string FurtherText(const v1::IndicatorEvidence& evidence) {
  if (!evidence.has_further_trials()) return "not reachable at this rate";
  const std::string direction = evidence.further_direction() == v1::DIRECTION_UNSPECIFIED
                                    ? ""
                                    : absl::StrCat(" ", InWords(evidence.further_direction()));
  if (evidence.further_trials() == 0) return absl::StrCat("concluded", direction);
  return absl::StrCat(evidence.further_trials(), " more", direction);
}

std::string IndicatorsText(const v1::Summary& summary) {
  if (summary.indicators().empty()) return "";
  Table table(
      {"INDICATOR", ">S/n", ">SHARE", ">THRESHOLD", ">INTERVAL", ">UNKNOWN", "TRIALS TO CONCLUDE"});
  for (const v1::IndicatorEvidence& evidence : summary.indicators()) {
    const bool counted = evidence.trials() > 0;
    const double share =
        static_cast<double>(evidence.successes()) / static_cast<double>(evidence.trials());
    table.Add({IndicatorText(evidence.indicator(), evidence.origin(), evidence.origin_id()),
               absl::StrCat(evidence.successes(), "/", evidence.trials()),
               counted ? absl::StrFormat("%.3f", share) : "-",
               absl::StrFormat("%.2f", evidence.threshold()),
               evidence.has_interval() ? absl::StrFormat("%.3f to %.3f", evidence.interval().low(),
                                                         evidence.interval().high())
                                       : "-",
               absl::StrCat(evidence.unknown()), FurtherText(evidence)});
  }
  return absl::StrCat("\n", table.Text());
}

std::string DegreesText(const v1::Summary& summary) {
  if (summary.degrees().empty()) return "";
  Table table({"DEGREE", ">DECISIONS", "RULE"});
  for (const v1::DegreeCount& degree : summary.degrees()) {
    const bool none = degree.degree() == v1::DEGREE_UNSPECIFIED;
    table.Add({none ? "no degree" : InWords(degree.degree()), absl::StrCat(degree.count())});
    for (const v1::ReasonCount& reason : degree.reasons()) {
      table.Add({absl::StrCat("  ", InWords(reason.reason())), absl::StrCat(reason.count()),
                 reason.rule()});
    }
  }
  return absl::StrCat("\n", table.Text());
}

std::string RelianceText(const v1::Reliance& reliance) {
  std::string text = absl::StrFormat(
      "Reliance     AI right: %d accepted, %d not; AI wrong: %d accepted, %d not%s\n",
      reliance.ai_right_accepted(), reliance.ai_right_not_accepted(), reliance.ai_wrong_accepted(),
      reliance.ai_wrong_not_accepted(),
      reliance.origin() == v1::TRUTH_ORIGIN_UNSPECIFIED
          ? ""
          : absl::StrCat(" (", InWords(reliance.origin()), ")"));
  absl::StrAppend(
      &text, "             RAIR ", ProportionText(reliance.has_rair(), reliance.rair()), ", RSR ",
      ProportionText(reliance.has_rsr(), reliance.rsr()), ", switched to the AI ",
      ProportionText(reliance.has_switch_fraction(), reliance.switch_fraction()), ", d' ",
      reliance.has_d_prime() ? absl::StrFormat("%.3f", reliance.d_prime()) : "-", "\n");
  return text;
}

std::string QuantilesText(absl::string_view label,
                          const google::protobuf::RepeatedPtrField<v1::Quantile>& quantiles) {
  if (quantiles.empty()) return "";
  std::vector<std::string> parts;
  for (const v1::Quantile& quantile : quantiles) {
    parts.push_back(
        absl::StrFormat("%g %% %s", 100 * quantile.rank(), SpanText(quantile.value_ms())));
  }
  return absl::StrFormat("%-12s %s\n", label, absl::StrJoin(parts, ", "));
}

std::string DescriptionText(const v1::Description& described) {
  std::string text = absl::StrFormat("Closed       %d decisions", described.closed_count());
  const auto add = [&text](int64_t count, absl::string_view what) {
    if (count > 0) absl::StrAppend(&text, ", ", count, " ", what);
  };
  add(described.independent_count(), "independent");
  add(described.no_decision_count(), "without act or effect");
  add(described.suppressed_count(), "hidden before display");
  add(described.batch_count(), "signed in batches");
  add(described.late_event_count(), "late events");
  add(described.period_late_count(), "after their period was final");
  add(described.truth_revised_count(), "truths revised");
  add(described.truth_uncounted_count(), "truths not counted");
  const v1::Rights& rights = described.rights();
  add(rights.reversed_count(), "reversed later");
  add(rights.contested_count(), "contested");
  add(rights.recourse_reviewed_count(), "reviewed in recourse");
  add(rights.same_reviewer_count(), "reviewed by their own actor (no valid recourse)");
  add(rights.patient_informed_count(), "with an informed patient");
  absl::StrAppend(&text, "\n");
  if (described.has_override()) {
    absl::StrAppend(&text, "Not accepted ", ProportionText(true, described.override()), "\n");
  }
  if (described.has_opportunistic_vigilance()) {
    absl::StrAppend(&text, "Other truth  ",
                    ProportionText(true, described.opportunistic_vigilance()),
                    " wrong suggestions not taken over, by opportunistic truth, which never counts "
                    "(N2)\n");
  }
  absl::StrAppend(&text, QuantilesText("Active time", described.active_time()),
                  QuantilesText("Own judgement", described.judgement_time()));
  return text;
}

std::string PolicyText(const v1::Summary& summary) {
  const v1::PolicyReference& policy = summary.policy();
  std::string text =
      absl::StrCat("Policy       ", policy.id(), policy.version().empty() ? "" : " ",
                   policy.version(), ", sha256 ", policy.sha256().substr(0, 12), ", epoch ",
                   policy.epoch(), "; as of log position ", summary.as_of(), "\n");
  if (summary.has_previous_epoch()) {
    const v1::PreviousEpoch& before = summary.previous_epoch();
    absl::StrAppend(&text, "Before       ", VerdictText(before.verdict(), before.certainty()),
                    " under ", before.policy().id(), " ", before.policy().version(), ", sha256 ",
                    before.policy().sha256().substr(0, 12), "\n");
  }
  return text;
}

std::string WorkloadText(const v1::Workload& workload) {
  if (!workload.has_feasible()) return "";
  std::string text = absl::StrFormat(
      "Workload     %s decisions in hours that hold them; %d of %d actor-hours overfull; %s of "
      "minimum time; %d decisions open%s",
      ProportionText(true, workload.feasible()), workload.overfull_hour_count(),
      workload.actor_hour_count(), SpanText(static_cast<double>(workload.minimum_ms())),
      workload.open_count(), workload.capacity_warning() ? "; CAPACITY" : "");
  if (workload.limited_time_count() > 0) {
    absl::StrAppend(&text, "; ", workload.limited_time_count(), " short of time");
  }
  return text + "\n";
}

std::string ReviewsText(const v1::Summary& summary) {
  if (!summary.has_examination_accuracy()) return "";
  const v1::ExaminationAccuracy& accuracy = summary.examination_accuracy();
  return absl::StrCat("Reviews      examined as experts say ",
                      ProportionText(accuracy.has_sensitivity(), accuracy.sensitivity()),
                      ", not examined as they say ",
                      ProportionText(accuracy.has_specificity(), accuracy.specificity()),
                      accuracy.confirmed() ? "; I2 is confirmed" : "", "\n");
}

std::string AlarmsText(const v1::Summary& summary) {
  std::string text;
  for (const v1::Alarm& alarm : summary.alarms()) {
    absl::StrAppend(&text, "ALARM        ", alarm.alarm_id(), ": ", InWords(alarm.kind()),
                    alarm.kind() == v1::ALARM_KIND_CHANGE
                        ? absl::StrCat(" of ", InWords(alarm.indicator()))
                        : "",
                    ", raised ", TimeText(alarm.raised_at_ms()), "\n");
  }
  return text;
}

std::string EstimandText(const v1::Estimand& estimand) {
  std::string text =
      absl::StrCat(estimand.population(), "\n", estimand.frame(), "\n", estimand.selection(), "\n");
  for (const v1::Exclusion& exclusion : estimand.exclusions()) {
    absl::StrAppend(&text, "- ", exclusion.count(), " ", exclusion.why(), "\n");
  }
  if (estimand.has_undetermined_ratio()) {
    absl::StrAppendFormat(
        &text, "Undetermined share %.3f; the period was %s.\n", estimand.undetermined_ratio(),
        estimand.period_fixed_in_advance() ? "fixed in advance" : "picked afterwards: descriptive");
  }
  for (const std::string& limit : estimand.limits()) absl::StrAppend(&text, "- ", limit, "\n");
  return absl::StrCat(text, estimand.guarantee(), "\n");
}

}  // namespace

std::string VerdictText(v1::Verdict verdict, v1::Certainty certainty) {
  if (verdict == v1::VERDICT_UNSPECIFIED) return "no verdict";
  if (certainty == v1::CERTAINTY_UNSPECIFIED) return InWords(verdict);
  return absl::StrCat(InWords(verdict), ", ", InWords(certainty));
}

std::string ProportionText(bool present, const v1::Proportion& proportion) {
  if (!present || proportion.trials() == 0) return "-";
  return absl::StrFormat(
      "%d/%d (%.3f)", proportion.successes(), proportion.trials(),
      static_cast<double>(proportion.successes()) / static_cast<double>(proportion.trials()));
}

std::string SummaryText(const v1::Summary& summary, bool person) {
  std::string text =
      person ? "Figures of one person; no verdict is given on a person.\n" : Headline(summary);
  absl::StrAppend(&text, "Scope        ", ScopeText(summary.scope()), "; ",
                  PeriodText(summary.period()), summary.final() ? ", final" : "", "\n",
                  PolicyText(summary));
  if (summary.suppression() == v1::SUPPRESSION_SMALL_CELL) {
    absl::StrAppend(&text, "Figures are withheld: fewer decisions than the policy's minimum.\n");
  } else if (summary.suppression() == v1::SUPPRESSION_COMPLEMENTARY) {
    absl::StrAppend(&text,
                    "Figures are withheld: with others they would give a small cell away.\n");
  }
  absl::StrAppend(&text, IndicatorsText(summary), DegreesText(summary), "\n");
  if (summary.has_coverage()) {
    absl::StrAppend(&text, "Coverage     ", ProportionText(true, summary.coverage()), "\n");
  }
  if (summary.has_reliance()) absl::StrAppend(&text, RelianceText(summary.reliance()));
  if (summary.has_description()) absl::StrAppend(&text, DescriptionText(summary.description()));
  absl::StrAppend(&text, WorkloadText(summary.workload()), ReviewsText(summary),
                  AlarmsText(summary));
  if (summary.live_flag()) {
    absl::StrAppend(&text, "Live flag    also among all scopes watched at once (V7)\n");
  }
  if (!person && !summary.explanation().empty()) {
    absl::StrAppend(&text, "\n", absl::StrJoin(summary.explanation(), "\n"), "\n");
  }
  if (!person && summary.has_estimand()) {
    absl::StrAppend(&text, "\n", EstimandText(summary.estimand()));
  }
  for (const std::string& caveat : summary.caveats())
    absl::StrAppend(&text, "Note: ", caveat, "\n");
  if (!person && summary.verdict() == v1::VERDICT_UNDETERMINED) {
    absl::StrAppend(&text, "Undetermined is not a finding of compliance.\n");
  }
  return text;
}

}  // namespace vigie::cli
