// SPDX-License-Identifier: Apache-2.0
#include "metrics/scope_metrics.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "decision/verdict.h"
#include "metrics/metric_page.h"
#include "oversight/look.h"
#include "oversight/summary.h"
#include "stats/evidence.h"

namespace vigie::metrics {
namespace {

using namespace vigie::v1;  // Enumerators and messages.

constexpr size_t kMaxCachedIntervals = 100'000;

struct Row {
  decision::ScopeKey key;
  Scope named;
  std::shared_ptr<const decision::Tally> tally;
  oversight::Look look;
};

// The lower-case end of an enumerator's name.
std::string Tail(const std::string& name, const char* prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::string KindOf(const decision::ScopeKey& scope) {
  if (scope.version != 0) return "system_version";
  if (scope.system != 0 && scope.unit != 0) return "system_unit";
  if (scope.system != 0) return "system";
  return scope.unit != 0 ? "unit" : "organisation";
}

Labels LabelsOf(const Row& row) {
  Labels labels = {{"scope", KindOf(row.key)}, {"organisation", row.named.organisation_id()}};
  if (row.key.system != 0) labels.push_back({"system", row.named.system_id()});
  if (row.key.version != 0) labels.push_back({"version", row.named.system_version()});
  if (row.key.unit != 0) labels.push_back({"unit", row.named.unit_id()});
  return labels;
}

// The families of this page, in the order they are shown.
class ScopePage {
 public:
  explicit ScopePage(IntervalCache* intervals) : intervals_(intervals) {}

  void Add(const Row& row, const vigie::config::v1::Policy& policy) {
    const Labels labels = LabelsOf(row);
    AddDegrees(labels, *row.tally);
    const oversight::Conclusion conclusion = oversight::ConcludeLook(*row.tally, policy, row.look);
    const decision::VerdictFinding& found = conclusion.found;
    AddIndicator(labels, decision::WeighWorkload(*row.tally, policy),
                 policy.evidence().alpha_interval());
    alarms_.Add(labels, conclusion.change_alarm_open ? 1 : 0);
    live_flags_.Add(labels, conclusion.live_flag ? 1 : 0);
    for (const decision::IndicatorFinding& indicator : found.indicators) {
      AddIndicator(labels, indicator, policy.evidence().alpha_interval());
    }
    for (const Verdict verdict :
         {VERDICT_CONCRETE_AND_SIGNIFICANT, VERDICT_EFFECTIVELY_AUTOMATED, VERDICT_UNDETERMINED}) {
      verdicts_.Add(With(labels, "verdict", Tail(Verdict_Name(verdict), "VERDICT_")),
                    found.verdict == verdict ? 1 : 0);
    }
    corroborated_.Add(labels, found.certainty == CERTAINTY_CORROBORATED ? 1 : 0);
    coverage_successes_.Add(labels, static_cast<double>(row.tally->coverage.successes));
    coverage_trials_.Add(labels, static_cast<double>(row.tally->coverage.trials));
  }

  std::vector<prometheus::MetricFamily> Take() {
    std::vector<prometheus::MetricFamily> families;
    for (FamilyBuilder* family :
         {&decisions_, &successes_, &trials_, &unknown_, &thresholds_, &lows_, &highs_,
          &logs_below_, &logs_above_, &drives_, &verdicts_, &corroborated_, &alarms_, &live_flags_,
          &coverage_successes_, &coverage_trials_}) {
      families.push_back(family->Take());
    }
    return families;
  }

 private:
  void AddDegrees(const Labels& labels, const decision::Tally& tally) {
    constexpr std::array kDegrees = {std::pair(DEGREE_AUTOMATED, "automated"),
                                     std::pair(DEGREE_TOKEN, "token"),
                                     std::pair(DEGREE_CONCRETE, "concrete"),
                                     std::pair(DEGREE_SIGNIFICANT, "significant"),
                                     std::pair(DEGREE_UNDETERMINED, "undetermined"),
                                     std::pair(DEGREE_UNSPECIFIED, "none")};
    for (const auto& [degree, label] : kDegrees) {
      decisions_.Add(With(labels, "degree", label), static_cast<double>(tally.Count(degree)));
    }
  }

  void AddIndicator(const Labels& scope, const decision::IndicatorFinding& found, double alpha) {
    Labels labels = With(scope, "indicator", Tail(Indicator_Name(found.indicator), "INDICATOR_"));
    if (found.origin.origin != TRUTH_ORIGIN_UNSPECIFIED) {
      labels = With(std::move(labels), "origin",
                    Tail(TruthOrigin_Name(found.origin.origin), "TRUTH_ORIGIN_"));
      if (!found.origin.origin_id.empty()) {
        labels = With(std::move(labels), "origin_id", found.origin.origin_id);
      }
    }
    const auto key = std::pair(found.counts.successes, found.counts.trials);
    const auto [entry, fresh] = intervals_->try_emplace(key);
    if (fresh) entry->second = stats::ConfidenceInterval(found.counts.Known(), alpha);
    const stats::Interval interval = entry->second;
    successes_.Add(labels, static_cast<double>(found.counts.successes));
    trials_.Add(labels, static_cast<double>(found.counts.trials));
    unknown_.Add(labels, static_cast<double>(found.counts.unknown));
    thresholds_.Add(labels, found.threshold);
    lows_.Add(labels, interval.low);
    highs_.Add(labels, interval.high);
    logs_below_.Add(labels, found.log_e_below);
    logs_above_.Add(labels, found.log_e_above);
    drives_.Add(labels, found.drives ? 1 : 0);
  }

  IntervalCache* intervals_;
  FamilyBuilder decisions_{"vigie_scope_decisions",
                           "Closed decisions of a scope by degree of human intervention."};
  FamilyBuilder successes_{"vigie_scope_indicator_successes", "Successes of an indicator."};
  FamilyBuilder trials_{"vigie_scope_indicator_trials", "Trials of an indicator."};
  FamilyBuilder unknown_{"vigie_scope_indicator_unknown",
                         "Decisions that would be trials if the records could tell."};
  FamilyBuilder thresholds_{"vigie_scope_indicator_threshold_ratio",
                            "The policy's threshold for an indicator."};
  FamilyBuilder lows_{"vigie_scope_indicator_low_ratio",
                      "Lower end of the interval, valid at every look."};
  FamilyBuilder highs_{"vigie_scope_indicator_high_ratio",
                       "Upper end of the interval, valid at every look."};
  FamilyBuilder logs_below_{"vigie_scope_log_e_below",
                            "Natural logarithm of the evidence that the mean is below threshold."};
  FamilyBuilder logs_above_{"vigie_scope_log_e_above",
                            "Natural logarithm of the evidence that the mean is above threshold."};
  FamilyBuilder drives_{"vigie_scope_indicator_drives",
                        "1 when the indicator drives the verdict effectively automated."};
  FamilyBuilder verdicts_{"vigie_scope_verdict",
                          "1 for the verdict of a scope, 0 for the two others."};
  FamilyBuilder corroborated_{"vigie_scope_verdict_corroborated",
                              "1 when more than behaviour supports effectively automated."};
  FamilyBuilder alarms_{"vigie_scope_change_alarm_open",
                        "1 while a change alarm of the scope is not acknowledged."};
  FamilyBuilder live_flags_{"vigie_scope_live_flag",
                            "1 when the scope is effectively automated also at the error budget "
                            "shared by all scopes."};
  FamilyBuilder coverage_successes_{"vigie_scope_coverage_successes",
                                    "Decisions with a person's final act that are determined."};
  FamilyBuilder coverage_trials_{"vigie_scope_coverage_trials",
                                 "Decisions with a person's final act."};
};

}  // namespace

std::vector<prometheus::MetricFamily> ScopeMetrics::Collect() const {
  std::vector<Row> rows;
  vigie::config::v1::Policy policy;
  int32_t epoch = 0;
  double known = 0;
  double overflow = 0;
  published_->Read([&](const engine::PublishedState& state) {
    known = static_cast<double>(state.scopes.size());
    overflow = static_cast<double>(state.scope_overflow_count);
    epoch = state.epoch();
    if (epoch == 0) return;
    policy = state.epochs.back().activated().policy();
    int64_t number = 0;
    for (const decision::ScopeKey& scope : state.scopes) {
      ++number;
      auto tally = state.Tally({.epoch = epoch, .scope = scope, .period = {}});
      if (scope.test || tally == nullptr) continue;
      rows.push_back({scope, oversight::NamedScope(scope, state.names), std::move(tally),
                      oversight::LookAt(state, scope, {}, number)});
    }
  });
  const auto disclosure = egress_->Decide(epoch, {});
  const double alpha = policy.evidence().alpha_interval();
  if (intervals_.size() > kMaxCachedIntervals || intervals_alpha_ != alpha) intervals_.clear();
  intervals_alpha_ = alpha;
  ScopePage page(&intervals_);
  double suppressed = 0;
  for (const Row& row : rows) {
    if (disclosure->Of(row.key) == SUPPRESSION_NONE) {
      page.Add(row, policy);
    } else {
      ++suppressed;
    }
  }
  std::vector<prometheus::MetricFamily> families = page.Take();
  const auto add = [&families](const char* name, const char* help, double value) {
    FamilyBuilder family(name, help);
    family.Add({}, value);
    families.push_back(family.Take());
  };
  add("vigie_scopes", "Scopes known.", known);
  add("vigie_scopes_suppressed", "Scopes withheld because a cell is small.", suppressed);
  add("vigie_scopes_overflow", "Times that a scope beyond the limit folded into _other.", overflow);
  return families;
}

}  // namespace vigie::metrics
