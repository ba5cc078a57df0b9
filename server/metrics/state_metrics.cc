// SPDX-License-Identifier: Apache-2.0
#include "metrics/state_metrics.h"

#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/log_line.h"
#include "decision/grade.h"
#include "metrics/metric_page.h"
#include "vigie/version.h"

namespace vigie::metrics {
namespace {

using engine::PublishedState;
using Family = prometheus::MetricFamily;

double Seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

Family One(const char* name, const char* help, double value) {
  FamilyBuilder family(name, help);
  family.Add({}, value);
  return family.Take();
}

void AddLog(const PublishedState& state, std::vector<Family>& families) {
  families.push_back(
      One("vigie_log_position", "Last durable log position.", static_cast<double>(state.as_of)));
  families.push_back(One("vigie_log_recorded_timestamp_seconds",
                         "When the last block was recorded.", Seconds(state.recorded_at_ms)));
  families.push_back(One("vigie_view_position", "Log position that the views on disk include.",
                         static_cast<double>(state.view_position)));
  families.push_back(One("vigie_decisions_open", "Decisions that are not closed.",
                         static_cast<double>(state.open_count)));
  families.push_back(One("vigie_quarantine_events", "Refused events kept.",
                         static_cast<double>(state.quarantine_kept_count)));
  families.push_back(One("vigie_quarantine_dropped_events",
                         "Refused events dropped because quarantine was full.",
                         static_cast<double>(state.quarantine_dropped_count)));
}

vigie::v1::Grade GradeOfSource(const vigie::store::v1::SourceView& view) {
  decision::PayloadSet declared = decision::PayloadSet::OfUndeclaredSource();
  if (view.declared()) {
    declared = {};
    for (const int payload : view.source().payloads()) {
      declared.Add(static_cast<vigie::v1::PayloadKind>(payload));
    }
  }
  return decision::GradeOf(declared);
}

void AddSources(const std::vector<vigie::store::v1::SourceView>& sources,
                const StateMetrics::Daemon& daemon, std::vector<Family>& families) {
  FamilyBuilder last("vigie_source_last_event_timestamp_seconds",
                     "When the last event of a source was recorded; 0 = none yet.");
  FamilyBuilder connected("vigie_source_connected", "1 while a stream of the source is live.");
  FamilyBuilder lag("vigie_source_lag_seconds",
                    "Receipt of the last event minus when it occurred.");
  FamilyBuilder skew("vigie_source_clock_skew_seconds",
                     "Receipt of the last event minus when the source says it sent it.");
  FamilyBuilder lost("vigie_source_lost_events", "Sequences that the source declared lost.");
  FamilyBuilder declared("vigie_source_declared", "1 when the source is declared.");
  FamilyBuilder grade("vigie_source_grade",
                      "Instrumentation grade by declaration: 1 act, 2 shown, 3 opened, "
                      "4 active time, 5 evidence.");
  for (const auto& view : sources) {
    const Labels labels = {{"source", view.source().source_id()}};
    last.Add(labels, Seconds(view.last_recorded_at_ms()));
    connected.Add(labels, daemon.source_connected(view.source().source_id()) ? 1 : 0);
    lag.Add(labels, Seconds(view.lag_ms()));
    if (view.has_clock_skew_ms()) skew.Add(labels, Seconds(view.clock_skew_ms()));
    lost.Add(labels, static_cast<double>(view.lost_count()));
    declared.Add(labels, view.declared() ? 1 : 0);
    grade.Add(labels, GradeOfSource(view));
  }
  for (FamilyBuilder* family : {&last, &connected, &lag, &skew, &lost, &declared, &grade}) {
    families.push_back(family->Take());
  }
}

void AddSystems(const std::vector<vigie::store::v1::SystemView>& systems,
                std::vector<Family>& families) {
  FamilyBuilder declared("vigie_system_declared",
                         "1 when the AI system is in the register, 0 when it is used without.");
  FamilyBuilder stopped("vigie_system_stopped", "1 while the stop function is in force.");
  FamilyBuilder shown("vigie_system_shown_while_stopped_suggestions",
                      "Suggestions shown although the last stop was in force.");
  for (const auto& view : systems) {
    const Labels labels = {{"organisation", view.system().organisation_id()},
                           {"system", view.system().system_id()}};
    declared.Add(labels, view.declared() ? 1 : 0);
    stopped.Add(labels, view.stopped() ? 1 : 0);
    shown.Add(labels, static_cast<double>(view.shown_while_stopped_count()));
  }
  for (FamilyBuilder* family : {&declared, &stopped, &shown}) families.push_back(family->Take());
}

// By plan and by draw; neither tells which decisions.
void AddMeasures(const PublishedState& state, std::vector<Family>& families) {
  FamilyBuilder applied("vigie_probe_applied_items",
                        "Seeded suggestions that took effect; more than 0 is critical.");
  FamilyBuilder unacknowledged("vigie_probe_alarm_open",
                               "1 while an effect of a seeded suggestion is not acknowledged.");
  for (const engine::Plan& plan : state.plans) {
    const Labels labels = {{"organisation", plan.committed->organisation_id()},
                           {"system", plan.plan().system_id()},
                           {"plan", plan.plan().plan_id()}};
    applied.Add(labels, static_cast<double>(plan.view.applied_count()));
    unacknowledged.Add(labels, plan.view.applied_position() != 0 ? 1 : 0);
  }
  FamilyBuilder drawn("vigie_audit_drawn_decisions", "Decisions of a draw.");
  FamilyBuilder returned("vigie_audit_returned_truths", "Truths of a draw that came back.");
  for (const engine::Draw& draw : state.draws) {
    const Labels labels = {{"organisation", draw.drawn->organisation_id()},
                           {"draw", draw.draw().draw_id()}};
    int64_t sampled = 0;
    for (const auto& stratum : draw.draw().strata()) sampled += stratum.sample_count();
    drawn.Add(labels, static_cast<double>(sampled));
    int64_t back = 0;
    for (const int64_t count : draw.returned) back += count;
    returned.Add(labels, static_cast<double>(back));
  }
  for (FamilyBuilder* family : {&applied, &unacknowledged, &drawn, &returned}) {
    families.push_back(family->Take());
  }
  families.push_back(One("vigie_change_alarms_open", "Change alarms that are not acknowledged.",
                         static_cast<double>(state.open_alarms.size())));
  families.push_back(One("vigie_change_detectors", "Detectors of change that watch.",
                         static_cast<double>(state.detector_count)));
}

void AddPolicy(const vigie::store::v1::PolicyEpoch& epoch, int64_t now_ms,
               std::vector<Family>& families) {
  const auto& policy = epoch.activated().policy();
  FamilyBuilder info("vigie_policy_info", "The policy in force.");
  info.Add({{"id", policy.id()},
            {"version", policy.version()},
            {"sha256", policy::HexSha256(epoch.activated().sha256())}},
           1);
  families.push_back(info.Take());
  absl::CivilDay review;
  double review_seconds = 0;
  if (absl::ParseCivilTime(policy.review_by(), &review)) {
    review_seconds =
        static_cast<double>(absl::ToUnixSeconds(absl::FromCivil(review + 1, absl::UTCTimeZone())));
  }
  families.push_back(One("vigie_policy_review_timestamp_seconds",
                         "When the review of the policy is overdue.", review_seconds));
  families.push_back(One("vigie_policy_expired", "1 when the review of the policy is overdue.",
                         policy::IsExpired(policy, now_ms) ? 1 : 0));
}

void AddRetention(engine::Engine& engine, std::vector<Family>& families) {
  families.push_back(One("vigie_log_oldest_record_timestamp_seconds",
                         "When the oldest block still in the log was recorded; 0 = it has none.",
                         Seconds(engine.retention().OldestRecordMs())));
  families.push_back(One("vigie_log_purged_before_timestamp_seconds",
                         "What was recorded before was purged; 0 = nothing was.",
                         Seconds(engine.retention().purged().before_ms())));
}

void AddDisk(const engine::Engine& engine, std::vector<Family>& families) {
  const store::DiskReserve& disk = engine.disk();
  families.push_back(One("vigie_disk_free_bytes",
                         "Free on the disk of the data directory, for the daemon's user.",
                         static_cast<double>(disk.free_bytes())));
  families.push_back(One("vigie_disk_reserve_bytes",
                         "Kept free by the configuration: below it new work is refused.",
                         static_cast<double>(disk.reserve_bytes())));
  families.push_back(One("vigie_disk_reserve_reached", "1 while new work is refused for it.",
                         disk.reached() ? 1 : 0));
  const engine::ScrubThread::Progress scrub = engine.scrub_progress();
  FamilyBuilder scrubbed("vigie_scrub_bytes_total",
                         "Stored bytes read again since the start and found whole.",
                         prometheus::MetricType::Counter);
  scrubbed.Add({}, static_cast<double>(scrub.bytes));
  families.push_back(scrubbed.Take());
  families.push_back(One("vigie_scrub_finished_timestamp_seconds",
                         "When everything stored was last read again; 0 = not since the start.",
                         Seconds(scrub.finished_ms)));
}

void AddBuild(std::vector<Family>& families) {
  FamilyBuilder build("vigie_build_info", "The build that runs.");
  build.Add({{"version", kVersion}, {"commit", kCommit}}, 1);
  families.push_back(build.Take());
  FamilyBuilder lines("vigie_log_lines_total", "Log lines written, by level.",
                      prometheus::MetricType::Counter);
  for (const auto& [level, label] :
       {std::pair(base::Level::kInfo, "info"), std::pair(base::Level::kWarn, "warn"),
        std::pair(base::Level::kError, "error")}) {
    lines.Add({{"level", label}}, static_cast<double>(base::LogLineCount(level)));
  }
  families.push_back(lines.Take());
}

}  // namespace

std::vector<Family> StateMetrics::Collect() const {
  std::vector<Family> families;
  std::vector<vigie::store::v1::SourceView> sources;
  std::vector<vigie::store::v1::SystemView> systems;
  engine_->published().Read([&](const PublishedState& state) {
    AddLog(state, families);
    AddMeasures(state, families);
    sources = state.sources;
    systems = state.systems;
    if (!state.epochs.empty()) AddPolicy(state.epochs.back(), clock_->NowMs(), families);
  });
  AddSources(sources, daemon_, families);
  AddSystems(systems, families);
  AddBuild(families);
  AddDisk(*engine_, families);
  AddRetention(*engine_, families);
  families.push_back(One("vigie_ingest_queued_events", "Events that wait for the sequencer.",
                         static_cast<double>(engine_->sequencer().QueuedEvents())));
  families.push_back(One("vigie_ready", "1 when the daemon serves.", daemon_.ready() ? 1 : 0));
  families.push_back(One("vigie_start_catch_up_seconds",
                         "Time that catching the views up from the log took at the start.",
                         Seconds(engine_->catch_up().duration_ms)));
  return families;
}

}  // namespace vigie::metrics
