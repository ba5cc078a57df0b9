# SPDX-License-Identifier: Apache-2.0
"""Clients that nobody would write, each beside an ordinary feed that must not notice.

python3 awkward_test.py, with the environment of fault/acknowledged.py; AWKWARD_CLIENT names
overload/awkward_client.cc.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
from measured import MIB, sample, status_number
from acknowledged import SOURCES, FaultTest, Failure, count, main, vigie

YEAR_MS = 365 * 24 * 3600 * 1000
EVENTS = 6_000  # Of each source of the ordinary feed.
STREAMS = 1000
WATCHERS = 64  # kMaxWatchers.
MEMORY_BYTES = 256 * MIB  # That any of them may cost.


class Awkward:
    """One awkward client, held where it is most awkward."""

    def __init__(self, daemon, start_ms, *words):
        # pylint: disable-next=consider-using-with
        self._child = subprocess.Popen(
            [os.environ["AWKWARD_CLIENT"], daemon.grpc, str(start_ms), *map(str, words)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_holding(self):
        line = self._child.stdout.readline()
        if line != "holding\n":
            raise Failure(f"want holding, got {line!r}; exit {self._child.wait(timeout=60)}")

    def end(self):
        """What it saw."""
        out, _ = self._child.communicate("\n", timeout=300)
        if self._child.returncode != 0:
            raise Failure(f"exit {self._child.returncode}: {out}")
        return json.loads(out)

    def stop(self):
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()


class AwkwardClients(FaultTest):
    """Beside each, an ordinary feed is acknowledged to its end, and the log holds it once."""

    def beside(self, *words):
        """(what the client saw, the daemon), once the ordinary feed has come to its end."""
        daemon = self.start(config=self.config())
        # A watcher needs something to be told.
        self.feed(daemon, self.aside / "first", prefix="first", last_sequence=600,
                  close=True).result()
        before = status_number(daemon.pid, "VmRSS") * 1024
        client = Awkward(daemon, self.start_ms, *words)
        self.addCleanup(client.stop)
        client.wait_holding()
        code, result = self.feed(daemon, last_sequence=EVENTS, batch=256).result()
        self.assertEqual((code, result["acknowledged"]), (0, SOURCES * EVENTS), result)
        found = sample(daemon, time.monotonic())
        self.assertEqual(vigie(daemon, "summary").returncode, 0)
        seen = client.end()
        print(f"{words[0]}: {json.dumps(seen)}; ordinary acknowledgements p99 "
              f"{result['windows'][0]['p99_ms']:.0f} ms; {found.threads} threads, "
              f"{found.descriptors} descriptors, {(found.rss_bytes - before) / MIB:+.0f} MiB",
              flush=True)
        self.assertLess(found.rss_bytes - before, MEMORY_BYTES)
        return seen, daemon

    def require_unharmed(self, daemon):
        toll = count(daemon, self.journal)
        self.assertEqual((toll.lost, toll.duplicated), (0, 0), toll)
        self.assertEqual(daemon.stop(), 0)

    def test_a_thousand_streams_at_once_are_all_acknowledged(self):
        seen, daemon = self.beside("crowd", STREAMS)
        self.assertEqual(seen, {"streams": STREAMS, "acknowledged": STREAMS * 6, "ended": STREAMS})
        self.require_unharmed(daemon)

    def test_a_stream_that_never_reads_is_not_read_from(self):
        seen, daemon = self.beside("deaf")
        self.assertTrue(seen["stuck"], seen)
        self.require_unharmed(daemon)

    def test_watchers_that_never_read_hold_nobody_up(self):
        seen, daemon = self.beside("watchers", WATCHERS + 1)
        self.assertEqual(seen, {"watchers": WATCHERS + 1, "refused": 1})
        self.require_unharmed(daemon)

    def test_a_clock_years_ahead_is_refused_and_years_behind_is_kept(self):
        seen, daemon = self.beside("clock", 3 * YEAR_MS)
        self.assertEqual((seen["refused"], seen["absurd"], seen["ended_well"]),
                         (seen["sent"], seen["sent"], True))
        behind = Awkward(daemon, self.start_ms, "clock", -3 * YEAR_MS)
        self.addCleanup(behind.stop)
        behind.wait_holding()
        seen = behind.end()
        self.assertEqual((seen["refused"], seen["ended_well"]), (0, True))
        self.require_unharmed(daemon)


if __name__ == "__main__":
    main()
