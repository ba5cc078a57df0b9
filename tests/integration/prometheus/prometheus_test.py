# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes a real vigied that a simulated hospital feeds.

VIGIED=.../vigied VIGIE=.../vigie python3 prometheus_test.py

Prints a line for each check; exits 1 when one does not hold, 0 otherwise.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from checks import CHECKS, Scene
from exposition import Page
from running import Daemon, Failure, Prometheus, get, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
SIMULATION = ["simulate", "--seed", "7", "--decisions", "4000", "--units", "6"]


def scrape_configuration(directory, target):
    """The shipped configuration, with this daemon as target and a scrape every second."""
    shipped = ROOT / "deploy/prometheus/prometheus.yml"
    text = shipped.read_text(encoding="utf-8")
    for old, new in (("127.0.0.1:9464", target), ("_interval: 15s", "_interval: 1s"),
                     ("../../dashboards", str(ROOT / "dashboards"))):
        if old not in text:
            raise Failure(f"{shipped}: no '{old}' to replace for the test")
        text = text.replace(old, new)
    path = directory / "prometheus.yml"
    path.write_text(text, encoding="utf-8")
    return path


def feed(vigie, daemon):
    done = subprocess.run([vigie, "--server", daemon.grpc, *SIMULATION], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise Failure(f"vigie {' '.join(SIMULATION)}: exit {done.returncode}:\n"
                      f"{done.stdout[-1000:]}{done.stderr[-1000:]}")


def measure(vigie, daemon, directory):
    """A plan and a draw, so that their series exist."""
    items = directory / "items.csv"
    items.write_text("decision_id,suggestion,truth\nplanted-1,A,B\n", encoding="utf-8")
    system = json.loads(run(vigie, daemon, "--output", "json", "systems"))["systems"][0]["system"]
    run(vigie, daemon, "probe", "commit", "plan-1", str(items), "--system", system["systemId"],
        "--ethics", "ref-1")
    run(vigie, daemon, "audit", "draw", "--fraction", "0.1", "--stratify", "unit")


def run(vigie, daemon, *arguments):
    done = subprocess.run([vigie, "--server", daemon.grpc, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise Failure(f"vigie {' '.join(arguments)}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def value(page, name):
    return next((number for series, _, number in page.samples if series == name), None)


def wait_scraped(daemon, prometheus):
    """Until Prometheus has seen twice what the daemon shows once everything is acknowledged."""
    position = value(Page(get(f"http://{daemon.http}/metrics")[1]), "vigie_log_position")
    if not position:
        raise Failure(f"after the simulation vigie_log_position is {position}")
    try:
        wait_until("Prometheus to have scraped it twice", lambda: prometheus.query(
            f"min_over_time(vigie_log_position[3s]) >= {position:.0f} "
            "and count_over_time(vigie_log_position[3s]) >= 2"))
    except Failure as failure:
        raise Failure(f"{failure}; it says: {prometheus.scrape_errors()}") from failure


def run_checks(scene):
    failed = 0
    for claim, check in CHECKS:
        try:
            print(f"ok    {claim} ({check(scene)})", flush=True)
        except (Failure, KeyError, ValueError) as failure:
            failed += 1
            print(f"FAIL  {claim}: {failure}", flush=True)
    return failed


def main():
    try:
        vigied, vigie = os.environ["VIGIED"], os.environ["VIGIE"]
    except KeyError as missing:
        print(f"set {missing} to the path of the program", file=sys.stderr)
        return 1
    for tool in ("prometheus", "promtool"):
        if not shutil.which(tool):
            print(f"{tool} is not installed; Debian's package prometheus has it", file=sys.stderr)
            return 1
    with tempfile.TemporaryDirectory(prefix="vigie-prometheus-") as name:
        directory = pathlib.Path(name)
        try:
            with Daemon(vigied, ROOT / "config/vigied.yaml", directory) as daemon:
                daemon.wait_ready()
                config = scrape_configuration(directory, daemon.http)
                with Prometheus("prometheus", config, directory) as prometheus:
                    prometheus.wait_ready()
                    feed(vigie, daemon)
                    measure(vigie, daemon, directory)
                    wait_scraped(daemon, prometheus)
                    failed = run_checks(Scene(ROOT, daemon, prometheus, vigie))
                if daemon.stop() != 0:
                    raise Failure(f"vigied did not stop cleanly:\n{daemon.log()[-2000:]}")
        except Failure as failure:
            print(f"FAIL  {failure}")
            return 1
    print(f"{len(CHECKS) - failed} of {len(CHECKS)} checks hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
