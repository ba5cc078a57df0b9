# SPDX-License-Identifier: Apache-2.0
"""What a store costs once it is large: events, memory, disk, answers, restart."""

import re
import subprocess
import threading
import time

from rates import half_of_maximum, load, load_postgres
from servers import Postgres, Vigied, remove, run_json, wait_until
from table import progress

EVENTS_PER_DECISION = 5.5
OPEN_EVENTS = 2  # Of a decision that is left open.
SMALL_EVENTS = 200_000
CALL_RATE = 100
SECONDS = 20
QUERIES = 100
IDLE_SECONDS = 2
LONGEST_MERGE_SECONDS = 300
# What a summary counts, of one system in one unit: decisions, examined ones, overridden ones.
GROUP_BY = """
SELECT count(*), count(*) FILTER (WHERE decided AND opened AND active_ms > 0),
       count(*) FILTER (WHERE outcome = 3)
FROM (SELECT bool_or(payload = 4) AS decided, bool_or(payload = 2) AS opened,
             sum(segment_length_ms) AS active_ms, max(outcome) AS outcome
      FROM event WHERE system_id = 'system-{system}' AND unit_id = 'unit-{unit:03}'
      GROUP BY decision_id) AS decision;
"""


def life_with(arguments, directory, events):
    """As one_rate, and the store stays."""
    with Vigied(arguments.bin, directory) as server:
        at_start = server.cpu_seconds()
        figures = load(arguments, server.target, events)
    figures["server"] = (server.cpu_seconds_in_all - at_start) * 1e6 / figures["events"]
    return figures


def wait_idle(server):
    """Waits until tables are merged: under 3 % of a processor. Returns the seconds it took."""
    began = time.monotonic()
    window = {"began": began, "cpu": server.cpu_seconds()}

    def rests():
        seconds = time.monotonic() - window["began"]
        if seconds < IDLE_SECONDS:
            return False
        used = server.cpu_seconds() - window["cpu"]
        window.update(began=time.monotonic(), cpu=server.cpu_seconds())
        return used < .03 * seconds

    wait_until("tables to be merged", rests, LONGEST_MERGE_SECONDS)
    return time.monotonic() - began


def calls(arguments, server, method):
    return run_json(arguments.bin / "call_load", f"--server={server.target}", f"--method={method}",
                    f"--rate={CALL_RATE}", f"--seconds={SECONDS}")


def summary_under_ingest(arguments, server, half):
    """GetSummary while events come at half of the maximum."""
    failed = []

    def ingest():
        try:
            load(arguments, server.target, int(half * (SECONDS + 5)), rate=half, seed=4)
        except Exception as error:  # pylint: disable=broad-exception-caught
            failed.append(error)

    thread = threading.Thread(target=ingest)
    thread.start()
    figures = calls(arguments, server, "summary")
    thread.join()
    if failed:
        raise failed[0]
    return figures


def measure_postgres(arguments, work, table):
    decisions = arguments.postgres_decisions
    with Postgres(work / "postgres") as postgres:
        load_postgres(arguments, postgres, int(decisions * EVENTS_PER_DECISION))
        postgres.sql("VACUUM ANALYZE event;")
        places = [{"system": i % 4, "unit": i % 200} for i in range(QUERIES)]
        printed = postgres.sql("\\timing on\n" + "".join(GROUP_BY.format(**place)
                                                         for place in places))
    remove(work / "postgres")
    times = sorted(float(found) for found in re.findall(r"^Time: ([0-9.]+) ms", printed, re.M))
    table.add(f"PostgreSQL, group-by of one place, {decisions:,} decisions, p50, ms",
              [times[len(times) // 2]], ",.1f")
    table.add(f"PostgreSQL, group-by of one place, {decisions:,} decisions, p99, ms",
              [times[int(.99 * (len(times) - 1))]], ",.1f")


def measure_large_store(arguments, work, table, half):
    half = half or half_of_maximum(arguments, work)
    small = []
    for _ in range(arguments.repetitions):
        small.append(life_with(arguments, work / "small", SMALL_EVENTS)["server"])
        remove(work / "small")
    progress(f"loading {arguments.events_large:,} events")
    place = work / "large"
    large = life_with(arguments, place, arguments.events_large)
    table.add(f"processor seconds per million, {SMALL_EVENTS:,} events", small, ",.2f")
    table.add(f"processor seconds per million, {arguments.events_large:,} events",
              [large["server"]], ",.2f")
    table.add("  ratio", [large["server"] / value for value in small], ",.2f")
    table.add(f"events/s acknowledged over {arguments.events_large:,} events",
              [large["events_per_second"]])

    decisions = arguments.decisions
    loaded = arguments.events_large
    with Vigied(arguments.bin, place) as server:
        rest = int(decisions * EVENTS_PER_DECISION) - loaded
        if rest > 0:
            progress(f"loading {rest:,} more events")
            loaded += load(arguments, server.target, rest, seed=2)["events"]
        loaded += load(arguments, server.target, arguments.open_decisions * OPEN_EVENTS, seed=3,
                       left_open="true")["events"]
        what = f"{decisions / 1e6:g} M closed and {arguments.open_decisions:,} open decisions"
        table.add(f"resident memory, MB, {what}", [server.resident_bytes() / 1e6])
        table.add("tables merged after, s", [wait_idle(server)], ",.0f")
        idle = calls(arguments, server, "summary")
        nothing = calls(arguments, server, "nothing")
        busy = summary_under_ingest(arguments, server, half)
    loaded += int(half * (SECONDS + 5))
    for name, figures in (("GetSummary, idle", idle), ("  a health check in its place", nothing),
                          (f"GetSummary, while {half:,.0f} events/s come", busy)):
        for rank in ("p50", "p99"):
            table.add(f"{name}, {rank}, ms", [figures[f"call_{rank}_ms"]], ",.2f")
    restarts = []
    for _ in range(arguments.repetitions):
        with Vigied(arguments.bin, place) as server:
            restarts.append(server.ready_seconds)
            resident = server.resident_bytes()
    table.add("restart to ready, s", restarts, ",.2f")
    table.add("resident memory after the restart, MB", [resident / 1e6])
    table.add("bytes on disk per event", [server.disk_bytes() / loaded], ",.1f")
    subprocess.run([arguments.bin / "compact_store", server.data_dir / "store"], check=True)
    table.add("bytes on disk per event, compacted", [server.disk_bytes() / loaded], ",.1f")
    remove(place)
    measure_postgres(arguments, work, table)
