# SPDX-License-Identifier: Apache-2.0
"""Power loss: a file system of its own is shut down under load, which drops what was not synced.

python3 power_test.py [Power|Control], with the environment of acknowledged.py; NO_SYNC names the
library of the negative control. Needs root, loop devices and xfs_io; skipped elsewhere.
"""

import os
import pathlib
import random
import shutil

from acknowledged import Failure, FaultTest, Toll, count, full, main, pause, run, seed, wait_until

ROUNDS = 20 if full() else 3
CONTROL_ROUNDS = 5  # At most, until something is lost.
IMAGE_BYTES = 1 << 30  # Sparse.
EVENTS_PER_SECOND = 10_000
BATCHES = (7, 64, 512)
MAKE = {"xfs": ("mkfs.xfs", "-q", "-f"), "ext4": ("mkfs.ext4", "-q", "-F")}
TOOLS = ("xfs_io", "mkfs.xfs", "mkfs.ext4", "mount", "umount")


class Disk:
    """A file system in a file, mounted at `place`."""

    def __init__(self, kind, directory):
        self.image = directory / f"{kind}.img"
        self.place = directory / kind
        self.place.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(IMAGE_BYTES)
        self._do(*MAKE[kind], self.image)
        self.mount()

    @staticmethod
    def _do(*command):
        done = run(command, seconds=60)
        if done.returncode != 0:
            raise Failure(f"{' '.join(map(str, command))}: {done.stderr}")

    def mount(self):
        self._do("mount", "-o", "loop", self.image, self.place)

    def unmount(self):
        self._do("umount", self.place)

    def lose_power(self):
        """From here on nothing reaches the image, and what was not synced is forgotten."""
        self._do("xfs_io", "-x", "-c", "shutdown", self.place)

    def clean_up(self):
        run(("umount", "--lazy", self.place))


class PowerTest(FaultTest):
    """Has disks, whose daemons can lose their power."""

    def setUp(self):
        super().setUp()
        missing = [tool for tool in TOOLS if shutil.which(tool) is None]
        if os.geteuid() != 0 or missing:
            self.skipTest(f"needs root, and {', '.join(missing) or 'nothing else'}")

    def disk(self, kind, name):
        place = self.directory / name
        place.mkdir()
        try:
            disk = Disk(kind, place)
        except Failure as failure:
            self.skipTest(f"needs loop devices and {kind}: {failure}")
        self.addCleanup(disk.clean_up)
        # What the daemon prints stays outside.
        (place / "data").symlink_to(disk.place, target_is_directory=True)
        return disk

    def lose_power_under_load(self, disk, name, chance, **options):
        """One round: start, send, lose power; the disk is mounted again after it.

        A machine without power says nothing more. So the daemon is frozen first: a sync that the
        shutdown of a file system overtakes may answer success for what is gone (in 15 of 250
        shutdowns of XFS beside a program that only appends and syncs; in none of 250 when that is
        frozen first), and an acknowledgement of it would not have left a real machine.
        """
        daemon = self.start(name, config=self.config(), **options)
        feed = self.feed(daemon, batch=chance.choice(BATCHES), prefix=name,
                         events_per_second=EVENTS_PER_SECOND)
        self.wait_for_acknowledgements(feed)
        pause(chance.uniform(0, 1))
        daemon.freeze()
        disk.lose_power()
        daemon.kill()
        code, result = feed.result()
        self.assertEqual((code, result["lost"]), (1, 0), result)
        wait_until("the disk to be free", lambda: run(("umount", disk.place)).returncode == 0)
        disk.mount()
        return result


class Power(PowerTest):
    """With syncs: an acknowledgement survives."""

    def try_rounds(self, kind, rounds, chance):
        self.journal = self.aside / kind
        disk = self.disk(kind, kind)
        for _ in range(rounds):
            self.lose_power_under_load(disk, kind, chance)
        daemon = self.start(kind, config=self.config())
        toll = count(daemon, self.journal)
        self.row(f"power loss, {kind}", rounds, toll)
        self.assertEqual((toll.lost, toll.duplicated), (0, 0), toll)
        # And it goes on from there.
        code, result = self.feed(daemon, prefix=kind, seconds=0.5).result()
        self.assertEqual((code, result["lost"]), (0, 0), result)
        self.require_sound(daemon)

    def test_nothing_acknowledged_is_lost_or_doubled(self):
        chance = random.Random(seed())
        self.try_rounds("xfs", ROUNDS - ROUNDS // 2, chance)
        self.try_rounds("ext4", ROUNDS // 2, chance)


class Control(PowerTest):
    """Without syncs: an acknowledgement does not survive, or the test above could not fail."""

    def lost(self, daemon):
        """The toll; all of it where the daemon refuses what is left of its directory."""
        try:
            daemon.wait_ready()
        except Failure:
            self.require_sentence(daemon)
            return Toll(self.acknowledged(), self.acknowledged(), 0, 0)
        return count(daemon, self.journal)

    def test_something_acknowledged_is_lost(self):
        chance = random.Random(seed())
        library = pathlib.Path(os.environ["NO_SYNC"])
        self.assertTrue(library.exists())
        # The sanitizer's own library would insist on being first.
        lying = ("env", f"LD_PRELOAD={library}",
                 f"ASAN_OPTIONS={os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0")
        for number in range(1, CONTROL_ROUNDS + 1):
            name = f"control-{number}"
            self.journal = self.aside / name
            disk = self.disk("xfs", name)
            self.lose_power_under_load(disk, name, chance, wrapper=lying)
            daemon = self.launch(name, config=self.config())
            toll = self.lost(daemon)
            daemon.stop()
            if toll.lost > 0:
                break
        self.row("power loss, syncs left out", number, toll, control=True)
        self.assertGreater(toll.lost, 0, "a power loss that loses nothing proves nothing")


if __name__ == "__main__":
    main()
