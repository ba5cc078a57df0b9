# SPDX-License-Identifier: Apache-2.0
"""How many events a second, at what cost, and how long an acknowledgement takes."""

from servers import BareProbe, Postgres, Vigied, remove, run_json
from table import progress

POSTGRES_RATIO = 4
PROBE_RATIO = 0.5
UNARY_RATE = 1_000
SECONDS = 15


def require_recorded(figures):
    if figures["unrecorded"]:
        raise RuntimeError(f"{figures['unrecorded']} events were duplicates or refused")
    return figures


def load(arguments, target, events, **options):
    """Runs ingest_load; what it printed."""
    return require_recorded(run_json(
        arguments.bin / "ingest_load", f"--server={target}", f"--events={events}",
        f"--streams={arguments.streams}", f"--batch={arguments.batch}",
        f"--interleave={arguments.interleave}",
        *(f"--{name}={value}" for name, value in options.items())))


def load_postgres(arguments, postgres, events, *options):
    return require_recorded(run_json(
        arguments.bin / "postgres_load", f"--database={postgres.database}", "--create",
        f"--events={events}", f"--streams={arguments.postgres_connections}",
        f"--batch={arguments.batch}", f"--interleave={arguments.interleave}", *options))


def one_rate(name, server, send):
    """Events a second of one server, and its processor seconds per million from ready to end.

    To its end, because what it left in memory is written then, and PostgreSQL's processes are only
    counted once they ended.
    """
    with server:
        before = server.cpu_seconds()
        figures = send(server)
    figures["server"] = (server.cpu_seconds_in_all - before) * 1e6 / figures["events"]
    remove(server.directory)
    progress(f"{name}: {figures['events_per_second']:,} events/s, processor seconds per million: "
             f"server {figures['server']:.2f}, "
             f"generator {figures['generator_cpu_seconds_per_million']:.2f}")
    return figures


def measure_rates(arguments, work, table):
    """All servers within each repetition, so that their ratios are of one time.

    The gate is PostgreSQL doing what vigied does with an event that comes again: leave it out. A
    COPY, which is faster, fails as a whole; its figures stand beside.
    """
    runs = []
    for _ in range(arguments.repetitions):
        runs.append({
            "vigied": one_rate("vigied", Vigied(arguments.bin, work / "vigied"),
                               lambda server: load(arguments, server.target, arguments.events)),
            "probe": one_rate("bare probe",
                              BareProbe(arguments.bin, work / "probe", arguments.batch),
                              lambda server: load(arguments, server.target, arguments.events)),
            "insert": one_rate("PostgreSQL, idempotent", Postgres(work / "insert"),
                               lambda server: load_postgres(arguments, server, arguments.events,
                                                            "--idempotent")),
            "copy": one_rate("PostgreSQL, COPY", Postgres(work / "copy"),
                             lambda server: load_postgres(arguments, server, arguments.events)),
        })

    def each(server, figure):
        return [run[server][figure] for run in runs]

    def ratios(peer):
        return [mine / other for mine, other in zip(each("vigied", "events_per_second"),
                                                    each(peer, "events_per_second"))]

    median = table.add("events/s acknowledged, vigied", each("vigied", "events_per_second"))
    table.add("events/s acknowledged, PostgreSQL 15, idempotent",
              each("insert", "events_per_second"))
    table.add("events/s acknowledged, PostgreSQL 15, COPY", each("copy", "events_per_second"))
    table.add("events/s acknowledged, bare probe", each("probe", "events_per_second"))
    table.add("vigied : PostgreSQL, idempotent", ratios("insert"), ",.2f", least=POSTGRES_RATIO)
    table.add("vigied : PostgreSQL, COPY", ratios("copy"), ",.2f")
    table.add("vigied : bare probe", ratios("probe"), ",.2f", least=PROBE_RATIO)
    for name, server in (("vigied", "vigied"), ("PostgreSQL, idempotent", "insert"),
                         ("PostgreSQL, COPY", "copy"), ("bare probe", "probe")):
        table.add(f"processor seconds per million events, {name}", each(server, "server"), ",.2f")
    table.add("  of the generator, against vigied",
              each("vigied", "generator_cpu_seconds_per_million"), ",.2f")
    return median


def half_of_maximum(arguments, work):
    figures = one_rate("vigied", Vigied(arguments.bin, work / "maximum"),
                       lambda server: load(arguments, server.target, arguments.events))
    return figures["events_per_second"] / 2


def measure_latencies(arguments, work, table, half):
    """Latencies at half of the maximum, and of unary calls. Half of the maximum."""
    half = half or half_of_maximum(arguments, work)
    streams, unary = [], []
    for _ in range(arguments.repetitions):
        with Vigied(arguments.bin, work / "latency") as server:
            streams.append(load(arguments, server.target, int(half * SECONDS), rate=half))
        remove(work / "latency")
        with Vigied(arguments.bin, work / "unary") as server:
            unary.append(run_json(arguments.bin / "call_load", f"--server={server.target}",
                                  "--method=record", f"--rate={UNARY_RATE}",
                                  f"--seconds={SECONDS}"))
        remove(work / "unary")
        progress(f"acknowledged within {streams[-1]['acknowledge_p99_ms']:.2f} ms (p99), "
                 f"RecordEvents within {unary[-1]['call_p99_ms']:.2f} ms")
    for rank in ("p50", "p99", "p999"):
        table.add(f"acknowledgement at {half:,.0f} events/s, {rank}, ms",
                  [run[f"acknowledge_{rank}_ms"] for run in streams], ",.2f")
    for rank in ("p50", "p99"):
        table.add(f"RecordEvents at {UNARY_RATE:,} calls/s, {rank}, ms",
                  [run[f"call_{rank}_ms"] for run in unary], ",.2f")
    return half
