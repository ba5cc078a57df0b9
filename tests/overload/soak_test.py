# SPDX-License-Identifier: Apache-2.0
"""A steady feed and steady questions for a long time: nothing grows.

python3 soak_test.py, with the environment of fault/acknowledged.py
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
from measured import MIB, sample_while, thirds
from acknowledged import FaultTest, full, main, vigie

SECONDS = 1800 if full() else 180
WINDOW_SECONDS = 60 if full() else 15
EVENTS_PER_SECOND = 6_000
SAMPLE_SECONDS = 2
# The first third is the warm-up. The last may exceed the second by this much.
DESCRIPTORS, THREADS, SERIES = 4, 2, 0
MEMORY_RATIO, MEMORY_BYTES = 1.10, 24 * MIB
# Of the last window's p99 to the first's, which counts as at least this long.
WAIT_RATIO, WAIT_MS = 10, 20
QUESTIONS = (("summary",), ("scopes",), ("sources",), ("decision", "feed-0-1"), ("decisions",),
             ("systems",), ("policy", "show"))


class Soak(FaultTest):
    """One daemon, one feed, one question with every sample."""

    def test_nothing_grows(self):
        daemon = self.start(config=self.config())
        feed = self.feed(daemon, events_per_second=EVENTS_PER_SECOND, seconds=SECONDS,
                         window_seconds=WINDOW_SECONDS)
        self.wait_for_acknowledgements(feed, 1000)

        def ask(number):
            words = QUESTIONS[number % len(QUESTIONS)]
            done = vigie(daemon, *words)
            self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")

        samples = sample_while(daemon, lambda: not feed.has_ended(), SAMPLE_SECONDS, ask)
        code, result = feed.result()
        self.assertEqual((code, result["lost"], result["shed"]), (0, 0, 0), result)
        windows = result["windows"][:SECONDS // WINDOW_SECONDS]
        print("acknowledgement p99 per window, ms:",
              " ".join(f"{window['p99_ms']:.1f}" for window in windows))
        allowed = {"descriptors": lambda second: second + DESCRIPTORS,
                   "threads": lambda second: second + THREADS,
                   "series": lambda second: second + SERIES,
                   "rss_bytes": lambda second: second * MEMORY_RATIO + MEMORY_BYTES}
        found = {field: thirds(samples, field) for field in allowed}
        for field, medians in found.items():
            shown = [value / MIB for value in medians] if field == "rss_bytes" else medians
            print(f"{field:<12} medians of the thirds:", *(f"{value:,.0f}" for value in shown))
        print(f"{result['acknowledged']:,} events acknowledged, {len(samples)} samples", flush=True)
        for field, (_, second, last) in found.items():
            self.assertLessEqual(last, allowed[field](second), field)
        first = max(windows[0]["p99_ms"], WAIT_MS)
        self.assertLessEqual(windows[-1]["p99_ms"], WAIT_RATIO * first)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    main()
