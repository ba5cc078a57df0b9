# SPDX-License-Identifier: Apache-2.0
"""Many streams without limit: who cannot be served is told to wait, and nothing is lost.

python3 overload_test.py, with the environment of fault/acknowledged.py
"""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
from measured import MIB, sample_while, thirds
from acknowledged import FaultTest, full, main, read_journal, vigie_json

SECONDS = 300 if full() else 60
SOURCES = 40  # 40 streams of 8 batches of 512 are two and a half times the queue of 65,536.
BATCH = 512
RECOVERY_SECONDS = 60  # A deadline, not a claim.
# The last third of the time may take this much more than the first: write buffers fill meanwhile
# (32 MiB twice for each of five families), and what is known of stored decisions grows with them.
MEMORY_RATIO, MEMORY_BYTES = 1.25, 96 * MIB


class Overload(FaultTest):
    """More is offered than can be recorded."""

    def require_every_acknowledgement(self, daemon):
        """By the daemon's count: each event once, and no fewer than acknowledged."""
        states = {row["source"]["sourceId"]: row
                  for row in vigie_json(daemon, "sources")["sources"]}
        acknowledged = read_journal(self.journal)
        for source, last in acknowledged.items():
            delivered = sum(int(row["count"]) for row in states[source]["delivered"])
            self.assertEqual(delivered, int(states[source]["lastSequence"]), source)
            self.assertGreaterEqual(delivered, last, source)

    def test_is_told_to_wait_and_nothing_is_lost(self):
        daemon = self.start(config=self.config())
        feed = self.feed(daemon, sources=SOURCES, batch=BATCH, seconds=SECONDS, abandon=True,
                         reconnect=True)
        samples = sample_while(daemon, lambda: not feed.has_ended(), 0.5)
        code, result = feed.result()
        self.assertEqual((code, result["lost"], result["refused"]), (0, 0, 0), result)
        began = time.monotonic()
        ordinary = self.feed(daemon, self.aside / "ordinary", prefix="ordinary", sources=1,
                             last_sequence=600, batch=6)
        code, after = ordinary.result(RECOVERY_SECONDS)
        recovery = time.monotonic() - began
        self.assertEqual((code, after["acknowledged"]), (0, 600), after)

        served = len(read_journal(self.journal))
        rate = result["acknowledged"] / SECONDS
        first, _, last = thirds(samples, "rss_bytes")
        if result["broken"]:
            print(f"{result['broken']} connections broke: {result['broken_reason']}")
        print(f"offered {result['offered'] / SECONDS:,.0f} events a second, acknowledged "
              f"{rate:,.0f}; {result['shed']} streams told to wait {result['retry_delay_ms']} ms; "
              f"{result['duplicates']} events came again\n"
              f"{served} of {SOURCES} sources were served within the time\n"
              f"memory {first / MIB:.0f} MiB in the first third, {last / MIB:.0f} MiB in the last\n"
              f"afterwards 100 batches were acknowledged {recovery:.2f} s after the end",
              flush=True)
        self.assertGreater(result["shed"], 0, "the daemon was never full")
        # Who is told to wait while others fill the queue again may wait long, but few do.
        self.assertGreater(served, SOURCES // 2)
        self.assertGreater(result["retry_delay_ms"], 0)
        self.assertEqual(result["shed_reason"], "REFUSAL_REASON_QUEUE_FULL")
        self.assertLess(last, first * MEMORY_RATIO + MEMORY_BYTES)
        self.require_every_acknowledgement(daemon)
        self.assertEqual(daemon.stop(), 0)
        again = self.start(config=self.config())
        self.require_every_acknowledgement(again)
        self.assertEqual(again.stop(), 0)


if __name__ == "__main__":
    main()
