# SPDX-License-Identifier: Apache-2.0
"""A feed that writes down what was acknowledged, and the count of what became of it.

VIGIED, VIGIE and ACKNOWLEDGED_FEED in the environment name the programs. VIGIE_FULL=1 asks for the
long form of a test; VIGIE_FAULT_SEED for another seed; VIGIE_FAULT_ROWS names a directory for the
rows of the table that fault/table.py prints.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
# pylint: disable=wrong-import-position
from processes import (ROOT, DaemonTest, Failure, get, main, run, vigie, vigie_json, vigied,
                       wait_until)
from running import Process

__all__ = ["SOURCES", "Failure", "FaultTest", "Feed", "Toll", "count", "exported", "figures",
           "fsck", "full", "get", "main", "pause", "read_journal", "run", "seed", "vigie",
           "vigie_json", "vigied", "wait_until"]

SOURCES = 4
DECISION_EVENTS = 6  # Of tests/fault/numbered_event.h.
UNACKNOWLEDGED_EVENTS = 8 * 512  # What a stream may have in flight, in the largest batches.
HISTORY_MS = 30 * 24 * 3600 * 1000
POSITION = re.compile(rb'^\{"position":"(\d+)"')
EVENT_ID = re.compile(rb',"event":\{"eventId":"([^"]+)"')


def full():
    """Whether the long form is asked for."""
    return os.environ.get("VIGIE_FULL") == "1"


def seed():
    """Of every random choice; printed, so that a failure can be had again."""
    chosen = int(os.environ.get("VIGIE_FAULT_SEED", "20261122"))
    print(f"seed {chosen}", flush=True)
    return chosen


def pause(seconds):
    """Lets a random moment pass: nothing is expected to have happened after it."""
    threading.Event().wait(seconds)


class Toll(collections.namedtuple("Toll", "acknowledged lost duplicated recorded")):
    """Events acknowledged; those of them not in the log; those in it more than once; in the log."""


class Feed(Process):
    """tests/fault/acknowledged_feed.cc at work. `options` are its own, with _ for -."""

    def __init__(self, daemon, journal, log_file, start_ms, **options):
        arguments = [os.environ["ACKNOWLEDGED_FEED"], daemon.grpc, "--journal", journal,
                     "--start-ms", start_ms]
        for name, value in ({"sources": SOURCES} | options).items():
            arguments.append("--" + name.replace("_", "-"))
            if value is not True:
                arguments.append(value)
        super().__init__(arguments, log_file)

    def result(self, seconds=600):
        """(exit code, the JSON object it printed), once it has ended."""
        code = self._child.wait(timeout=seconds)
        lines = [line for line in self.log().splitlines() if line.startswith("{")]
        if code not in (0, 1, 3) or not lines:
            raise Failure(f"{self.name} ended with {code}: {self.log()[-2000:]}")
        return code, json.loads(lines[-1])


def read_journal(path):
    """{source: last sequence acknowledged}, from a file that may not be there yet."""
    last = {}
    if pathlib.Path(path).exists():
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                source, _, sequence, _ = line.split()
                last[source] = max(last.get(source, 0), int(sequence))
    return last


def exported(daemon):
    """Every recorded event's id, in the order of the log; fails where a position is missing."""
    with subprocess.Popen([os.environ["VIGIE"], "--server", daemon.grpc, "export"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        want = 1
        for line in child.stdout:
            if int(POSITION.match(line)[1]) != want:
                raise Failure(f"export: want position {want}, got {line[:60]}")
            want += 1
            event = EVENT_ID.search(line)
            if event and b'"record":{"event":' in line[:100]:
                yield event[1].decode()
    if child.returncode != 0:
        raise Failure(f"vigie export: exit {child.returncode}")


def count(daemon, journal):
    """The toll. Fails where a source's recorded events are no gap-free prefix of what it sent."""
    times = collections.Counter(exported(daemon))
    recorded = collections.defaultdict(set)
    for event_id in times:
        source, sequence = event_id.rsplit(".", 1)
        recorded[source].add(int(sequence))
    for source, sequences in recorded.items():
        if max(sequences) != len(sequences):
            raise Failure(f"{source}: {len(sequences)} events recorded, last {max(sequences)}")
    acknowledged = read_journal(journal)
    lost = sum(max(last - len(recorded[source]), 0) for source, last in acknowledged.items())
    return Toll(acknowledged=sum(acknowledged.values()), lost=lost,
                duplicated=sum(times.values()) - len(times), recorded=sum(times.values()))


def figures(daemon):
    """What the views say, without what depends on when it was said."""
    summary = vigie_json(daemon, "summary")
    scopes = vigie_json(daemon, "scopes")["scopes"]
    return {
        "summary": {name: summary.get(name) for name in ("coverage", "degrees", "indicators")},
        "closed": sorted((json.dumps(row["scope"], sort_keys=True), row["closedCount"])
                         for row in scopes),
    }


def fsck(data_dir):
    """What `vigie fsck` says of the directory of a daemon that has stopped: (exit code, words)."""
    done = run([os.environ["VIGIE"], "fsck", data_dir], seconds=600)
    return done.returncode, done.stdout + done.stderr


class FaultTest(DaemonTest):
    """A test whose journal lies on another file system than the daemon's data, where there is one.

    One feed is sent in many pieces: a later one goes on after the last acknowledgement.
    """

    def setUp(self):
        super().setUp()
        memory = pathlib.Path("/dev/shm")
        # pylint: disable-next=consider-using-with
        aside = tempfile.TemporaryDirectory(prefix="vigie-journal-",
                                            dir=memory if os.access(memory, os.W_OK) else None)
        self.addCleanup(aside.cleanup)
        self.aside = pathlib.Path(aside.name)
        self.journal = self.aside / "journal"
        self.start_ms = int(time.time() * 1000) - HISTORY_MS
        self._feeds = 0

    def config(self, **limits):
        """A configuration file with these limits; otherwise a small block cache and no reserve."""
        limits = {"block_cache_bytes": 16 << 20, "disk_reserve_bytes": 0} | limits
        lines = [f"policy_file: {ROOT / 'config/policies/baseline.yaml'}",
                 "insecure_listener: true", "limits:"]
        lines += [f"  {name}: {value}" for name, value in limits.items()]
        path = self.directory / f"vigied-{'-'.join(map(str, limits.values()))}.yaml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def feed(self, daemon, journal=None, **options):
        self._feeds += 1
        feed = Feed(daemon, journal or self.journal, self.aside / f"feed-{self._feeds}.log",
                    self.start_ms, **options)
        self.addCleanup(feed.stop)
        return feed

    def acknowledged(self):
        """Events acknowledged so far."""
        return sum(read_journal(self.journal).values())

    def wait_for_acknowledgements(self, feed, events=1):
        """Until so many more events are acknowledged."""
        before = self.acknowledged()

        def more():
            feed.require_alive()
            return self.acknowledged() >= before + events

        wait_until(f"{events} acknowledged events", more)

    def last_sequence(self):
        """An end for every source: beyond all that was sent, on the boundary of a decision."""
        sent = max(read_journal(self.journal).values(), default=0) + UNACKNOWLEDGED_EVENTS
        return (sent // DECISION_EVENTS + 1) * DECISION_EVENTS

    def complete(self, daemon):
        """Sends the rest of the feed and closes every decision; the sequence of the end."""
        last = self.last_sequence()
        code, result = self.feed(daemon, last_sequence=last, close=True, batch=256).result()
        self.assertEqual((code, result["lost"]), (0, 0), result)
        self.assertEqual(self.acknowledged(), SOURCES * last)
        return last

    def require_sound(self, daemon):
        """Stops it; its log is whole, and its views are what a fresh fold of the log gives."""
        self.assertEqual(daemon.stop(), 0)
        code, words = fsck(daemon.data_dir)
        self.assertEqual(code, 0, words)

    def require_nothing_lost(self, daemon, name, rounds):
        """Completes the feed, and holds the log against it; the last sequence of each source."""
        last = self.complete(daemon)
        toll = count(daemon, self.journal)
        self.row(name, rounds, toll)
        self.assertEqual((toll.lost, toll.duplicated), (0, 0), toll)
        self.assertEqual(toll.recorded, SOURCES * last)
        return last

    def require_figures_as_undisturbed(self, daemon, last):
        """A daemon to which nothing happened says the same of the same events."""
        other = self.start("undisturbed")
        journal = self.aside / "undisturbed"
        self.assertEqual(
            self.feed(other, journal, last_sequence=last, close=True, batch=256).result()[0], 0)
        self.assertEqual(figures(daemon), figures(other))
        self.assertEqual(other.stop(), 0)

    def row(self, name, rounds, toll, control=False):
        """Prints a row, and keeps it for the table."""
        row = {"fault": name, "rounds": rounds, "acknowledged": toll.acknowledged,
               "lost": toll.lost, "duplicated": toll.duplicated, "control": control}
        print(json.dumps(row), flush=True)
        if "VIGIE_FAULT_ROWS" in os.environ:
            place = pathlib.Path(os.environ["VIGIE_FAULT_ROWS"])
            place.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^a-z0-9]+", "-", name.lower())
            (place / f"{name}.json").write_text(json.dumps(row), encoding="utf-8")

    def require_sentence(self, daemon):
        """What it says last: one sentence for the operator."""
        last = daemon.log().strip().splitlines()[-1]
        self.assertTrue(last.startswith("vigied: "), daemon.log()[-2000:])
        return last
