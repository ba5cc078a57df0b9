# SPDX-License-Identifier: Apache-2.0
"""A disk that fails to sync, and one that is full.

python3 disk_test.py [FailedSync|Full|Reserve], with the environment of acknowledged.py. Needs
strace and ptrace, or root; skipped elsewhere.
"""

import json
import os
import shutil

from acknowledged import FaultTest, full, get, main, run, vigie, wait_until

FAILED, REFUSED = 1, 3
# Which of a thread's syncs fails: while the store is opened, early and late under load.
SYNCS = {"fdatasync": (1, 2, 10, 60, 300), "fsync": (1, 2, 3)}
MORE_SYNCS = {"fdatasync": tuple(range(3, 10)) + (1000, 3000), "fsync": tuple(range(4, 10))}
DISK_BYTES = 256 << 20
RESERVE_BYTES = 64 << 20
ROOM_BYTES = 6 << 20
EVENTS_PER_SECOND = 4_000


class FailedSync(FaultTest):
    """The N-th sync of a thread answers EIO."""

    def setUp(self):
        super().setUp()
        if shutil.which("strace") is None:
            self.skipTest("needs strace")
        done = run(("strace", "-qq", "-e", "trace=none", "true"))
        if done.returncode != 0:
            self.skipTest(f"needs ptrace: {done.stderr.strip()}")

    def fail_one(self, call, number):
        """One round; its exit code."""
        # -D: the tracer is the grandchild, so that the daemon is ours to wait for. A sanitizer
        # cannot look for leaks in what is traced.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        daemon = self.launch(config=self.config(), wrapper=(
            "strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", self.aside / "trace",
            "-E", f"ASAN_OPTIONS={options}",
            "-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when={number}"))
        wait_until("the daemon to be ready or to end",
                   lambda: daemon.has_ended() or daemon.is_ready())
        if not daemon.has_ended():
            feed = self.feed(daemon.wait_ready(), batch=16, events_per_second=EVENTS_PER_SECOND)
            code, result = feed.result()
            self.assertEqual((code, result["lost"]), (1, 0), result)
        code = daemon.wait_end()
        trace = (self.aside / "trace").read_text(encoding="utf-8")
        self.assertIn("(INJECTED)", trace, f"{call} {number} was never made")
        sentence = self.require_sentence(daemon)
        print(f"{call} {number}: exit {code}: {sentence}", flush=True)
        return code

    def test_stops_the_daemon_and_nothing_is_lost(self):
        self.assertEqual(self.start(config=self.config()).stop(), 0)
        codes = []
        for syncs in (SYNCS, MORE_SYNCS) if full() else (SYNCS,):
            for call, numbers in syncs.items():
                codes += [self.fail_one(call, number) for number in numbers]
        self.assertLessEqual(set(codes), {FAILED, REFUSED})
        self.assertIn(FAILED, codes, "no sync failed under load")
        daemon = self.start(config=self.config())
        self.require_nothing_lost(daemon, "EIO from a sync", len(codes))
        self.require_sound(daemon)


class FullTest(FaultTest):
    """A small disk of memory, most of it taken by a file that can be removed."""

    def setUp(self):
        super().setUp()
        self.place = self.directory / "daemon"
        disk = self.place / "data"
        disk.mkdir(parents=True)
        done = run(("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", disk))
        if done.returncode != 0:
            self.skipTest(f"needs to mount a tmpfs: {done.stderr.strip()}")
        self.addCleanup(run, ("umount", "--lazy", disk))
        self.disk = disk

    def free_bytes(self):
        found = os.statvfs(self.disk)
        return found.f_bavail * found.f_frsize

    def fill(self, leaving):
        with open(self.disk / "ballast", "wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, self.free_bytes() - leaving)

    def empty(self):
        (self.disk / "ballast").unlink()


class Full(FullTest):
    """Without a reserve: the first write that fails is the end, and nothing is lost."""

    ROUNDS = 5 if full() else 2

    def fill_under_load(self):
        # A start folds what the round before left in the log, and rows take more room than blocks.
        self.assertEqual(self.start(config=self.config(disk_reserve_bytes=0)).stop(), 0)
        # Before the start: the room that the write-ahead log asks for at once is not there either.
        self.fill(leaving=ROOM_BYTES)
        daemon = self.start(config=self.config(disk_reserve_bytes=0))
        feed = self.feed(daemon, batch=64)
        code, result = feed.result()
        self.assertEqual((code, result["lost"]), (1, 0), result)
        self.assertEqual(daemon.wait_end(), FAILED, daemon.log())
        print(self.require_sentence(daemon), flush=True)
        self.empty()

    def test_stops_the_daemon_and_nothing_is_lost(self):
        for _ in range(self.ROUNDS):
            self.fill_under_load()
        daemon = self.start(config=self.config(disk_reserve_bytes=0))
        self.require_nothing_lost(daemon, "disk full", self.ROUNDS)
        self.require_sound(daemon)


class Reserve(FullTest):
    """With a reserve: it refuses before the disk is full, and goes on by itself."""

    ROUNDS = 5 if full() else 2

    def refuse_and_go_on(self, daemon):
        self.fill(leaving=RESERVE_BYTES - (1 << 20))
        feed = self.feed(daemon, batch=64, seconds=5)
        # Nobody records, everybody may ask.
        while not feed.has_ended():
            self.assertEqual(vigie(daemon, "summary").returncode, 0)
            self.assertEqual(get(f"http://{daemon.http}/healthz")[0], 200)
        code, result = feed.result()
        self.assertEqual((code, result["lost"]), (0, 0), result)
        self.assertGreater(result["shed"], 0, result)
        self.assertGreater(result["retry_delay_ms"], 0, result)
        self.assertEqual(result["shed_reason"], "REFUSAL_REASON_DISK_RESERVE", result)
        print(json.dumps({key: result[key] for key in ("acknowledged", "shed", "retry_delay_ms")}),
              f"{self.free_bytes()} bytes free", flush=True)
        # What was taken in before is written within it: blocks that leave memory, tables of views.
        self.assertGreater(self.free_bytes(), RESERVE_BYTES // 2, "the reserve was used up")
        again = self.feed(daemon, batch=64)
        self.empty()
        self.wait_for_acknowledgements(again, events=1000)
        again.stop()

    def test_refuses_and_goes_on_without_a_restart(self):
        daemon = self.start(config=self.config(disk_reserve_bytes=RESERVE_BYTES))
        # A summary needs something recorded.
        before = self.feed(daemon, batch=64)
        self.wait_for_acknowledgements(before, events=1000)
        before.stop()
        for _ in range(self.ROUNDS):
            self.refuse_and_go_on(daemon)
        daemon.require_alive()
        self.require_nothing_lost(daemon, "disk down to its reserve", self.ROUNDS)
        self.require_sound(daemon)


if __name__ == "__main__":
    main()
