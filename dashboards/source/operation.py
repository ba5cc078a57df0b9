# SPDX-License-Identifier: Apache-2.0
"""The rows on what verdicts depend on: sources, the daemon, the policy."""

from panels import (BLUE, GREY, ORANGE, SKY, VERMILION, daemon, override, panel, query, stat, steps,
                    table, timeseries, words)

SILENT_SECONDS = 4 * 3600  # As in the alert VigieSourceSilent.
YES_NO = words((1, "Yes", SKY), (0, "No", ORANGE))
TEXT = {"type": "color-text"}


def source_row():
    last_event = daemon("vigie_source_last_event_timestamp_seconds")

    def each(metric):
        return f"max by (source) ({daemon(metric)})"

    sources = table(
        "Sources",
        "Every source that ever sent events. Grade says what it can show, from 1 (only the act) "
        "to 5 (also the evidence opened); a low grade leaves decisions undetermined. A source that "
        "did not declare itself is believed only for the act.",
        [("Silent for", f"time() - max by (source) ({last_event} > 0)"),
         ("Connected", each("vigie_source_connected")),
         ("Declared", each("vigie_source_declared")),
         ("Grade", each("vigie_source_grade")),
         ("Lag", each("vigie_source_lag_seconds")),
         ("Clock skew", each("vigie_source_clock_skew_seconds")),
         ("Events lost", each("vigie_source_lost_events"))],
        [("source", "Source")],
        overrides=[override("Silent for", unit="s", custom_cellOptions=TEXT,
                            thresholds=steps(BLUE, (SILENT_SECONDS, ORANGE))),
                   override("Connected", mappings=YES_NO),
                   override("Declared", mappings=YES_NO),
                   override("Grade", mappings=words((1, "1 act", ORANGE), (2, "2 shown", GREY),
                                                    (3, "3 opened", GREY),
                                                    (4, "4 active time", SKY),
                                                    (5, "5 evidence", BLUE))),
                   override("Lag", unit="s"), override("Clock skew", unit="s"),
                   override("Events lost", thresholds=steps(BLUE, (1, ORANGE)),
                            custom_cellOptions=TEXT)])
    systems = table(
        "AI systems in use",
        "Every AI system seen in events. One that is not in the register is used without having "
        "been declared: a finding by itself. Stopped: the stop function is in force.",
        [("In the register", f"max by (organisation, system) ({daemon('vigie_system_declared')})"),
         ("Stopped", f"max by (organisation, system) ({daemon('vigie_system_stopped')})"),
         ("Shown while stopped",
          "max by (organisation, system) "
          f"({daemon('vigie_system_shown_while_stopped_suggestions')})")],
        [("organisation", "Organisation"), ("system", "AI system")],
        overrides=[override("In the register", mappings=YES_NO),
                   override("Stopped", mappings=words((1, "Stopped", VERMILION),
                                                      (0, "In use", BLUE))),
                   override("Shown while stopped", thresholds=steps(BLUE, (1, VERMILION)),
                            custom_cellOptions=TEXT)])
    return ("Sources and AI systems", [
        (4, [(6, stat("Silent sources",
                      "Declared sources that recorded nothing for four hours. What they would "
                      "report is missing, not absent.", "none",
                      f"sum((time() - {last_event} > bool {SILENT_SECONDS}) * "
                      f"{daemon('vigie_source_declared')})",
                      thresholds=steps(BLUE, (1, ORANGE)), color_mode="background")),
             (6, stat("Sources connected", "Sources with a live stream.", "none",
                      f"sum({daemon('vigie_source_connected')})")),
             (6, stat("Sources undeclared",
                      "Sources that send events without having said what they can send.", "none",
                      f"sum({daemon('vigie_source_declared')} == bool 0)",
                      thresholds=steps(BLUE, (1, ORANGE)))),
             (6, stat("AI systems undeclared",
                      "AI systems that people use and that are not in the register.", "none",
                      f"sum({daemon('vigie_system_declared')} == bool 0)",
                      thresholds=steps(BLUE, (1, VERMILION))))]),
        (8, [(14, sources), (10, systems)]),
        (8, [(24, timeseries(
            "Lag of sources",
            "Time between what happened and its receipt, by the last event of each source. A lag "
            "that grows means that an outbox fills up at the source.", "s",
            [query(f"max by (source) ({daemon('vigie_source_lag_seconds')})", "{{source}}")]))]),
    ])


def quantiles(metric, *ranks):
    return [query(f"histogram_quantile({rank}, sum by (le) "
                  f"(rate({daemon(metric + '_bucket')}[$__rate_interval])))",
                  f"{rank * 100:g} % within") for rank in ranks]


def per_second(metric, by, legend):
    return query(f"sum by ({by}) (rate({daemon(metric)}[$__rate_interval]))", legend)


def ingest_row():
    return ("Ingest and log", [
        (8, [(8, timeseries(
            "Events by fate",
            "Events received a second: recorded, recognised as duplicate, or refused. A refused "
            "event is kept in quarantine with the reason.", "eps",
            [per_second("vigie_ingest_events_total", "door, fate", "{{door}} {{fate}}")],
            minimum=0)),
             (8, timeseries(
                 "Events refused, by reason",
                 "What is wrong with events that are refused. Mend the source, then offer them "
                 "again from quarantine.", "eps",
                 [per_second("vigie_ingest_refused_events_total", "reason", "{{reason}}")],
                 minimum=0)),
             (8, timeseries(
                 "Receipt to durable acknowledgement",
                 "How long a batch waits until it is safely on disk and acknowledged.", "s",
                 quantiles("vigie_ingest_acknowledge_seconds", 0.5, 0.99), minimum=0))]),
        (8, [(8, timeseries(
            "Synced write of the log", "How long one write to the disk takes, sync included.", "s",
            quantiles("vigie_log_write_seconds", 0.5, 0.99), minimum=0)),
             (8, timeseries(
                 "Turn of the sequencer",
                 "How long one turn takes: number, write, fold, acknowledge.", "s",
                 quantiles("vigie_sequencer_turn_seconds", 0.5, 0.99), minimum=0)),
             (8, timeseries(
                 "Events in a turn",
                 "How many events share one synced write. More under load is as it should be.",
                 "none", quantiles("vigie_sequencer_turn_events", 0.5, 0.99), minimum=0))]),
        (8, [(8, timeseries(
            "Waiting and turned away",
            "Events that wait for the sequencer, live streams, open decisions, and calls a second "
            "that were told to come back because the queue was full.", "none",
            [query(f"sum({daemon('vigie_ingest_queued_events')})", "events waiting"),
             query(f"sum({daemon('vigie_ingest_streams')})", "live streams"),
             query(f"sum({daemon('vigie_decisions_open')})", "open decisions"),
             query(f"sum(rate({daemon('vigie_ingest_shed_total')}[$__rate_interval]))",
                   "calls turned away a second")], minimum=0)),
             (8, timeseries(
                 "Log position",
                 "Records that are safely in the log and in every answer, and those that the views "
                 "on disk include. A start folds the difference again.", "none",
                 [query(f"max by (instance) ({daemon('vigie_log_position')})", "{{instance}} log"),
                  query(f"max by (instance) ({daemon('vigie_view_position')})",
                        "{{instance}} views on disk")], minimum=0)),
             (8, timeseries(
                 "Quarantine",
                 "Refused events kept for correction, and those dropped because quarantine was "
                 "full: the latter are lost here and must come again from the source.", "none",
                 [query(f"sum({daemon('vigie_quarantine_events')})", "kept"),
                  query(f"sum({daemon('vigie_quarantine_dropped_events')})", "dropped")],
                 minimum=0))]),
        (8, [(12, timeseries(
            "Room on the disk",
            "Free bytes on the disk of the data directory, and the reserve below which nothing new "
            "is recorded.", "bytes",
            [query(f"min by (instance) ({daemon('vigie_disk_free_bytes')})", "{{instance}} free"),
             query(f"max by (instance) ({daemon('vigie_disk_reserve_bytes')})",
                   "{{instance}} reserve")], minimum=0)),
             (12, timeseries(
                 "Read again",
                 "Stored bytes read again a second to find damage; nothing while it rests between "
                 "two rounds.", "Bps",
                 [query(f"rate({daemon('vigie_scrub_bytes_total')}[$__rate_interval])",
                        "{{instance}}")], minimum=0))]),
    ])


def daemon_row():
    ready = words((1, "Ready", BLUE), (0, "Not ready", VERMILION))
    return ("Daemon", [
        (4, [(6, stat("Ready",
                      "Whether every daemon accepts events and answers questions.", "none",
                      f"min({daemon('vigie_ready')})", mappings=ready,
                      thresholds=steps(VERMILION, (1, BLUE)), color_mode="background")),
             (6, stat("Running for", "Time since the youngest daemon started.", "s",
                      f"min(time() - {daemon('process_start_time_seconds')})")),
             (6, stat("Catching up at start",
                      "How long the last start took to catch up with the log.", "s",
                      f"max({daemon('vigie_start_catch_up_seconds')})")),
             (6, stat("Last log block",
                      "Time since something was last written to the log.", "s",
                      f"time() - max({daemon('vigie_log_recorded_timestamp_seconds')})"))]),
        (8, [(8, timeseries(
            "Processor", "Processors in use; 1 is one processor fully busy.", "none",
            [query(f"rate({daemon('process_cpu_seconds_total')}[$__rate_interval])",
                   "{{instance}}")], minimum=0)),
             (8, timeseries(
                 "Memory", "Resident memory of the daemon.", "bytes",
                 [query(daemon("process_resident_memory_bytes"), "{{instance}}")], minimum=0)),
             (8, timeseries(
                 "Files and threads", "Open file descriptors and threads: both should stay flat.",
                 "none",
                 [query(daemon("process_open_fds"), "{{instance}} open files"),
                  query(daemon("process_threads"), "{{instance}} threads")], minimum=0))]),
        (8, [(8, timeseries(
            "Calls by code", "gRPC calls a second by method and code.", "reqps",
            [per_second("grpc_server_handled_total", "grpc_service, grpc_method, grpc_code",
                        "{{grpc_method}} {{grpc_code}}")], minimum=0)),
             (8, timeseries(
                 "Length of calls",
                 "99 % of the calls of each method take at most this long. Streams count from "
                 "start to end.", "s",
                 [query("histogram_quantile(0.99, sum by (le, grpc_method) (rate("
                        f"{daemon('grpc_server_handling_seconds_bucket')}[$__rate_interval])))",
                        "{{grpc_method}}")], minimum=0)),
             (8, timeseries(
                 "Log lines by level",
                 "Lines the daemon writes a second. An error line means that someone must act or "
                 "that something was lost.", "cps",
                 [per_second("vigie_log_lines_total", "level", "{{level}}")],
                 overrides=[override(level, color={"mode": "fixed", "fixedColor": color})
                            for level, color in (("info", GREY), ("warn", ORANGE),
                                                 ("error", VERMILION))], minimum=0))]),
    ])


def policy_row():
    policy = table(
        "Policy in force",
        "The policy behind every verdict on this page, by its SHA-256. All thresholds are the "
        "policy's, not the law's.",
        [(None, f"max by (instance, id, version, sha256) ({daemon('vigie_policy_info')})")],
        [("instance", "Daemon"), ("id", "Policy"), ("version", "Version"), ("sha256", "SHA-256")])
    build = table(
        "Build", "Which build of vigied runs.",
        [(None, f"max by (instance, version, commit) ({daemon('vigie_build_info')})")],
        [("instance", "Daemon"), ("version", "Version"), ("commit", "Commit")])
    review = panel(
        "stat", "Review due", "When the body that approved the policy has to look at it again.",
        "dateTimeAsIso",
        [query(f"min({daemon('vigie_policy_review_timestamp_seconds')}) * 1000", "Review due",
               instant=True)],
        options={"colorMode": "value", "graphMode": "none", "justifyMode": "auto",
                 "textMode": "value", "wideLayout": True, "orientation": "auto",
                 "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}})
    expired = stat("Policy expired", "Whether the review date has passed. Verdicts go on, marked.",
                   "none", f"max({daemon('vigie_policy_expired')})",
                   mappings=words((1, "Expired", VERMILION), (0, "Current", BLUE)),
                   thresholds=steps(BLUE, (1, VERMILION)), color_mode="background")
    return ("Policy and build", [
        (6, [(4, review), (4, expired), (10, policy), (6, build)]),
    ])


def rows():
    return [source_row(), ingest_row(), daemon_row(), policy_row()]
