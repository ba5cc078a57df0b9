# SPDX-License-Identifier: Apache-2.0
"""Measures a release vigied beside PostgreSQL and beside a bare probe of transport and disk.

Called by run.sh, which installs and builds what is missing. Prints progress on standard error and
one table on standard output. Exits 1 when a gate is missed, and names it.
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from large_store import measure_large_store
from rates import measure_latencies, measure_rates
from table import Table


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="run.sh", description="Measures vigied beside PostgreSQL and a bare probe.")
    parser.add_argument("--quick", action="store_true",
                        help="only the rates, of 1,000,000 events, once")
    parser.add_argument("--no-gate", action="store_true", help="exit 0 also when a gate is missed")
    parser.add_argument("--repetitions", type=int, default=3, metavar="N")
    parser.add_argument("--streams", type=int, default=4, metavar="N",
                        help="streams, each one source with a connection of its own (default 4)")
    parser.add_argument("--postgres-connections", type=int, metavar="N",
                        help="connections to PostgreSQL (default: as many as streams)")
    parser.add_argument("--batch", type=int, default=512, metavar="N",
                        help="events in a batch (default 512)")
    parser.add_argument("--interleave", type=int, default=1, metavar="N",
                        help="decisions whose events are sent in turns (default 1)")
    parser.add_argument("--events", type=int, default=2_000_000, metavar="N",
                        help="events of one repetition of the rates (default 2,000,000)")
    parser.add_argument("--events-large", type=int, default=20_000_000, metavar="N",
                        help="events of the long run (default 20,000,000)")
    parser.add_argument("--decisions", type=int, default=10_000_000, metavar="N",
                        help="closed decisions in the large store (default 10,000,000)")
    parser.add_argument("--open-decisions", type=int, default=200_000, metavar="N",
                        help="open ones beside them (default 200,000)")
    parser.add_argument("--postgres-decisions", type=int, default=1_000_000, metavar="N",
                        help="decisions that PostgreSQL groups (default 1,000,000)")
    parser.add_argument("--stage", action="append", choices=["rates", "latencies", "large"],
                        help="only this one; may be given several times")
    parser.add_argument("--directory", metavar="DIR",
                        help="where to keep stores meanwhile (default: a temporary directory)")
    parser.add_argument("--bin", type=pathlib.Path, metavar="DIR", required=True,
                        help="programs to measure (default build/release/bin)")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.repetitions = 1
        arguments.events = 1_000_000
        arguments.stage = ["rates"]
    arguments.postgres_connections = arguments.postgres_connections or arguments.streams
    arguments.stage = arguments.stage or ["rates", "latencies", "large"]
    return arguments


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # Ends what was started, too.
    version = subprocess.run([arguments.bin / "vigied", "--version"], capture_output=True,
                             text=True, check=True).stdout.strip()
    table = Table(f"{version}, {os.cpu_count()} processors, {arguments.streams} streams, "
                  f"batches of {arguments.batch}; load generator on the same processors")
    with tempfile.TemporaryDirectory(prefix="vigie-benchmark-", dir=arguments.directory) as work:
        os.chmod(work, 0o711)  # PostgreSQL's user must reach its own directory.
        work = pathlib.Path(work)
        half = None
        if "rates" in arguments.stage:
            half = measure_rates(arguments, work, table) / 2
        if "latencies" in arguments.stage:
            half = measure_latencies(arguments, work, table, half)
        if "large" in arguments.stage:
            measure_large_store(arguments, work, table, half)
    print(table.text())
    missed = table.missed_gates()
    for gate in missed:
        print(f"gate missed: {gate}", file=sys.stderr)
    return 1 if missed and not arguments.no_gate else 0


if __name__ == "__main__":
    sys.exit(main())
